package tee

import (
	"encoding/json"
	"time"
)

// A Record is what is known of a call when it is over. It is a plain value;
// what its bodies point to is shared, and must not be changed.
//
// As JSON it has the names of the tags, but for durations, which are
// milliseconds. What is empty is left out there if it concerns few calls.
type Record struct {
	Time      time.Time `json:"time"` // when the call came
	TraceID   string    `json:"traceId"`
	SpanID    string    `json:"spanId"`
	Dialect   string    `json:"dialect"` // the caller's protocol
	Path      string    `json:"path"`    // of the caller's URL
	Model     string    `json:"model"`   // that the caller named
	Stream    bool      `json:"stream"`
	ChannelID string    `json:"channelId"` // of the one that answered last; "" for none
	Channel   string    `json:"channel"`   // its name
	Upstream  string    `json:"upstreamModel"`
	RuleID    string    `json:"ruleId,omitempty"`
	Rule      string    `json:"rule,omitempty"`    // its name
	Session   string    `json:"session,omitempty"` // that the call belongs to
	Caller    string    `json:"caller,omitempty"`  // who made the call, as the host knows them
	Status    int       `json:"status"`            // given to the caller; 0 when the caller left before
	Class     string    `json:"class,omitempty"`   // of the failure; "" for success
	Error     string    `json:"error,omitempty"`
	Attempts  int       `json:"attempts"`
	Copy      bool      `json:"copy,omitempty"` // a copy of a call, for a channel on trial: no caller got its answer

	Input      int64 `json:"inputTokens"`
	Output     int64 `json:"outputTokens"`
	CacheRead  int64 `json:"cacheReadTokens"`
	CacheWrite int64 `json:"cacheWriteTokens"`
	Reasoning  int64 `json:"reasoningTokens"`
	// Cost is null as JSON when it is not known.
	Cost      float64 `json:"cost"`
	CostKnown bool    `json:"-"`

	FirstByte time.Duration `json:"firstTokenMs"` // until the answer was handed over
	Duration  time.Duration `json:"durationMs"`   // until all was over

	// Request and Response are what was said: each a whole JSON text, which is
	// a string when the body was none, or when it is cut; nil when it was not
	// captured.
	Request  json.RawMessage `json:"request,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
	// Streamed is what Response is to be made of; nil when it needs no making.
	// See [Record.Answer].
	Streamed *Streamed `json:"-"`
	// RequestBytes and ResponseBytes are how long the bodies really were.
	RequestBytes  int64 `json:"requestBytes,omitempty"`
	ResponseBytes int64 `json:"responseBytes,omitempty"`
	// RequestCut and ResponseCut say that there is only the beginning of the
	// body, as a JSON string.
	RequestCut  bool `json:"requestCut,omitempty"`
	ResponseCut bool `json:"responseCut,omitempty"`

	fit bool // the bodies are known to be JSON texts of one line
}

// Succeeded reports whether the caller got a whole answer.
func (r *Record) Succeeded() bool { return r.Class == "" }
