package transform

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// mayBeUnled reports that a body for Anthropic may ask for thinking with a
// budget in the middle of a turn that calls tools.
func mayBeUnled(body []byte) bool {
	return bytes.Contains(body, []byte(`"budget_tokens"`)) && bytes.Contains(body, []byte(`"tool_use"`))
}

// lead turns thinking off when the last turn of the assistant calls tools and
// does not begin with thinking.
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
			calls = calls || kind == `"tool_use"`
		}
	}
	return calls && !led
}
