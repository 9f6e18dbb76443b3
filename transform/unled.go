package transform

import (
	"bytes"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// mayBeUnled reports that a body for Anthropic may ask for thinking with a
// budget in the middle of a turn in which another provider called tools, whose
// ids begin with call_ or, from vLLM, with chatcmpl-tool-. This is asked of
// every call, so it looks for texts whose first letter is no quote: those are
// found ten times as fast.
func mayBeUnled(body []byte) bool {
	return bytes.Contains(body, []byte(`budget_tokens`)) && (hasID(body, "call_") || hasID(body, "chatcmpl-tool-"))
}

// hasID reports a string that begins with the prefix.
func hasID(body []byte, prefix string) bool {
	for {
		i := bytes.Index(body, []byte(prefix))
		if i < 0 {
			return false
		}
		if i > 0 && body[i-1] == '"' {
			return true
		}
		body = body[i+len(prefix):]
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
