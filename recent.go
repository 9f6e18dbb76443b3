package routex

import (
	"github.com/dctx-team/routex/trace"
)

// remember adds the spans of a call that is over to the recent ones.
func (c *call) remember() {
	ring := c.s.cfg.Recent
	if ring == nil {
		return
	}
	d := &c.d
	for i := range d.Attempts {
		a := &d.Attempts[i]
		ring.Add(&trace.Recent{
			TraceID: d.TraceID, SpanID: a.SpanID, ParentID: d.SpanID, Name: trace.NameAttempt,
			Start: a.StartedAt, Duration: a.Duration, Latency: a.FirstByte, Method: c.req.Method, Path: d.Path,
			Model: a.Model, ChannelID: a.ChannelID, Channel: a.Channel, Key: a.Key,
			Status: a.Status, Class: string(a.Class), Reason: string(a.Reason), Error: errorText(a.Error),
			Attempt: i + 1, Stream: d.Stream, Hedge: a.Hedge, Resumes: a.Resumes,
		})
	}
	ring.Add(&trace.Recent{
		TraceID: d.TraceID, SpanID: d.SpanID, ParentID: c.span.Parent(), Name: trace.NameCall,
		Start: d.Time, Duration: d.Duration, Latency: d.FirstByte, Method: c.req.Method, Path: d.Path,
		Model: d.Model, ChannelID: d.ChannelID, Channel: d.Channel, RuleID: d.RuleID, Rule: d.Rule,
		Status: d.Status, Class: string(d.Class), Error: errorText(d.Error),
		Attempt: len(d.Attempts), Stream: d.Stream, Input: d.Usage.Input, Output: d.Usage.Output,
	})
}
