package nodetest

// A difference is a recording that an SDK reads otherwise through Routex than
// in the provider's own protocol, and why that is right.
type difference struct {
	recording string // the beginning of its name
	sdk       string // those concerned; "" for all
	why       string
}

func differences() []difference {
	const (
		several   = "several answers in one file: the AI SDK reads on in its own protocol, a translated answer ends with the first"
		counted   = "reasoning is counted beside the completion, as the total proves; the AI SDK does not look at the total"
		ownTool   = "a tool of OpenAI's own: no other protocol has its calls, and the Decision says what was lost"
		textInput = "a tool that takes text: the other protocols have the text in an object"
	)
	translated := func(own string) string {
		all := ""
		for _, sdk := range []string{"ai:anthropic", "ai:chat", "ai:responses", "ai:gemini"} {
			if sdk != own {
				all += sdk + " "
			}
		}
		return all
	}
	return []difference{
		{"anthropic-sdk-ts__incomplete_partial_json_response", "", "arguments that break off: each SDK makes something else of them"},
		{"vercel-anthropic__anthropic-programmatic-tool-calling.1.stream", translated("ai:anthropic"), several},
		{"vercel-anthropic__anthropic-tool-search-deferred-regex", translated("ai:anthropic"), several},
		{"vercel-anthropic__anthropic-tool-search-regex", translated("ai:anthropic"), several},
		{"vercel-openai__openai-reasoning-encrypted-content.1.stream", translated("ai:responses"), several},
		{"vercel-anthropic__anthropic-programmatic-tool-calling.1.unary", translated("ai:anthropic"), "calls that the provider's own code made, under end_turn: callers of other protocols go on only if they are told of calls"},
		{"vercel-openai-compatible__anthropic-fallback-tool-call", "ai:anthropic", "the usage came as zeros; Anthropic's protocol has to tell a number first, which is an estimate"},
		{"envoy-cassettes__chat-streaming.stream", "ai:anthropic", "no usage came; Anthropic's protocol has to tell a number first, which is an estimate"},
		{"vercel-openai-compatible__xai-tool-call", translated("ai:chat"), counted},
		{"vercel-xai__xai-text", translated("ai:chat"), counted},
		{"vercel-openai__github-copilot-id-rotation", "", "the AI SDK cannot read it in its own protocol; translated, it can"},
		{"vercel-openai__openai-apply-patch-tool", translated("ai:responses"), ownTool},
		{"vercel-openai__openai-local-shell-tool", translated("ai:responses"), ownTool},
		{"vercel-openai__openai-custom-tool", translated("ai:responses"), textInput},
		{"vercel-openai__reasoning-model-legacy-parameter-error", "", "an error, and read as one"},
	}
}
