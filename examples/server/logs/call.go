package logs

import (
	"context"
	"log/slog"

	"github.com/dctx-team/routex"
)

// Call writes the one line of a call that is over. It tells nothing of what
// was said, and not what a provider answered to it: that could repeat a part
// of it, or a key.
func (l *Log) Call(d *routex.Decision) {
	level, msg := slog.LevelInfo, "call"
	if !d.Succeeded() {
		level, msg = slog.LevelWarn, "call failed"
	}
	ctx := context.Background()
	if !l.calls.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 20)
	attrs = append(attrs,
		slog.String("traceId", d.TraceID.String()), slog.String("path", d.Path), slog.String("dialect", string(d.Dialect)),
		slog.String("model", d.Model), slog.Bool("stream", d.Stream), slog.Int("status", d.Status), slog.Int("attempts", len(d.Attempts)),
		slog.Int64("firstByteMs", d.FirstByte.Milliseconds()), slog.Int64("durationMs", d.Duration.Milliseconds()))
	for _, a := range []struct{ name, value string }{
		{"class", string(d.Class)}, {"channel", d.Channel}, {"upstreamModel", d.UpstreamModel}, {"rule", d.Rule}, {"agent", d.Agent}, {"clientKeyId", d.Caller},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.name, a.value))
		}
	}
	if d.UsageKnown || d.UsageEstimated {
		attrs = append(attrs, slog.Int64("inputTokens", d.Usage.Input), slog.Int64("outputTokens", d.Usage.Output),
			slog.Int64("cacheReadTokens", d.Usage.CacheRead))
	}
	if d.Cost != nil {
		attrs = append(attrs, slog.Float64("cost", *d.Cost))
	}
	if d.Copy {
		attrs = append(attrs, slog.Bool("copy", true))
	}
	l.calls.LogAttrs(ctx, level, msg, attrs...)
}
