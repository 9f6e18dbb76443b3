package routex

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
)

// meter gives the metrics of a snapshot that is to be the next: those of the
// present one, if it has the same Meter. It is called under updates.
func (t *Transport) meter(next, prev *snapshot) (m *trace.Metrics, err error) {
	switch {
	case next.cfg.Meter == nil || !t.metered:
		return nil, nil
	case prev != nil && prev.metrics != nil && sameMeter(next.cfg.Meter, prev.cfg.Meter):
		m = prev.metrics
	default:
		if m, err = trace.NewMetrics(next.cfg.Meter, classes(), t.channelStates); err != nil {
			return nil, fmt.Errorf("the Meter makes no instruments: %w", err)
		}
	}
	m.Configure(next.listed())
	return m, nil
}

// sameMeter compares what may be of any type.
func sameMeter(a, b metric.Meter) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// unmeter ends the metrics of a snapshot that the next one does not go on with.
// The snapshot may be nil.
func (s *snapshot) unmeter(next *snapshot) {
	if s != nil && s.metrics != next.metrics {
		s.cfg.logUnmetered(s.metrics.Close())
	}
}

// logUnmetered tells of a Meter that does not let go, which changes nothing.
func (c *Config) logUnmetered(err error) {
	if err != nil {
		c.Logger.Warn("the Meter does not let the metrics go", "error", err)
	}
}

// endMetrics lets nothing be read any more, nor be registered again.
func (t *Transport) endMetrics() {
	t.updates.Lock()
	defer t.updates.Unlock()
	if s := t.current.Load(); t.metered {
		t.metered = false
		s.cfg.logUnmetered(s.metrics.Close())
	}
}

// classes are those of failures.
func classes() []string {
	all := [...]breaker.Class{
		breaker.Caller, breaker.Credential, breaker.Rate, breaker.Overload, breaker.Server, breaker.Conflict,
		breaker.Network, breaker.Timeout, breaker.HangUp,
	}
	names := make([]string, len(all))
	for i, class := range all {
		names[i] = string(class)
	}
	return names
}

// listed are the channels, with the models that they list by name.
func (s *snapshot) listed() []trace.ChannelModels {
	list := make([]trace.ChannelModels, 0, len(s.channels))
	for _, ch := range s.channels {
		c := trace.ChannelModels{Channel: ch.Name}
		for _, model := range ch.Models {
			if !strings.Contains(model, "*") {
				c.Models = append(c.Models, model)
			}
		}
		for model := range ch.ModelMap {
			if !strings.Contains(model, "*") {
				c.Models = append(c.Models, model)
			}
		}
		list = append(list, c)
	}
	return list
}

// channelStates says how the channels are doing now.
func (t *Transport) channelStates() trace.MetricsState {
	s := t.current.Load()
	if s == nil { // the first one is being made
		return trace.MetricsState{}
	}
	now := time.Now()
	states := make([]trace.ChannelState, 0, len(s.channels))
	for _, ch := range s.channels {
		states = append(states, trace.ChannelState{
			Name: ch.Name, Enabled: !ch.Disabled, Cooling: !ch.coolingUntil(now).IsZero(),
			Open: ch.account.circuit.State() != breaker.Closed, Opened: ch.account.circuit.Opened(),
			InFlight: ch.load.InFlight(),
		})
	}
	return trace.MetricsState{Channels: states, Tees: s.teeStates()}
}

// teeStates says how the sinks are doing that know it, a [tee.Tee] or a set of
// them.
func (s *snapshot) teeStates() (states []trace.TeeState) {
	note := func(stats ...tee.Stats) {
		for _, t := range stats {
			states = append(states, trace.TeeState{
				Name: cmp.Or(t.Name, t.ID), Queued: int64(t.Queued), Sent: t.Sent, Failed: t.Failed, Dropped: t.Dropped,
			})
		}
	}
	for _, sink := range s.cfg.Sinks {
		switch sink := sink.(type) {
		case interface{ Stats() tee.Stats }:
			note(sink.Stats())
		case interface{ Stats() []tee.Stats }:
			note(sink.Stats()...)
		}
	}
	return states
}

// measure counts a call that is over, and its attempts.
func (c *call) measure() {
	m := c.s.metrics
	if m == nil || c.explains {
		return
	}
	d := &c.d
	for i := range d.Attempts {
		a := &d.Attempts[i]
		m.Attempt(&trace.AttemptMetrics{
			Channel: a.Channel, Model: d.Model, Class: string(a.Class), Retry: d.askedBefore(i), Hedge: a.Hedge,
			Resumed: a.Resumes && a.FirstByte > 0, Failover: d.failsOver(i),
		})
	}
	stats := trace.CallMetrics{
		Channel: d.Channel, Model: d.Model, Outcome: d.outcome(), Class: string(d.Class), Copy: d.Copy, Lossy: len(d.Losses) > 0,
		UsageKnown: d.UsageKnown,
		Input:      d.Usage.Input, Output: d.Usage.Output, CacheRead: d.Usage.CacheRead, CacheWrite: d.Usage.CacheWrite, Reasoning: d.Usage.Reasoning,
		Duration: d.Duration, Own: c.times.own(),
	}
	if d.Cost != nil {
		stats.Cost = *d.Cost
	}
	if ch := c.s.byRef[d.ChannelID]; ch != nil {
		stats.Provider = ch.provider
	}
	switch c.endpoint.kind {
	case callsModel, embedsText:
		stats.Operation = c.endpoint.operation()
	}
	if d.Stream && c.times.begun {
		stats.First = d.FirstByte
		if c.times.pieces > 1 {
			stats.PerChunk = (d.Duration - d.FirstByte) / time.Duration(c.times.pieces-1)
		}
	}
	ctx := context.Background()
	if c.span.On() { // it makes an example; that its caller has left does not matter
		ctx = context.WithoutCancel(c.ctx)
	}
	m.Call(ctx, &stats)
}

// outcome says how the call ended. What is the caller's own doing is nobody's
// failure.
func (d *Decision) outcome() trace.Outcome {
	switch d.Class {
	case breaker.OK:
		return trace.Succeeded
	case breaker.Caller:
		return trace.Rejected
	case breaker.HangUp:
		return trace.Canceled
	}
	return trace.Failed
}

// askedBefore reports an attempt at a channel that the call had asked before.
func (d *Decision) askedBefore(i int) bool {
	for _, a := range d.Attempts[:i] {
		if a.ChannelID == d.Attempts[i].ChannelID {
			return true
		}
	}
	return false
}

// failsOver reports an attempt that failed, so that the call went to another
// channel next.
func (d *Decision) failsOver(i int) bool {
	if d.Attempts[i].Class == breaker.OK || i+1 >= len(d.Attempts) {
		return false
	}
	next := &d.Attempts[i+1]
	return next.ChannelID != d.Attempts[i].ChannelID && !next.Hedge
}
