package named

import "github.com/dctx-team/routex/transform"

// namesInRequest lists where a request names tools.
func namesInRequest(d transform.Dialect) []string {
	switch d {
	case transform.Anthropic:
		return []string{
			"tools.*.name",
			"tool_choice.name",
			"messages.*.content.*:tool_use.name",
			"messages.*.content.*:tool_result.content.*:tool_reference.tool_name",
		}
	case transform.OpenAIResponses:
		return []string{
			"tools.*:function.name",
			"tools.*:custom.name",
			"tool_choice.name",
			"tool_choice.tools.*.name",
			"input.*:function_call.name",
			"input.*:custom_tool_call.name",
		}
	case transform.Gemini:
		return []string{
			"tools.*.functionDeclarations.*.name",
			"tools.*.function_declarations.*.name",
			"toolConfig.functionCallingConfig.allowedFunctionNames.*",
			"tool_config.function_calling_config.allowed_function_names.*",
			"contents.*.parts.*.functionCall.name",
			"contents.*.parts.*.function_call.name",
			"contents.*.parts.*.functionResponse.name",
			"contents.*.parts.*.function_response.name",
		}
	}
	return []string{
		"tools.*.function.name",
		"tools.*.custom.name",
		"tool_choice.function.name",
		"tool_choice.custom.name",
		"tool_choice.allowed_tools.tools.*.function.name",
		"messages.*.tool_calls.*.function.name",
		"messages.*.tool_calls.*.custom.name",
		"functions.*.name", // the older form
		"function_call.name",
		"messages.*.function_call.name",
		"messages.*:function.name",
		"messages.*:tool.name", // which some clients add
	}
}

// namesInAnswer lists where an answer, or an event of one, names tools.
func namesInAnswer(d transform.Dialect) []string {
	switch d {
	case transform.Anthropic:
		return []string{"content.*:tool_use.name", "content_block.name"}
	case transform.OpenAIResponses:
		return []string{
			"output.*.name", "tools.*.name", "tool_choice.name", // the answer repeats the request
			"item.name", "name",
			"response.output.*.name", "response.tools.*.name", "response.tool_choice.name",
		}
	case transform.Gemini:
		return []string{"candidates.*.content.parts.*.functionCall.name"}
	}
	return []string{
		"choices.*.message.tool_calls.*.function.name",
		"choices.*.message.tool_calls.*.custom.name",
		"choices.*.message.function_call.name",
		"choices.*.delta.tool_calls.*.function.name",
		"choices.*.delta.tool_calls.*.custom.name",
		"choices.*.delta.function_call.name",
	}
}
