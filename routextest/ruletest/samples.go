package ruletest

import (
	"encoding/json"

	"github.com/dctx-team/routex/transform"
)

// A Sample is a request such as callers send.
type Sample struct {
	Name    string // of a file, such as long-context
	Request Request
}

// Samples gives one request of each kind in a protocol.
func Samples(protocol transform.Dialect) []Sample {
	return []Sample{
		{"agent", SampleAgent(protocol)},
		{"background", SampleBackground(protocol)},
		{"image", SampleImage(protocol)},
		{"long-context", SampleLong(protocol)},
		{"thinking", SampleThinking(protocol)},
		{"tools", SampleTools(protocol)},
		{"web-search", SampleSearch(protocol)},
	}
}

// SampleAgent is the third call of a coding agent's conversation, streamed, with
// its instructions, its tools, what they have told so far, and the headers and
// members with which the agents of that protocol say who they are.
func SampleAgent(protocol transform.Dialect) Request {
	r := Ask(protocol, modelFor(protocol, large), agentTask).System(agentRules).Stream()
	for _, t := range agentTools {
		r = r.Tool(t.name, t.about, t.schema)
	}
	r = r.Called("Grep", `{"pattern":"func parseDuration","path":"."}`, "./clock/parse.go:41:func parseDuration(text string) (time.Duration, error) {").
		Called("Read", `{"file_path":"clock/parse.go","offset":35,"limit":30}`, agentFile)
	switch protocol {
	case transform.Anthropic:
		return r.asClaudeCode()
	case transform.OpenAIChat:
		return r.Header("User-Agent", "opencode/0.5.3").
			Set("stream_options.include_usage", true).Set("parallel_tool_calls", true).Set("max_completion_tokens", 32000)
	case transform.OpenAIResponses:
		return r.Header("User-Agent", "codex_cli_rs/0.42.0 (Linux; x86_64)").Header("Originator", "codex_cli_rs").
			Set("reasoning", json.RawMessage(`{"effort":"medium","summary":"auto"}`)).
			Set("include", []string{"reasoning.encrypted_content"}).Set("parallel_tool_calls", true).
			Set("prompt_cache_key", "0199a2f4-6c1e-7d53-9b0a-2f6f6f0f3b11")
	}
	return r.Header("User-Agent", "GeminiCLI/0.9.0/gemini-2.5-pro (linux; x64)").
		Set("generationConfig.temperature", 0).Set("generationConfig.topP", 1)
}

// asClaudeCode puts its own words around a call, with an instruction that is to
// be remembered by the provider and a session.
func (r Request) asClaudeCode() Request {
	const session = "5f2c0f3e-8a41-4b7e-9f0d-1d6a3c9b7e52"
	system := array(object("type", quoted("text"), "text", quoted("You are an agent for the command line.")),
		object("type", quoted("text"), "text", quoted(r.system), "cache_control", `{"type":"ephemeral"}`))
	return r.Path("/v1/messages?beta=true").
		Header("User-Agent", "claude-cli/2.0.14 (external, cli)").
		Header("Anthropic-Beta", "claude-code-20250219,interleaved-thinking-2025-05-14").
		Header("X-Claude-Code-Session-Id", session).
		Set("system", json.RawMessage(system)).Set("metadata.user_id", "user_8d1f_session_"+session)
}

// SampleBackground is a small errand of an agent, for a small model: it asks
// for the title of a conversation.
func SampleBackground(protocol transform.Dialect) Request {
	return Ask(protocol, modelFor(protocol, small), "Fix the flaky test of the clock package, it fails about once in fifty runs on CI.").
		System("Write a title of three to six words for the conversation that begins with the user's message. Answer with the title alone.")
}

// SampleImage asks about a picture in the middle of a chat.
func SampleImage(protocol transform.Dialect) Request {
	return Ask(protocol, modelFor(protocol, plain), "I am going to show you how our dashboard looks on a phone.").
		Assistant("Go ahead, I will tell you what is hard to read.").
		User("Here it is. Which of the labels overlap?").Image().Stream()
}

// SampleLong asks about a text of about 80,000 tokens.
func SampleLong(protocol transform.Dialect) Request {
	return Ask(protocol, modelFor(protocol, plain), "").System("Answer from the log book that you are given.").
		Long(80_000).User("Which ships came in more than once, and who had sent them?")
}

// SampleThinking asks for an answer that is to be thought about.
func SampleThinking(protocol transform.Dialect) Request {
	return Ask(protocol, modelFor(protocol, large), "Two trains leave the same station an hour apart, at 80 and 110 km/h. "+
		"Prove when the second catches up with the first, and say what changes if the first stops for 20 minutes.").Thinking()
}

// SampleTools is a chat of a support desk with tools of the host's own.
func SampleTools(protocol transform.Dialect) Request {
	return Ask(protocol, modelFor(protocol, plain), "Where is my order A-1042?").
		System("You help customers of a bicycle shop. Look things up before you answer.").
		Tool("find_order", "Finds an order by its number.", `{"type":"object","properties":{"number":{"type":"string","description":"such as A-1000"}},"required":["number"]}`).
		Tool("track_parcel", "Tells where a parcel is.", `{"type":"object","properties":{"code":{"type":"string"}},"required":["code"]}`).
		Called("find_order", `{"number":"A-1042"}`, `{"number":"A-1042","sent":"2026-03-02","parcel":"ZX81-7731"}`)
}

// SampleSearch asks about something that the model has to look for in the web.
func SampleSearch(protocol transform.Dialect) Request {
	model := modelFor(protocol, plain)
	if protocol == transform.OpenAIChat {
		model = "gpt-4o-search-preview"
	}
	return Ask(protocol, model, "Which trains from Basel to Milan are cancelled today, and why?").WebSearch()
}

// A size is what a caller wants of a model.
type size int

const (
	small size = iota
	plain      // not made to reason
	large
)

func modelFor(protocol transform.Dialect, s size) string {
	switch protocol {
	case transform.Anthropic:
		return [...]string{"claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"}[s]
	case transform.Gemini:
		return [...]string{"gemini-2.5-flash-lite", "gemini-2.5-pro", "gemini-2.5-pro"}[s]
	}
	return [...]string{"gpt-4o-mini", "gpt-4o", "gpt-5"}[s]
}
