package routex

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// A Decision says everything that Routex decided about one call, and what came
// of it.
type Decision struct {
	TraceID  trace.TraceID     `json:"traceId"`
	SpanID   trace.SpanID      `json:"spanId"`
	Time     time.Time         `json:"time"`     // when the call came
	Dialect  transform.Dialect `json:"dialect"`  // the caller's protocol
	Path     string            `json:"path"`     // of the caller's URL
	Model    string            `json:"model"`    // that the caller named; "" if the body could not be read
	Stream   bool              `json:"stream"`   // whether the caller asked for a stream
	RuleID   string            `json:"ruleId"`   // "" when no rule chose
	Rule     string            `json:"rule"`     // its name
	Affinity *Affinity         `json:"affinity"` // nil when the call belongs to no session
	// Agent and ParentAgent name the program that makes the call, and the one
	// that started it, as Claude Code does; "" when it does not say.
	Agent       string `json:"agent,omitempty"`
	ParentAgent string `json:"parentAgent,omitempty"`
	Caller      string `json:"caller,omitempty"` // as WithCaller names it

	// Shadow is the channel that got a copy of the call, by its name; "" for
	// none. Copy says that the call is such a copy, whose answer goes nowhere.
	Shadow string `json:"shadow,omitempty"`
	Copy   bool   `json:"copy,omitempty"`

	// Candidates are all the channels, with the reason why each was left out.
	Candidates []Candidate      `json:"candidates"`
	Attempts   []Attempt        `json:"attempts"` // in the order in which they were made
	Losses     []transform.Loss `json:"losses"`   // of the attempt that the answer is from, else of the last

	// Rules are the verdicts of the rules, Order the channels that would be
	// asked one after the other, and Tokens those of the input by estimate:
	// only Explain tells them.
	Rules  []router.Verdict `json:"rules,omitempty"`
	Order  []string         `json:"order,omitempty"`
	Tokens int64            `json:"tokens,omitempty"`

	ChannelID     string          `json:"channelId"` // that answered last; "" for none
	Channel       string          `json:"channel"`   // its name
	UpstreamModel string          `json:"upstreamModel"`
	Status        int             `json:"status"` // given to the caller; 0 when the caller left before
	Class         breaker.Class   `json:"class"`  // of the failure that the caller saw; "" for success
	Error         string          `json:"error,omitempty"`
	Usage         transform.Usage `json:"usage"`
	UsageKnown    bool            `json:"usageKnown"` // whether the provider reported Usage
	// UsageEstimated says that the provider reported none, or not all, and
	// Usage is about what the lengths of call and answer tell.
	UsageEstimated bool `json:"usageEstimated,omitempty"`
	// Cost is what the call has cost by the prices of the channels that were
	// asked: that of Usage, and of what attempts have used that failed after
	// they had begun to answer. It is 0 for a call that used nothing, and nil
	// while it is not over or when nobody can say: a price is not known, or
	// what was used. It must not be written to.
	Cost *float64 `json:"cost,omitempty"`
	// SkippedEvents were none of the provider's protocol, and were left out.
	SkippedEvents int `json:"skippedEvents,omitempty"`
	// Wait is how long the call waited because every channel was resting.
	Wait      time.Duration `json:"wait,omitempty"`
	FirstByte time.Duration `json:"firstByte"` // from Time until the answer was handed over
	Duration  time.Duration `json:"duration"`  // from Time until all was over; 0 while it is not
}

// Affinity says what the session of a call had to do with its channel.
type Affinity struct {
	Key string `json:"key"` // of the session
	// Source is the header or the field of the body that named it, WithSession,
	// or "conversation" when nobody did and the key is a hash of how the
	// conversation begins.
	Source  string `json:"source"`
	Channel string `json:"channel"` // ID of the channel it was bound to, "" if new
	Hit     bool   `json:"hit"`     // whether that channel was tried first for it
}

// A Candidate is a channel that could have been asked.
type Candidate struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Included bool   `json:"included"`
	Why      string `json:"why,omitempty"` // it was left out
}

// An Attempt is one request to one channel.
type Attempt struct {
	SpanID    trace.SpanID  `json:"spanId"` // below that of the Decision
	ChannelID string        `json:"channelId"`
	Channel   string        `json:"channel"`
	Key       string        `json:"key,omitempty"` // of the channel, masked: sk-a****1234
	Model     string        `json:"model"`         // asked of the channel
	Class     breaker.Class `json:"class"`         // "" for success
	// Reason narrows Class; "" for nothing more.
	Reason breaker.Reason `json:"reason,omitempty"`
	Status int            `json:"status"`
	Error  string         `json:"error,omitempty"`
	// Hedge says that it was made beside another that was late.
	Hedge bool `json:"hedge,omitempty"`
	// Resumes says that it went on with an answer that had broken off.
	Resumes   bool      `json:"resumes,omitempty"`
	StartedAt time.Time `json:"startedAt"`
	// FirstByte is the time until the answer proved itself; 0 if never.
	FirstByte time.Duration `json:"firstByte"`
	// Duration is the time until the attempt was over; 0 while it is not.
	Duration time.Duration `json:"duration"`
}

// Succeeded reports whether the caller got a whole answer.
func (d *Decision) Succeeded() bool { return d.Duration > 0 && d.Class == breaker.OK }

// clone copies what a later event of the call could change.
func (d *Decision) clone() *Decision {
	c := *d
	c.Attempts = slices.Clone(d.Attempts)
	c.Losses = slices.Clone(d.Losses)
	c.Candidates = slices.Clone(d.Candidates)
	c.Rules, c.Order = slices.Clone(d.Rules), slices.Clone(d.Order)
	return &c
}

// A Record receives the Decision of a call. It is safe for concurrent use.
type Record struct {
	outer *Record // that the context had before; nil for none
	brief bool    // of the Decision only a digest is wanted
	mu    sync.Mutex
	d     *Decision // under mu; never written to, as other Records have it too
	told  digest    // under mu, for a brief one
}

// Decision is what is known now: nil before the call is decided, all but the
// end while its answer is read, and everything once the body has ended or was
// closed. The value is a copy.
func (r *Record) Decision() *Decision {
	if d := r.look(); d != nil {
		return d.clone()
	}
	return nil
}

// look is Decision for who only reads it.
func (r *Record) look() *Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.d
}

// set tells the Record, and those around it, what d is now.
func (r *Record) set(d *Decision) {
	if r == nil {
		return
	}
	var shared *Decision
	for ; r != nil; r = r.outer {
		if shared == nil && !r.brief {
			shared = d.clone()
		}
		r.mu.Lock()
		if r.brief {
			r.told = digestOf(d)
		} else {
			r.d = shared
		}
		r.mu.Unlock()
	}
}

type recordKey struct{}

// WithRecord asks for the Decision of the call that is made with the context
// it gives. With several calls, the Record holds the latest. One that was asked
// for before, as by a host around a [Transport.Handler], gets it too.
func WithRecord(ctx context.Context) (context.Context, *Record) {
	rec := &Record{outer: recordOf(ctx)}
	return context.WithValue(ctx, recordKey{}, rec), rec
}

func recordOf(ctx context.Context) *Record {
	rec, _ := ctx.Value(recordKey{}).(*Record)
	return rec
}
