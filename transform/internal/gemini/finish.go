package gemini

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// readStop reads a finishReason. The protocol has none for calls of tools.
func readStop(v conv.Raw, calls bool) conv.StopReason {
	switch v {
	case "", "null", `""`:
		return conv.StopNone
	case `"STOP"`:
		if calls {
			return conv.StopTool
		}
		return conv.StopEnd
	case `"MAX_TOKENS"`:
		return conv.StopLength
	case `"SAFETY"`, `"BLOCKLIST"`, `"PROHIBITED_CONTENT"`, `"SPII"`, `"RECITATION"`, `"LANGUAGE"`,
		`"IMAGE_SAFETY"`, `"IMAGE_PROHIBITED_CONTENT"`, `"IMAGE_RECITATION"`, `"IMAGE_OTHER"`:
		return conv.StopRefusal
	}
	if calls {
		return conv.StopTool
	}
	return conv.StopUnknown
}

// broken tells of the reasons by which the API says that the model wrote a
// call of a tool which is none. Told as the end of the answer they would end
// the work of an agent; as an error they make it try again.
func broken(stop conv.Raw) string {
	switch stop {
	case `"MALFORMED_FUNCTION_CALL"`, `"UNEXPECTED_TOOL_CALL"`, `"TOO_MANY_TOOL_CALLS"`, `"MALFORMED_RESPONSE"`,
		`"MISSING_THOUGHT_SIGNATURE"`:
		return "the model's tool call cannot be used: " + stop.Str().Inner()
	}
	return ""
}

// isBlocked reports that the prompt was refused: there is no candidate then.
func isBlocked(feedback conv.Raw) bool {
	reason := feedback.Get("blockReason")
	return !reason.IsEmpty() && reason != `"BLOCKED_REASON_UNSPECIFIED"`
}

func finishReason(s conv.StopReason) string {
	switch s {
	case conv.StopLength:
		return `"MAX_TOKENS"`
	case conv.StopRefusal:
		return `"SAFETY"`
	}
	return `"STOP"`
}
