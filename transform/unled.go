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

func unled(messages conv.Raw) bool {
	last := conv.Raw("")
	for c := messages.Walk(); c.Next(); {
		if c.Value.Get("role") == `"assistant"` {
			last = c.Value
		}
	}
	first, calls := true, false
	for c := last.Get("content").Walk(); c.Next(); first = false {
		switch kind := c.Value.Get("type"); {
		case first && (kind == `"thinking"` || kind == `"redacted_thinking"`):
			return false
		case kind == `"tool_use"`:
			calls = true
		}
	}
	return calls
}
