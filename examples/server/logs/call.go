package logs

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// Call writes the one line of a call that is over. It tells nothing of what
// was said, and not what a provider answered to it: that could repeat a part
// of it, or a key.
//
// The line is as the handler of the other modules would write it, without its
// detours: there is one for every call.
func (l *Log) Call(d *routex.Decision) {
	level, msg := slog.LevelInfo, "call"
	if !d.Succeeded() {
		level, msg = slog.LevelWarn, "call failed"
	}
	if !l.calls.Enabled(context.Background(), level) {
		return
	}
	pooled := linePool.Get().(*line)
	b := append((*pooled)[:0], `{"time":"`...)
	b = time.Now().AppendFormat(b, time.RFC3339Nano)
	b = append(b, '"')
	b.text("level", level.String())
	b.text("msg", msg)
	b.text("module", ModuleCalls)
	b.text("traceId", d.TraceID.String())
	b.text("path", d.Path)
	b.text("dialect", string(d.Dialect))
	b.text("model", d.Model)
	b.boolean("stream", d.Stream)
	b.number("status", int64(d.Status))
	b.number("attempts", int64(len(d.Attempts)))
	b.number("firstByteMs", d.FirstByte.Milliseconds())
	b.number("durationMs", d.Duration.Milliseconds())
	for _, a := range [...]struct{ name, value string }{
		{"class", string(d.Class)}, {"channel", d.Channel}, {"upstreamModel", d.UpstreamModel}, {"rule", d.Rule}, {"agent", d.Agent}, {"clientKeyId", d.Caller},
	} {
		if a.value != "" {
			b.text(a.name, a.value)
		}
	}
	if d.UsageKnown || d.UsageEstimated {
		b.number("inputTokens", d.Usage.Input)
		b.number("outputTokens", d.Usage.Output)
		b.number("cacheReadTokens", d.Usage.CacheRead)
	}
	if d.Cost != nil && !math.IsInf(*d.Cost, 0) && !math.IsNaN(*d.Cost) {
		b.name("cost")
		b = strconv.AppendFloat(b, *d.Cost, 'g', -1, 64)
	}
	if d.Copy {
		b.boolean("copy", true)
	}
	b = append(b, "}\n"...)
	l.put(b)
	if cap(b) <= maxKept {
		*pooled = b
		linePool.Put(pooled)
	}
}

var linePool = sync.Pool{New: func() any { return new(line) }}

// A line is a JSON object that is not closed yet.
type line []byte

// name begins a member.
func (l *line) name(name string) {
	*l = append(*l, `,"`...)
	*l = append(*l, name...)
	*l = append(*l, `":`...)
}

func (l *line) text(name, value string) {
	l.name(name)
	*l = gjson.AppendJSONString(*l, value)
}

func (l *line) number(name string, n int64) {
	l.name(name)
	*l = strconv.AppendInt(*l, n, 10)
}

func (l *line) boolean(name string, is bool) {
	l.name(name)
	*l = strconv.AppendBool(*l, is)
}
