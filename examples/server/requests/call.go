package requests

import (
	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// A Call is what the log tells of a call in a list.
type Call struct {
	ID           string `json:"id"`
	Timestamp    int64  `json:"timestamp"` // when it came, in milliseconds since 1970
	TraceID      string `json:"traceId"`
	Path         string `json:"path"`
	ChannelID    string `json:"channelId"`   // that answered last; "" for none
	Channel      string `json:"channelName"` // its name at that time
	Model        string `json:"model"`       // that the caller named
	ClientKeyID  string `json:"clientKeyId"` // as routex.WithCaller names the caller; "" for none
	Status       int    `json:"status"`      // 0 when the caller left before
	Class        string `json:"class"`       // of the failure; "" for success
	Error        string `json:"error,omitempty"`
	Latency      int64  `json:"latency"` // milliseconds until all was over
	InputTokens  int64  `json:"inputTokens"`
	OutputTokens int64  `json:"outputTokens"`
	CachedTokens int64  `json:"cachedTokens"`
	// Cost is that of the Decision; nil when it is not known.
	Cost *float64 `json:"cost"`
}

// A Decision is what else is kept of a call.
type Decision struct {
	SpanID         string             `json:"spanId"`
	Dialect        transform.Dialect  `json:"dialect"`
	Stream         bool               `json:"stream"`
	Rule           *Rule              `json:"rule"`  // null when none chose
	Model          string             `json:"model"` // that the channel was asked for
	Candidates     []routex.Candidate `json:"candidates"`
	Affinity       *routex.Affinity   `json:"affinity"`
	Losses         []transform.Loss   `json:"losses"`
	Attempts       []Attempt          `json:"attempts"`
	Usage          *transform.Usage   `json:"usage"` // null when it is not known
	UsageEstimated bool               `json:"usageEstimated,omitempty"`
	SkippedEvents  int                `json:"skippedEvents,omitempty"`
	Agent          string             `json:"agent,omitempty"`
	ParentAgent    string             `json:"parentAgent,omitempty"`
	Shadow         string             `json:"shadow,omitempty"`
	Copy           bool               `json:"copy,omitempty"`
	WaitMs         int64              `json:"waitMs,omitempty"`
	FirstTokenMs   int64              `json:"firstTokenMs"` // until the answer was handed over
}

// A Rule names a rule.
type Rule struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An Attempt is one request to one channel.
type Attempt struct {
	SpanID       string         `json:"spanId"` // below that of the Decision
	ChannelID    string         `json:"channelId"`
	Channel      string         `json:"channel"`
	Key          string         `json:"key,omitempty"` // masked
	Model        string         `json:"model"`
	Class        breaker.Class  `json:"class"`
	Reason       breaker.Reason `json:"reason,omitempty"`
	Status       int            `json:"status"`
	Error        string         `json:"error,omitempty"`
	Hedge        bool           `json:"hedge,omitempty"`
	Resumes      bool           `json:"resumes,omitempty"`
	StartedAt    int64          `json:"startedAt"` // milliseconds since 1970
	DurationMs   int64          `json:"durationMs"`
	FirstTokenMs int64          `json:"firstTokenMs"` // 0 if never
}
