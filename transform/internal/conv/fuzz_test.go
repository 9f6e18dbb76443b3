package conv_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// codecs are the protocols.
var codecs = []struct {
	name string
	protocol
	readResponse  func([]byte) (*conv.Response, error)
	writeResponse func([]byte, *conv.Response) []byte
	readError     func(int, []byte) *conv.Error
	writeError    func([]byte, *conv.Error) []byte
	lookBody      func([]byte) (conv.Usage, bool, *conv.Error)
	decoder       func() decoder
	encoder       func(conv.EncoderOptions) encoder
}{
	{
		"anthropic",
		protocol{anthropic.ReadRequest, anthropic.WriteRequest},
		anthropic.ReadResponse, anthropic.WriteResponse,
		anthropic.ReadError, anthropic.WriteError, anthropic.LookBody,
		func() decoder { return anthropic.NewDecoder() }, func(o conv.EncoderOptions) encoder { return anthropic.NewEncoder(o) },
	},
	{
		"chat",
		protocol{chat.ReadRequest, chat.WriteRequest},
		chat.ReadResponse, chat.WriteResponse,
		chat.ReadError, chat.WriteError, chat.LookBody,
		func() decoder { return chat.NewDecoder() }, func(o conv.EncoderOptions) encoder { return chat.NewEncoder(o) },
	},
	{
		"responses",
		protocol{responses.ReadRequest, responses.WriteRequest},
		responses.ReadResponse, responses.WriteResponse,
		responses.ReadError, responses.WriteError, responses.LookBody,
		func() decoder { return responses.NewDecoder() }, func(o conv.EncoderOptions) encoder { return responses.NewEncoder(o) },
	},
	{
		"gemini",
		protocol{gemini.ReadRequest, gemini.WriteRequest},
		gemini.ReadResponse, gemini.WriteResponse,
		gemini.ReadError, gemini.WriteError, gemini.LookBody,
		func() decoder { return gemini.NewDecoder() }, func(o conv.EncoderOptions) encoder { return gemini.NewEncoder(o) },
	},
}

func FuzzReadRequest(f *testing.F) {
	for _, toChat := range []bool{true, false} {
		f.Add(bigRequest(toChat, 100))
	}
	f.Add([]byte(`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"u"}}]}],"tool_choice":{"type":"auto"},"stop_sequences":["a"]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:a;base64,b"}}]},{"role":"tool","tool_call_id":"\u0000","content":"[tool_error]"}],"functions":[{"name":"f"}],"stop":"\n"}`))
	f.Add([]byte(`{"model":"m","instructions":"s","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,QQ=="}]},{"type":"reasoning","id":"r","summary":[],"encrypted_content":"x"},{"type":"function_call","call_id":"c","name":"f","arguments":"{"},{"type":"function_call_output","call_id":"c","output":"o"}],"tools":[{"type":"function","name":"f","parameters":{}},{"type":"custom","name":"g"}],"text":{"format":{"type":"json_object"}}}`))
	f.Add([]byte(`{"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"QQ=="}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"s"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"o"}}}]}],"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"}}]}],"generationConfig":{"stopSequences":["x"],"thinkingConfig":{"thinkingBudget":5}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		lose := func(string, string) {}
		for _, from := range codecs {
			r, err := from.read(body, lose)
			if err != nil {
				continue
			}
			for _, to := range codecs {
				out, err := to.write(nil, r, lose)
				if err != nil || !gjson.ValidBytes(out) {
					t.Errorf("%s to %s: %v: not valid JSON: %s", from.name, to.name, err, out)
				}
			}
		}
	})
}

func FuzzReadResponse(f *testing.F) {
	f.Add(200, []byte(`{"content":[{"type":"text","text":"a"},{"type":"tool_use","id":"i","name":"n","input":{}}],"stop_reason":"x","usage":{"input_tokens":1}}`))
	f.Add(0, []byte(`{"choices":[{"message":{"content":"a","tool_calls":[{"id":"i","function":{"name":"n","arguments":"{"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e9}}`))
	f.Add(200, []byte(`{"id":"r","status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"t"}]},{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"n"}]},{"type":"custom_tool_call","call_id":"c","name":"sh","input":"l"}],"usage":{"input_tokens":1}}`))
	f.Add(200, []byte(`{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"},{"functionCall":{"name":"n","args":{}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}`))
	f.Add(500, []byte(`[{"error":{"message":"m","code":1}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, from := range codecs {
			_, _, _ = from.lookBody(body)
			failure := from.readError(status, body)
			r, err := from.readResponse(body)
			for _, to := range codecs {
				if out := to.writeError(nil, failure); !gjson.ValidBytes(out) {
					t.Errorf("%s to %s: not valid JSON: %s", from.name, to.name, out)
				}
				if err != nil {
					continue
				}
				r.Options.Freeform = []string{"sh"}
				out := to.writeResponse(nil, r)
				if !gjson.ValidBytes(out) {
					t.Errorf("%s to %s: not valid JSON: %s", from.name, to.name, out)
				} else if _, err := to.readResponse(out); err != nil {
					t.Errorf("%s to %s: what was written cannot be read: %v: %s", from.name, to.name, err, out)
				}
			}
		}
	})
}
