package named

import (
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// roomToThink reports that Anthropic's API would take the call with the
// reasoning that was told to another request, and takes out the settings that
// it would refuse together with it.
func roomToThink(r, told *transform.Request) bool {
	switch (member{"thinking.type"}).get(told) {
	case `"enabled"`:
		if forcesTool(r) || unled(r) {
			return false
		}
	case `"adaptive"`:
		if forcesTool(r) {
			return false
		}
	default:
		return true
	}
	const why = "refused together with reasoning, which the channel asks for"
	for _, s := range []struct {
		field string
		fits  func(conv.Raw) bool
	}{
		{"temperature", func(v conv.Raw) bool { return v.Float() == 1 }},
		{"top_p", func(v conv.Raw) bool { return v.Float() >= 0.95 }},
		{"top_k", func(conv.Raw) bool { return false }},
	} {
		m := member{s.field}
		if v := m.get(r); v != "" && !s.fits(v) {
			r.Lose(s.field, why)
			m.remove(r)
		}
	}
	return true
}

func forcesTool(r *transform.Request) bool {
	switch (member{"tool_choice.type"}).get(r) {
	case `"any"`, `"tool"`:
		return true
	}
	return false
}

// unled reports that the assistant's last turn goes on, because results of its
// calls follow, but did not begin with reasoning.
func unled(r *transform.Request) bool {
	var role, kind string
	var last, user conv.Raw
	e := newEdit(r.Body)
	e.visit(e.all(), "messages.*", func(c *cursor) {
		m := e.value(c.value)
		if role = m.Get("role").Str().String(); role == "assistant" {
			last, user = m.Get("content"), ""
		} else {
			user = m.Get("content")
		}
	})
	if user.IsArray() {
		first := user.Walk()
		first.Next()
		kind = first.Value.Get("type").Str().String()
	}
	if role != "assistant" && kind != "tool_result" {
		return false
	}
	first := last.Walk()
	first.Next()
	switch first.Value.Get("type") {
	case `"thinking"`, `"redacted_thinking"`:
		return false
	}
	return true
}
