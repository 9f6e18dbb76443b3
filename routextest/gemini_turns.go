package routextest

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// conversation checks the contents in their order.
func (d gemini) conversation(c *Call, body gjson.Result) string {
	contents := body.Get("contents").Array()
	if len(contents) == 0 {
		return "* GenerateContentRequest.contents: contents is not specified"
	}
	current := geminiCurrent(contents)
	var open []gjson.Result // calls of the turn before
	for i, content := range contents {
		at := "* GenerateContentRequest.contents[" + number(i) + "]"
		role := firstOf(content.Get("role").String(), "user")
		problem := d.turn(role, content)
		switch {
		case problem != "":
			return at + problem
		case i == 0 && role == "model":
			return at + ": the first turn must be the user's"
		}
		if problem := geminiAnswers(content, open); problem != "" {
			return problem
		}
		open = content.Get(`parts.#(functionCall)#.functionCall`).Array()
		if i >= current && third(c.Model) && len(open) > 0 && content.Get(`parts.#(functionCall).thoughtSignature`).String() == "" {
			return "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."
		}
	}
	if len(open) > 0 {
		return "Please ensure that function response turn comes immediately after a function call turn."
	}
	return ""
}

// geminiCurrent is where the current turn begins: at the last content of the
// user that is no answer of tools.
func geminiCurrent(contents []gjson.Result) int {
	for i, c := range slices.Backward(contents) {
		if c.Get("role").String() != "model" && !c.Get(`parts.#(functionResponse)`).Exists() {
			return i
		}
	}
	return 0
}

// geminiAnswers checks that a turn answers the calls of the one before, and no
// others.
func geminiAnswers(content gjson.Result, open []gjson.Result) string {
	answers := content.Get(`parts.#(functionResponse)#.functionResponse`).Array()
	switch {
	case len(answers) > 0 && len(open) == 0:
		return "Please ensure that function response turn comes immediately after a function call turn."
	case len(answers) != len(open):
		return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
	}
	for _, answer := range answers {
		i := slices.IndexFunc(open, func(call gjson.Result) bool { return answersCall(answer, call) })
		if i < 0 {
			return "Please ensure that function response parts have the names and ids of the function call parts: " + answer.Raw
		}
		open = slices.Delete(slices.Clone(open), i, i+1)
	}
	return ""
}

func answersCall(answer, call gjson.Result) bool {
	a, c := answer.Get("id"), call.Get("id")
	return answer.Get("name").String() == call.Get("name").String() && (!a.Exists() || !c.Exists() || a.String() == c.String())
}

// turn checks one content by itself.
func (d gemini) turn(role string, content gjson.Result) string {
	switch {
	case role != "user" && role != "model" && role != "function":
		return ": Please use a valid role: user, model."
	case stranger(content, " role parts ") != "":
		return ": " + unknownName(stranger(content, " role parts "))
	case !content.Get("parts.0").Exists():
		return ".parts: must not be empty"
	}
	return each(content.Get("parts"), bracketed(".parts"), func(_ int, part gjson.Result) string { return d.part(role, part) })
}

const geminiPartMembers = " text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse thought thoughtSignature" +
	" videoMetadata mediaResolution partMetadata "

func (d gemini) part(role string, part gjson.Result) string {
	signature, call, answer := part.Get("thoughtSignature"), part.Get("functionCall"), part.Get("functionResponse")
	kinds := 0
	for _, kind := range []string{"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"} {
		if part.Get(kind).Exists() {
			kinds++
		}
	}
	switch {
	case stranger(part, geminiPartMembers) != "":
		return unknownName(stranger(part, geminiPartMembers))
	case kinds != 1 && (kinds != 0 || !signature.Exists()): // SDKs leave out an empty text beside it
		return ".data: required oneof field 'data' must have one initialized field"
	case part.Get("text").Raw == `""` && !signature.Exists():
		return ".text: must not be empty"
	case signature.Exists() && (role != "model" || !d.signed(signature.String())):
		return "Thought signature is not valid"
	case call.Exists() && (role != "model" || call.Get("name").String() == ""):
		return ".function_call.name: Name cannot be empty."
	case call.Get("args").Exists() && !call.Get("args").IsObject():
		return ".function_call.args: must be an object"
	case answer.Exists() && (role == "model" || answer.Get("name").String() == ""):
		return ".function_response.name: Name cannot be empty."
	case answer.Exists() && !answer.Get("response").IsObject():
		return ".function_response.response: must be an object"
	}
	return firstOf(geminiMedia(part), each(answer.Get("parts"), bracketed(".function_response.parts"), func(_ int, inner gjson.Result) string {
		return geminiMedia(inner)
	}))
}

// signed reports a signature that this provider made, or the one that Google
// takes for calls that another model made.
func (d gemini) signed(signature string) bool {
	const dummy = "skip_thought_signature_validator"
	return d.made(signature) || signature == dummy || signature == base64.StdEncoding.EncodeToString([]byte(dummy))
}

// geminiMedia checks the data of a part.
func geminiMedia(part gjson.Result) string {
	inline, file := part.Get("inlineData"), part.Get("fileData")
	switch {
	case inline.Exists() && (!strings.Contains(inline.Get("mimeType").String(), "/") || inline.Get("data").String() == ""):
		return ".inline_data: mime_type and data are required"
	case file.Exists() && !strings.Contains(file.Get("fileUri").String(), ":"):
		return ".file_data.file_uri: is required"
	}
	return ""
}
