package routextest

import (
	"strings"
)

// estimate counts the tokens of a text as roughly as it takes.
func estimate(body []byte) int { return len(body)/4 + 1 }

// count says how many tokens a call would have.
func (s *session) count() {
	body := s.call.view()
	var known, form string
	switch s.d.(type) {
	case anthropic:
		known, form = " model messages system tools tool_choice thinking output_config cache_control context_management mcp_servers ", `{"input_tokens":#}`
	case gemini:
		known, form = " contents generateContentRequest model ", `{"totalTokens":#}`
	default:
		known, form = responsesMembers, `{"object":"response.input_tokens","input_tokens":#}`
	}
	if name := stranger(body, known); name != "" {
		s.refuse(bad(name + ": Extra inputs are not permitted"))
		return
	}
	if !body.Get("messages.0").Exists() && !body.Get("contents.0").Exists() && !body.Get("generateContentRequest.contents.0").Exists() && !given(body.Get("input")) {
		s.refuse(bad("there is nothing to count"))
		return
	}
	s.whole([]byte(strings.Replace(form, "#", number(estimate(s.call.Body)), 1)))
}
