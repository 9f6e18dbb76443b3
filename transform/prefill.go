package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

// Prefill gives a request in which the assistant has already said the text, for
// a model that goes on with it. Body is the caller's request, in dialect d. The
// text is sent without white space at its end, which Anthropic's API refuses.
// The error says why the caller's question cannot be asked like this.
func Prefill(d Dialect, body []byte, text string) ([]byte, error) {
	c, err := resumable(d, body)
	if err != nil {
		return nil, err
	}
	text = trimmed(text)
	switch n := len(c.Messages); {
	case text == "":
		return nil, fmt.Errorf("%w: there is no text to go on with", ErrJoin)
	case c.Thinking.Mode == conv.ThinkingOn:
		return nil, fmt.Errorf("%w: the model is to reason first", ErrJoin)
	case c.Choice.Mode == conv.ChoiceAny || c.Choice.Mode == conv.ChoiceTool:
		return nil, fmt.Errorf("%w: the model must call a tool", ErrJoin)
	case c.Format.Kind != conv.FormatText:
		return nil, fmt.Errorf("%w: the model is held to a format", ErrJoin)
	case n == 0:
		return nil, fmt.Errorf("%w: there is no message", ErrJoin)
	case c.Messages[n-1].Role == conv.Assistant:
		return nil, fmt.Errorf("%w: the caller has begun the answer", ErrJoin)
	}
	return withAssistant(d, body, string(conv.Quote(text)))
}

func withAssistant(d Dialect, body []byte, text string) (out []byte, err error) {
	switch d {
	case Gemini:
		out, err = sjson.SetRawBytes(body, "contents.-1", []byte(`{"role":"model","parts":[{"text":`+text+`}]}`))
	case OpenAIResponses:
		said := `{"type":"message","role":"assistant","content":[{"type":"output_text","text":` + text + `}]}`
		if input := gjson.GetBytes(body, "input"); input.Type == gjson.String {
			out, err = sjson.SetRawBytes(body, "input", []byte(`[{"type":"message","role":"user","content":`+input.Raw+`},`+said+`]`))
		} else {
			out, err = sjson.SetRawBytes(body, "input.-1", []byte(said))
		}
	default:
		out, err = sjson.SetRawBytes(body, "messages.-1", []byte(`{"role":"assistant","content":`+text+`}`))
	}
	if err != nil {
		return nil, fmt.Errorf("transform: prefill: %w", err)
	}
	return out, nil
}

// resumable reads the caller's request and refuses one whose answer has more
// in it than its text, or is more than one.
func resumable(d Dialect, body []byte) (*conv.Request, error) {
	c, err := codecOf(d).readRequest(body, func(string, string) {})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJoin, fieldError(err))
	}
	for _, s := range c.Settings {
		if (s.Key == conv.LogProbs || s.Key == conv.TopLogProbs) && s.Value != "false" && s.Value != "0" {
			return nil, fmt.Errorf("%w: %s asks for more than the text", ErrJoin, s.Field)
		}
	}
	if d == OpenAIResponses { // whose reader drops them
		probabilities := gjson.GetBytes(body, "top_logprobs").Int() > 0 ||
			strings.Contains(gjson.GetBytes(body, "include").Raw, `"message.output_text.logprobs"`)
		if probabilities {
			return nil, fmt.Errorf("%w: the call asks for more than the text", ErrJoin)
		}
	}
	return c, nil
}

// TakesPrefill reports that a model, served in the dialect, is known to go on
// with an answer that the request has begun.
func TakesPrefill(d Dialect, model string) bool {
	switch d {
	case Anthropic:
		return anthropic.TakesPrefill(model)
	case Gemini:
		return gemini.TakesPrefill(model)
	}
	return false
}

// refusals are the words, in lower case, by which APIs say so: Anthropic's,
// llama.cpp's, Anthropic's while the model reasons, Gemini's in two versions,
// and Mistral's.
var refusals = [...]string{
	"prefill",
	"must end with a user message",
	"final `assistant` message must",
	"ending with a model turn",
	"ends with a user role",
	"expected last role",
}

// RefusesPrefill reports that an error says that the model does not go on with
// an answer that the request has begun.
func RefusesPrefill(e *Error) bool {
	if e == nil || e.Status < 400 || e.Status > 499 {
		return false
	}
	told := strings.ToLower(e.Message)
	return slices.ContainsFunc(refusals[:], func(words string) bool { return strings.Contains(told, words) })
}
