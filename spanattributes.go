package routex

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// tell gives the span of the call what came of it.
func (c *call) tell() {
	d := &c.d
	kv := make([]attribute.KeyValue, 0, 32)
	text := func(name, value string) {
		if value != "" {
			kv = append(kv, attribute.String(name, value))
		}
	}
	if ch, ok := c.s.byRef[d.ChannelID]; ok && d.ChannelID != "" {
		text(trace.ProviderName, ch.provider)
	}
	text(trace.Channel, d.Channel)
	text(trace.ChannelID, d.ChannelID)
	text(trace.Rule, d.Rule)
	text(trace.RuleID, d.RuleID)
	kv = append(kv, attribute.Bool(trace.RequestStream, d.Stream), attribute.Int(trace.Attempts, len(d.Attempts)))
	if n := len(d.Attempts); n > 0 && d.Attempts[0].Channel != d.Channel {
		text(trace.FallbackFrom, d.Attempts[0].Channel)
	}
	if a := d.Affinity; a != nil {
		text(trace.Session, a.Source)
		kv = append(kv, attribute.Bool(trace.SessionHit, a.Hit))
		if a.Source != byConversation {
			text(trace.ConversationID, a.Key)
		}
	}
	if d.Status != 0 {
		kv = append(kv, attribute.Int(trace.HTTPStatus, d.Status), attribute.Float64(trace.Commit, d.FirstByte.Seconds()))
	}
	if d.Wait > 0 {
		kv = append(kv, attribute.Float64(trace.Wait, d.Wait.Seconds()))
	}
	if c.about != nil && d.Stream { // an answer has begun
		kv = append(kv, attribute.Float64(trace.TimeToFirstChunk, d.FirstByte.Seconds()))
	}
	kv = appendAbout(kv, c.about)
	kv = appendLosses(kv, d.Losses)
	if d.UsageKnown || d.UsageEstimated {
		kv = appendUsage(kv, d.Usage, d.UsageEstimated)
	}
	if d.Cost != nil {
		kv = append(kv, attribute.Float64(trace.Cost, *d.Cost))
	}
	if c.s.cfg.TraceContent > 0 && c.said != nil {
		kv = c.said.appendContent(kv, d.Dialect, c.s.cfg.TraceContent)
	}
	c.span.Set(kv...)
}

// appendContent tells what was said, in the words of the caller's protocol.
func (k *capture) appendContent(kv []attribute.KeyValue, d transform.Dialect, limit int) []attribute.KeyValue {
	answer := k.answer
	if k.heard > 0 {
		answer, _ = transform.Assemble(d, k.events) // nothing, if the caller left before there was any
	}
	said := transform.ReadContent(d, k.request, answer, limit)
	for _, one := range [...]struct{ name, text string }{
		{trace.InputMessages, said.Input},
		{trace.SystemInstructions, said.Instructions},
		{trace.ToolDefinitions, said.Tools},
		{trace.OutputMessages, said.Output},
	} {
		if one.text != "" {
			kv = append(kv, attribute.String(one.name, string(tee.WithoutCredentials([]byte(one.text)))))
		}
	}
	return kv
}

// tell gives the span of an attempt what came of it.
func (at *attempt) tell(f *breaker.Failure) {
	kv := make([]attribute.KeyValue, 0, 16)
	if at.got.status != 0 {
		kv = append(kv, attribute.Int(trace.HTTPStatus, at.got.status))
	}
	if at.got.begun && at.c.d.Stream {
		kv = append(kv, attribute.Float64(trace.TimeToFirstChunk, at.got.firstByte.Seconds()))
	}
	if at.resumed != nil {
		kv = append(kv, attribute.Bool(trace.Resumes, true))
	}
	if f != nil && f.Reason != "" {
		kv = append(kv, attribute.String(trace.Reason, string(f.Reason)))
	}
	kv = appendAbout(kv, at.got.about)
	kv = appendLosses(kv, at.sent.Losses)
	usage, known := at.got.usage, at.got.known
	if at.watch != nil { // what the provider has told so far
		usage, known = at.watch.Usage()
	}
	if known {
		kv = appendUsage(kv, usage, false)
	}
	at.span.Set(kv...)
}

func appendAbout(kv []attribute.KeyValue, a *transform.About) []attribute.KeyValue {
	if a == nil {
		return kv
	}
	if a.ID != "" {
		kv = append(kv, attribute.String(trace.ResponseID, trace.Clip(a.ID, maxSpanText)))
	}
	if a.Model != "" {
		kv = append(kv, attribute.String(trace.ResponseModel, trace.Clip(a.Model, maxSpanText)))
	}
	if len(a.FinishReasons) > 0 {
		kv = append(kv, attribute.StringSlice(trace.ResponseFinishReasons, a.FinishReasons))
	}
	return kv
}

// maxLosses bounds the fields that a span names.
const maxLosses = 16

func appendLosses(kv []attribute.KeyValue, losses []transform.Loss) []attribute.KeyValue {
	if len(losses) == 0 {
		return kv
	}
	fields := make([]string, 0, maxLosses)
	for _, l := range losses[:min(len(losses), maxLosses)] {
		fields = append(fields, trace.Clip(l.Field, maxSpanText))
	}
	return append(kv, attribute.Int(trace.LossCount, len(losses)), attribute.StringSlice(trace.Losses, fields))
}

// appendUsage: the conventions count what is read from a cache, or written to
// it, as input too.
func appendUsage(kv []attribute.KeyValue, u transform.Usage, estimated bool) []attribute.KeyValue {
	kv = append(kv,
		attribute.Int64(trace.InputTokens, u.Input+u.CacheRead+u.CacheWrite),
		attribute.Int64(trace.OutputTokens, u.Output),
	)
	for _, more := range [...]attribute.KeyValue{
		attribute.Int64(trace.CacheReadTokens, u.CacheRead),
		attribute.Int64(trace.CacheWriteTokens, u.CacheWrite),
		attribute.Int64(trace.ReasoningTokens, u.Reasoning),
	} {
		if more.Value.AsInt64() > 0 {
			kv = append(kv, more)
		}
	}
	if estimated {
		kv = append(kv, attribute.Bool(trace.Estimated, true))
	}
	return kv
}
