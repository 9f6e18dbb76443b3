package routex

import (
	"context"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/tee"
)

// publish lets a Record see the Decision before the call is over.
func (c *call) publish() { c.record.set(&c.d) }

// settle ends the call, once: the Decision is complete and goes to everybody
// who wants it.
func (c *call) settle(class breaker.Class, message string) {
	if c.settled {
		return
	}
	c.settled = true
	c.beginSpan()           // the host's own code may have panicked before
	defer c.t.gate.leave(c) // whatever a sink does
	defer c.endSpan()
	c.d.Class, c.d.Error = class, message
	c.d.Duration = max(time.Since(c.start), 1)
	c.d.Cost = c.cost()
	c.remember()
	c.publish()
	c.measure()
	c.report()
}

// report tells the log, the sinks and the host.
func (c *call) report() {
	ctx := c.req.Context()
	if len(c.d.Losses) > 0 && c.s.lossesOf(c.d.ChannelID) == LossWarn {
		c.s.cfg.Logger.WarnContext(ctx, "translation lost something",
			"traceId", c.d.TraceID, "channel", c.d.Channel, "losses", len(c.d.Losses), "first", c.d.Losses[0].Field)
	}
	c.tee(ctx)
	if c.s.cfg.OnDecision != nil {
		c.s.cfg.OnDecision(c.d.clone())
	}
}

// An idler is a sink that at times wants no records at all.
type idler interface{ Idle() bool }

// tee gives the record of the call to the sinks that want one.
func (c *call) tee(ctx context.Context) {
	var r *tee.Record
	for _, sink := range c.s.cfg.Sinks {
		if i, ok := sink.(idler); ok && i.Idle() {
			continue
		}
		if r == nil {
			ctx = context.WithoutCancel(ctx) // a caller's hang-up is on record too
			r = c.teeRecord()
		}
		if err := sink.Write(ctx, r); err != nil {
			c.s.cfg.Logger.WarnContext(ctx, "a sink refused a record", "traceId", c.d.TraceID, "error", err)
		}
	}
}

// teeRecord is what sinks are told of the call.
func (c *call) teeRecord() *tee.Record {
	d := &c.d
	r := &tee.Record{
		Time: d.Time, TraceID: d.TraceID.String(), SpanID: d.SpanID.String(), Dialect: string(d.Dialect), Path: d.Path,
		Model: d.Model, Stream: d.Stream, ChannelID: d.ChannelID, Channel: d.Channel, Upstream: d.UpstreamModel,
		RuleID: d.RuleID, Rule: d.Rule, Status: d.Status, Class: string(d.Class), Error: d.Error, Attempts: len(d.Attempts), Copy: d.Copy,
		Input: d.Usage.Input, Output: d.Usage.Output, CacheRead: d.Usage.CacheRead, CacheWrite: d.Usage.CacheWrite,
		Reasoning: d.Usage.Reasoning, Caller: d.Caller, FirstByte: d.FirstByte, Duration: d.Duration,
	}
	if d.Affinity != nil {
		r.Session = d.Affinity.Key
	}
	if d.Cost != nil {
		r.Cost, r.CostKnown = *d.Cost, true
	}
	c.said.record(r, d.Dialect)
	return r
}
