package transform

import (
	"bytes"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// mayBeUnled reports that a body for Anthropic, with this member "thinking",
// may ask for thinking with a budget in the middle of a turn in which another
// provider called tools, whose ids begin with call_ or, from vLLM, with
// chatcmpl-tool-.
func mayBeUnled(body, thinking []byte) bool {
	return bytes.Contains(thinking, []byte(`budget_tokens`)) && (hasID(body, "call", "_") || hasID(body, "chatcmpl", "-tool-"))
}

// hasID reports a string that begins with head and tail. It is asked of long
// bodies, so it looks for the first byte of tail, which stands in few places.
func hasID(body []byte, head, tail string) bool {
	for at := 0; ; at++ {
		n := bytes.IndexByte(body[at:], tail[0])
		if n < 0 {
			return false
		}
		at += n
		before, ok := bytes.CutSuffix(body[:at], []byte(head))
		if ok && bytes.HasSuffix(before, []byte{'"'}) && bytes.HasPrefix(body[at:], []byte(tail)) {
			return true
		}
	}
}

// lead turns thinking off when the last turn of the assistant has calls of
// another provider and does not begin with thinking.
func lead(r *Request) {
	body := conv.Body(string(r.Body))
	if body.Get("thinking").Get("type") != `"enabled"` || !unled(body.Get("messages")) {
		return
	}
	r.Body = []byte(without(body, "thinking"))
	r.Lose("thinking", "thinking is off for this turn: another provider began it")
}

// unled looks at the assistant's last turn, which may be several messages.
func unled(messages conv.Raw) bool {
	led, calls, going := false, false, false
	for c := messages.Walk(); c.Next(); {
		if c.Value.Get("role") != `"assistant"` {
			going = false
			continue
		}
		first := !going
		if first {
			led, calls, going = false, false, true
		}
		for b := c.Value.Get("content").Walk(); b.Next(); first = false {
			kind := b.Value.Get("type")
			led = led || first && (kind == `"thinking"` || kind == `"redacted_thinking"`)
			calls = calls || kind == `"tool_use"` && !strings.HasPrefix(b.Value.Get("id").Str().Inner(), "toolu_")
		}
	}
	return calls && !led
}
