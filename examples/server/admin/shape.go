package admin

import (
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// shapeOfRequest tells the protocol of a request by its members. What could be
// of more than one is taken for Anthropic's.
func shapeOfRequest(body []byte) transform.Dialect {
	v := gjson.ParseBytes(body)
	switch {
	case v.Get("contents").Exists():
		return transform.Gemini
	case v.Get("input").Exists():
		return transform.OpenAIResponses
	case !v.Get("messages").Exists():
		return ""
	case v.Get("system").Exists():
		return transform.Anthropic
	case looksLikeChat(v):
		return transform.OpenAIChat
	}
	return transform.Anthropic
}

func looksLikeChat(v gjson.Result) bool {
	for _, only := range []string{
		"tools.0.function", "functions", "stream_options", "response_format", "max_completion_tokens", "n", "stop", "seed",
		"frequency_penalty", "presence_penalty", "logit_bias", "parallel_tool_calls", "reasoning_effort",
		"messages.#.tool_calls|0", `messages.#(role=="tool")`, `messages.#(role=="system")`, `messages.#(role=="developer")`,
	} {
		if v.Get(only).Exists() {
			return true
		}
	}
	return false
}

// shapeOfAnswer tells the protocol of an answer by its members.
func shapeOfAnswer(body []byte) transform.Dialect {
	has := func(member string) bool { return gjson.GetBytes(body, member).Exists() }
	switch {
	case has("choices"):
		return transform.OpenAIChat
	case has("candidates"), has("promptFeedback"):
		return transform.Gemini
	case has("output"):
		return transform.OpenAIResponses
	case has("content"):
		return transform.Anthropic
	}
	return ""
}
