package anthropic

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestWatch(t *testing.T) {
	var w Watch
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{startEvent, 0},
		{`{"type":"ping"}`, 0},
		{blockStart(0, emptyThinking), 0},
		{thinkingDelta(0, ""), 0},
		{thinkingDelta(0, "a"), conv.MarkContent},
		{thinkingDelta(0, "b"), conv.MarkContent},
		{delta(0, "signature_delta", "signature", "s"), conv.MarkContent},
		{blockStart(1, `{"type":"redacted_thinking","data":"d"}`), conv.MarkContent},
		{blockStart(2, tool("a")), conv.MarkContent},
		{argsDelta(2, "{"), conv.MarkContent},
		{argsDelta(2, "}"), conv.MarkContent},
		{blockStart(3, emptyText), 0},
		{stopBlock(3), 0},
		{finish("tool_use", `{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}`), conv.MarkFinish},
		{endEvent, conv.MarkEnd},
		{`nonsense`, conv.MarkInvalid},
		{`{"type":"error","error":{"type":"api_error","message":"m"}}`, conv.MarkError},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: %b, want %b", c.data, got, c.want)
		}
	}
	u, ok, err := w.Seen()
	if want := (conv.Usage{Input: 7, CacheRead: 3, Output: 9, Reasoning: 4}); u != want || !ok || err == nil {
		t.Errorf("%+v %v %v", u, ok, err)
	}
	var cut Watch
	cut.Look(nil, []byte(startEvent))
	if u, ok, _ := cut.Seen(); !ok || u.Input != 7 || u.Output != 1 {
		t.Errorf("of a stream that was cut: %+v", u)
	}
}
