package named

import (
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// roomToThink reports that Anthropic's API would take the call with the
// reasoning that was told to another request, and makes room for it.
func roomToThink(r *transform.Request, e, told *edit) bool {
	switch (member{"thinking.type"}).get(told) {
	case `"enabled"`:
		if forcesTool(e) || unled(e) {
			return false
		}
	case `"adaptive"`:
		if forcesTool(e) {
			return false
		}
	default:
		return true
	}
	dropRefused(r, e)
	return member{"max_tokens"}.copy(e, told) == nil // it may have to be greater
}

// dropRefused takes out the settings that the API refuses beside reasoning.
func dropRefused(r *transform.Request, e *edit) {
	const why = "refused together with reasoning, which the channel asks for"
	for _, field := range []string{"temperature", "top_p", "top_k"} {
		v := member{field}.get(e)
		n := v.Float()
		if v == "" || field == "temperature" && n == 1 || field == "top_p" && n >= 0.95 {
			continue
		}
		r.Lose(field, why)
		member{field}.remove(e)
	}
}

func forcesTool(e *edit) bool {
	switch (member{"tool_choice.type"}).get(e) {
	case `"any"`, `"tool"`:
		return true
	}
	return false
}

// unled reports that the assistant's last turn goes on, because results of its
// calls follow or because the caller began it, but did not begin with
// reasoning.
func unled(e *edit) bool {
	var answer, after conv.Raw // the assistant's last turn, and what the user said then
	e.each("messages.*", func(c cursor) {
		m := e.value(c.value)
		if after = m.Get("content"); m.Get("role") == `"assistant"` {
			answer, after = after, ""
		}
	})
	if after != "" && kindOfFirst(after) != `"tool_result"` {
		return false
	}
	switch kindOfFirst(answer) {
	case `"thinking"`, `"redacted_thinking"`:
		return false
	}
	return answer != ""
}

// kindOfFirst gives the type of the first block of a message.
func kindOfFirst(content conv.Raw) conv.Raw {
	first := content.Walk()
	first.Next()
	return first.Value.Get("type")
}
