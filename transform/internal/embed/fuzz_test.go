package embed_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/embed"
)

func lose(string, string) {}

// Whatever a caller sends, what is sent on is valid JSON with as many inputs.
func FuzzRequest(f *testing.F) {
	for _, in := range []string{
		`{"input":["a","b"],"dimensions":3,"encoding_format":"base64","user":"u"}`, `{"input":[[1]]}`,
		`{"requests":[{"content":{"parts":[{"text":"a\n"},{"text":""}]},"taskType":"X"}]}`, `{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{}}`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		if r, err := embed.ReadOpenAIRequest(body, lose); err == nil {
			out := embed.WriteGeminiRequest(nil, r)
			if n := gjson.GetBytes(out, "requests.#").Int(); !gjson.ValidBytes(out) || int(n) != len(r.Inputs) {
				t.Errorf("%s became %s", body, out)
			}
		}
		if r, err := embed.ReadGeminiRequest(body, lose); err == nil {
			if out := embed.WriteOpenAIRequest(nil, r); !gjson.ValidBytes(out) || gjson.GetBytes(out, "input").String() == "" && r.Inputs[0] != `""` {
				t.Errorf("%s became %s", body, out)
			}
		}
	})
}

// Whatever a provider answers, what the caller gets is valid JSON.
func FuzzResponse(f *testing.F) {
	for _, in := range []string{
		`{"data":[{"embedding":[1e400,-0],"index":0}],"model":"m","usage":{"prompt_tokens":1}}`, `{"data":[{"embedding":"AACAPw=="}]}`,
		`{"embedding":{"values":[1]}}`, `{"embeddings":[{"values":"AACAPw=="}],"usageMetadata":{"promptTokenCount":2}}`,
	} {
		f.Add([]byte(in), true)
		f.Add([]byte(in), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, flag bool) {
		o := embed.Answer{Single: flag, Base64: flag, Model: "m"}
		for _, read := range []func([]byte) (*embed.Response, error){embed.ReadOpenAIResponse, embed.ReadGeminiResponse} {
			for _, write := range []func([]byte, *embed.Response, embed.Answer) ([]byte, error){embed.WriteOpenAIResponse, embed.WriteGeminiResponse} {
				r, err := read(body)
				if err != nil {
					return
				}
				if out, err := write(nil, r, o); err == nil && !gjson.ValidBytes(out) {
					t.Errorf("%s became %s", body, out)
				}
			}
		}
	})
}
