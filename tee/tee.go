// Package tee copies what is known of every call to sinks: logs, queues,
// accounting. A [Queue] keeps a slow sink from delaying anybody.
package tee

import (
	"context"
	"time"
)

// A Record is what is known of a call when it is over.
type Record struct {
	Time      time.Time     `json:"time"`
	TraceID   string        `json:"traceId"`
	Dialect   string        `json:"dialect"` // the caller's protocol
	Model     string        `json:"model"`   // that the caller named
	Stream    bool          `json:"stream"`
	Channel   string        `json:"channel"` // name of the one that answered; "" for none
	Upstream  string        `json:"upstreamModel"`
	Rule      string        `json:"rule,omitempty"`
	Status    int           `json:"status"`
	Class     string        `json:"class,omitempty"` // of the failure; "" for success
	Error     string        `json:"error,omitempty"`
	Attempts  int           `json:"attempts"`
	Input     int64         `json:"inputTokens"`
	Output    int64         `json:"outputTokens"`
	FirstByte time.Duration `json:"firstByte"`
	Duration  time.Duration `json:"duration"`
}

// A Sink takes records. Write must not keep r, and is called by many
// goroutines at the same time.
type Sink interface {
	Write(ctx context.Context, r *Record) error
}

// Func is a function as a [Sink].
type Func func(ctx context.Context, r *Record) error

// Write calls f.
func (f Func) Write(ctx context.Context, r *Record) error { return f(ctx, r) }
