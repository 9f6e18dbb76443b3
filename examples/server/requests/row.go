package requests

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

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
	Status       int    `json:"status"`      // 0 when the caller left before
	Class        string `json:"class"`       // of the failure; "" for success
	Error        string `json:"error,omitempty"`
	Latency      int64  `json:"latency"` // milliseconds until all was over
	InputTokens  int64  `json:"inputTokens"`
	OutputTokens int64  `json:"outputTokens"`
	CachedTokens int64  `json:"cachedTokens"`
	// Cost in the currency of the channel's prices; nil when they are not
	// known.
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

// A row is a call as it is kept.
type row struct {
	Call
	Decision json.RawMessage
}

// overhead is about what a row takes besides its texts, with the indexes.
const overhead = 400

func (r *row) size() int64 {
	return int64(overhead + len(r.Path) + len(r.Channel) + len(r.Model) + len(r.Error) + len(r.Decision))
}

// maxText bounds a text in bytes: callers can name a model as they like.
const maxText = 1000

// keepable is a text that every database takes.
func keepable(text string) string {
	if len(text) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "�"), "�")
}

func newRow(e entry) row {
	d := e.decision
	r := row{Call: Call{
		ID: e.id, Timestamp: d.Time.UnixMilli(), TraceID: d.TraceID.String(), Path: keepable(d.Path),
		ChannelID: d.ChannelID, Channel: keepable(d.Channel), Model: keepable(d.Model),
		Status: d.Status, Class: string(d.Class), Error: keepable(d.Error), Latency: d.Duration.Milliseconds(),
		InputTokens: d.Usage.Input, OutputTokens: d.Usage.Output, CachedTokens: d.Usage.CacheRead, Cost: e.cost,
	}}
	var err error
	if r.Decision, err = json.Marshal(newDecision(d)); err != nil { // it has nothing that cannot be JSON
		r.Decision = []byte("{}")
	}
	return r
}

func newDecision(d *routex.Decision) Decision {
	out := Decision{
		SpanID: d.SpanID.String(), Dialect: d.Dialect, Stream: d.Stream, Model: keepable(d.UpstreamModel),
		Candidates: d.Candidates, Affinity: d.Affinity, Losses: d.Losses, UsageEstimated: d.UsageEstimated, SkippedEvents: d.SkippedEvents,
		Agent: keepable(d.Agent), ParentAgent: keepable(d.ParentAgent), Shadow: d.Shadow, Copy: d.Copy,
		WaitMs: d.Wait.Milliseconds(), FirstTokenMs: upMilliseconds(d.FirstByte),
		Attempts: make([]Attempt, 0, len(d.Attempts)),
	}
	if d.Rule != "" || d.RuleID != "" {
		out.Rule = &Rule{d.RuleID, d.Rule}
	}
	if d.UsageKnown || d.UsageEstimated {
		out.Usage = &d.Usage
	}
	if out.Candidates == nil {
		out.Candidates = []routex.Candidate{}
	}
	if out.Losses == nil {
		out.Losses = []transform.Loss{}
	}
	for _, a := range d.Attempts {
		out.Attempts = append(out.Attempts, Attempt{
			ChannelID: a.ChannelID, Channel: a.Channel, Key: a.Key, Model: keepable(a.Model), Class: a.Class, Reason: a.Reason,
			Status: a.Status, Error: keepable(a.Error), Hedge: a.Hedge, Resumes: a.Resumes,
			StartedAt: a.StartedAt.UnixMilli(), DurationMs: a.Duration.Milliseconds(), FirstTokenMs: upMilliseconds(a.FirstByte),
		})
	}
	return out
}

// upMilliseconds keeps what took less than one from looking like never.
func upMilliseconds(d time.Duration) int64 {
	if d > 0 && d < time.Millisecond {
		return 1
	}
	return d.Milliseconds()
}
