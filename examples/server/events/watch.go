package events

import (
	"slices"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/tee"
)

// watch looks at channels and tees and tells what has changed, until nobody
// listens any more. That a circuit lets a probe in, or that a rest is over, is
// no event of anybody's: time has passed.
func (h *Hub) watch(channels []ChannelView, tees []TeeView) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-h.done:
			return
		case now := <-ticker.C:
			if h.rest(now) {
				return
			}
		}
		channels = changed(channels, h.channels(), func(c ChannelView) string { return c.ID }, func(c ChannelView) {
			h.publish(TypeChannel, c)
		}, func(c ChannelView) { h.publish(TypeChannel, ChannelView{ID: c.ID, Name: c.Name, Deleted: true}) })
		tees = changed(tees, h.tees(), func(t TeeView) string { return t.ID }, func(t TeeView) {
			h.publish(TypeTee, t)
		}, func(t TeeView) { h.publish(TypeTee, TeeView{ID: t.ID, Name: t.Name, Deleted: true}) })
	}
}

// changed tells what is new or not as it was, and what is gone. It gives what is
// there now.
func changed[T comparable](before, now []T, id func(T) string, tell, gone func(T)) []T {
	for _, v := range now {
		if !slices.Contains(before, v) {
			tell(v)
		}
	}
	for _, old := range before {
		if !slices.ContainsFunc(now, func(v T) bool { return id(v) == id(old) }) {
			gone(old)
		}
	}
	return now
}

func (h *Hub) channels() []ChannelView {
	if h.o.Channels == nil {
		return nil
	}
	return viewAll(h.o.Channels(), viewChannel)
}

func (h *Hub) tees() []TeeView {
	if h.o.Tees == nil {
		return nil
	}
	return viewAll(h.o.Tees(), viewTee)
}

func viewAll[T, V any](list []T, view func(*T) V) []V {
	out := make([]V, len(list))
	for i := range list {
		out[i] = view(&list[i])
	}
	return out
}

// A DecisionView is what is told of a call: who asked for what, who answered,
// and what came of it, but nothing of what was said.
type DecisionView struct {
	TraceID      string   `json:"traceId"`
	Time         int64    `json:"time"` // when it came, in milliseconds since 1970
	Dialect      string   `json:"dialect"`
	Path         string   `json:"path"`
	Model        string   `json:"model"`
	Stream       bool     `json:"stream"`
	ClientKey    string   `json:"clientKey,omitempty"`
	RuleID       string   `json:"ruleId,omitempty"`
	Rule         string   `json:"rule,omitempty"`
	ChannelID    string   `json:"channelId"`
	Channel      string   `json:"channel"`
	Upstream     string   `json:"upstreamModel"`
	Attempts     int      `json:"attempts"`
	Status       int      `json:"status"`
	Class        string   `json:"class"` // of its failure; "" for success
	InputTokens  int64    `json:"inputTokens"`
	OutputTokens int64    `json:"outputTokens"`
	CachedTokens int64    `json:"cachedTokens"`
	Cost         *float64 `json:"cost"` // null when it is not known
	FirstTokenMs int64    `json:"firstTokenMs"`
	DurationMs   int64    `json:"durationMs"`
	Copy         bool     `json:"copy,omitempty"`
}

// A ChannelView is how a channel is doing.
type ChannelView struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Enabled       bool   `json:"enabled"`
	Circuit       string `json:"circuit"`       // closed, open or half-open
	CooldownUntil int64  `json:"cooldownUntil"` // in milliseconds since 1970; 0 when it does not rest
	Deleted       bool   `json:"deleted,omitempty"`
}

// A TeeView is how a tee is doing.
type TeeView struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Queued      int    `json:"queued"`
	Sent        int64  `json:"sent"`
	Failed      int64  `json:"failed"`
	Dropped     int64  `json:"dropped"`
	Failing     bool   `json:"failing"`
	LastError   string `json:"lastError"`
	LastErrorAt int64  `json:"lastErrorAt"` // in milliseconds since 1970; 0 for never
	Deleted     bool   `json:"deleted,omitempty"`
}

func viewDecision(d *routex.Decision) *DecisionView {
	return &DecisionView{
		TraceID: d.TraceID.String(), Time: d.Time.UnixMilli(), Dialect: string(d.Dialect), Path: d.Path, Model: d.Model, Stream: d.Stream,
		ClientKey: d.Caller, RuleID: d.RuleID, Rule: d.Rule, ChannelID: d.ChannelID, Channel: d.Channel, Upstream: d.UpstreamModel,
		Attempts: len(d.Attempts), Status: d.Status, Class: string(d.Class),
		InputTokens: d.Usage.Input, OutputTokens: d.Usage.Output, CachedTokens: d.Usage.CacheRead, Cost: d.Cost,
		FirstTokenMs: d.FirstByte.Milliseconds(), DurationMs: d.Duration.Milliseconds(), Copy: d.Copy,
	}
}

func viewChannel(s *routex.ChannelStatus) ChannelView {
	return ChannelView{ID: s.ID, Name: s.Name, Enabled: !s.Disabled, Circuit: string(s.Circuit), CooldownUntil: milliseconds(s.CooldownUntil)}
}

func viewTee(s *tee.Stats) TeeView {
	return TeeView{
		ID: s.ID, Name: s.Name, Queued: s.Queued, Sent: s.Sent, Failed: s.Failed, Dropped: s.Dropped,
		Failing: s.Failing, LastError: s.LastError, LastErrorAt: milliseconds(s.LastErrorAt),
	}
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
