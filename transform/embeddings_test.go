package transform_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// embed takes a call for embeddings and its answer through the translation.
func embed(t testing.TB, caller, channel transform.Dialect, in string) (*transform.Request, error) {
	t.Helper()
	r := &transform.Request{Dialect: caller, Header: http.Header{"Anthropic-Version": {"x"}}, RawQuery: "", Model: "up", Body: []byte(in)}
	return r, transform.TranslateEmbeddings(caller, channel).Request(context.Background(), r)
}

func losses(r *transform.Request) string {
	var fields []string
	for _, l := range r.Losses {
		fields = append(fields, l.Field)
	}
	return strings.Join(fields, " ")
}

func TestEmbeddingsRequest(t *testing.T) {
	const one = `{"model":"models/up","content":{"parts":[{"text":"a"}]}`
	for _, test := range []struct{ name, in, want, lost string }{
		{"one text", `{"model":"m","input":"a"}`, `{"requests":[` + one + `}]}`, ""},
		{"several texts keep their escapes", `{"input":["a","\u00e9\n"],"model":"m"}`, `{"requests":[` + one + `},{"model":"models/up","content":{"parts":[{"text":"\u00e9\n"}]}}]}`, ""},
		{"dimensions go with each", `{"input":["a"],"dimensions":256,"encoding_format":"float"}`, `{"requests":[` + one + `,"outputDimensionality":256}]}`, ""},
		{"what has no place is told", `{"input":"a","user":"u","x":null,"y":1}`, `{"requests":[` + one + `}]}`, "user y"},
	} {
		t.Run("to Gemini: "+test.name, func(t *testing.T) {
			r, err := embed(t, transform.OpenAIChat, transform.Gemini, test.in)
			if err != nil || string(r.Body) != test.want || losses(r) != test.lost {
				t.Errorf("%v\ngot  %s\nwant %s\nlost %q", err, r.Body, test.want, losses(r))
			}
		})
	}
	for _, test := range []struct{ name, in, want, lost string }{
		{"one content", `{"model":"models/m","content":{"parts":[{"text":"a"}]}}`, `"input":"a"`, ""},
		{"parts are one text", `{"content":{"role":"user","parts":[{"text":"a"},{"text":"b"}]}}`, `"input":"a\nb"`, ""},
		{"a batch stays a list", `{"requests":[{"content":{"parts":[{"text":"a"}]}}]}`, `"input":["a"]`, ""},
		{"dimensions", `{"requests":[{"outputDimensionality":8,"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"output_dimensionality":8}]}`, `"input":["a","b"],"dimensions":8`, ""},
		{"dimensions in a configuration", `{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{"outputDimensionality":8,"title":"t"}}`, `"input":"a","dimensions":8`, "embedContentConfig.title"},
		{"what has no place is told", `{"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","title":"t"}]}`, `"input":["a"]`, "requests[0].taskType requests[0].title"},
	} {
		t.Run("to OpenAI: "+test.name, func(t *testing.T) {
			r, err := embed(t, transform.Gemini, transform.OpenAIChat, test.in)
			want := `{"model":"up",` + test.want + `,"encoding_format":"float"}`
			if err != nil || string(r.Body) != want || losses(r) != test.lost {
				t.Errorf("%v\ngot  %s\nwant %s\nlost %q", err, r.Body, want, losses(r))
			}
		})
	}
}

func TestEmbeddingsRequestNamesTheField(t *testing.T) {
	for _, test := range []struct {
		caller    transform.Dialect
		in, field string
	}{
		{transform.OpenAIChat, `{"input":`, "body"},
		{transform.OpenAIChat, `[]`, ""},
		{transform.OpenAIChat, `{"model":"m"}`, "input"},
		{transform.OpenAIChat, `{"input":[]}`, "input"},
		{transform.OpenAIChat, `{"input":7}`, "input"},
		{transform.OpenAIChat, `{"input":[1,2,3]}`, "input"},
		{transform.OpenAIChat, `{"input":[[1,2],[3]]}`, "input"},
		{transform.OpenAIChat, `{"input":["a",{}]}`, "input[1]"},
		{transform.OpenAIChat, `{"input":"a","dimensions":"8"}`, "dimensions"},
		{transform.OpenAIChat, `{"input":"a","encoding_format":"hex"}`, "encoding_format"},
		{transform.OpenAIChat, `{"input":"a","model":1}`, "model"},
		{transform.Gemini, `7`, ""},
		{transform.Gemini, `{}`, "content"},
		{transform.Gemini, `{"requests":{}}`, "requests"},
		{transform.Gemini, `{"requests":[]}`, "requests"},
		{transform.Gemini, `{"requests":[1]}`, "requests[0]"},
		{transform.Gemini, `{"requests":[{}]}`, "requests[0].content"},
		{transform.Gemini, `{"content":[]}`, "content"},
		{transform.Gemini, `{"content":{"parts":[]}}`, "content.parts"},
		{transform.Gemini, `{"content":{"parts":[{"text":"a"},{"inlineData":{}}]}}`, "content.parts[1]"},
		{transform.Gemini, `{"content":{"parts":[{"text":"a"}]},"outputDimensionality":"x"}`, "outputDimensionality"},
		{transform.Gemini, `{"requests":[{"content":{"parts":[{"text":"a"}]}},{"outputDimensionality":8,"content":{"parts":[{"text":"a"}]}}]}`, "requests[1].outputDimensionality"},
	} {
		channel := transform.Gemini
		if test.caller == transform.Gemini {
			channel = transform.OpenAIChat
		}
		_, err := embed(t, test.caller, channel, test.in)
		if bad, ok := errors.AsType[*transform.FieldError](err); !ok || bad.Field != test.field {
			t.Errorf("%s: %v, want the field %q", test.in, err, test.field)
		}
	}
}

func TestEmbeddingsAnswer(t *testing.T) {
	const float, base64 = `{"input":"a"}`, `{"input":"a","encoding_format":"base64"}`
	const one, batch = `{"content":{"parts":[{"text":"a"}]}}`, `{"requests":[{"content":{"parts":[{"text":"a"}]}}]}`
	for _, test := range []struct {
		name, ask, in, want string
	}{
		{
			"numbers keep their text", `{"input":["a","b"]}`, `{"embeddings":[{"values":[0.10,-1e-3]},{"values":[]}],"usageMetadata":{"promptTokenCount":4}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-1e-3]},{"object":"embedding","index":1,"embedding":[]}],"model":"up","usage":{"prompt_tokens":4,"total_tokens":4}}`,
		},
		{
			"unknown usage stays unknown", float, `{"embedding":{"values":[1]}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"up"}`,
		},
		{
			"base64 of 32-bit floats", base64, `{"embeddings":[{"values":[1,-0.5,0.1]}]}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAL/NzMw9"}],"model":"up"}`,
		},
		{
			"Gemini: one", one, `{"object":"list","data":[{"index":0,"embedding":[0.10]}],"model":"x","usage":{"prompt_tokens":4,"total_tokens":4}}`,
			`{"embedding":{"values":[0.10]},"usageMetadata":{"promptTokenCount":4}}`,
		},
		{
			"Gemini: a list in the order of the indices", `{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}`, `{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[0]}]}`,
			`{"embeddings":[{"values":[0]},{"values":[1]}]}`,
		},
		{"Gemini: from base64", batch, `{"data":[{"embedding":"AACAPwAAAL/NzMw9"}]}`, `{"embeddings":[{"values":[1,-0.5,0.1]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, channel := transform.OpenAIChat, transform.Gemini
			if strings.HasPrefix(test.name, "Gemini") {
				caller, channel = channel, caller
			}
			r, err := embed(t, caller, channel, test.ask)
			if err != nil {
				t.Fatal(err)
			}
			resp := &transform.Response{Request: r, Status: 200, Header: http.Header{"X-Ratelimit-Limit": {"1"}}, Body: []byte(test.in)}
			err = transform.TranslateEmbeddings(caller, channel).Response(context.Background(), resp)
			if err != nil || string(resp.Body) != test.want || resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%v\ngot  %s\nwant %s", err, resp.Body, test.want)
			}
		})
	}
}

func TestEmbeddingsAnswerThatIsNone(t *testing.T) {
	for _, in := range []string{
		`{`, `{}`, `[]`, `{"data":{}}`, `{"data":[]}`, `{"data":[{}]}`, `{"data":[{"embedding":[true]}]}`, `{"data":[{"embedding":"?"}]}`,
		`{"data":[{"embedding":"AAA="}]}`, `{"data":[{"embedding":"AADAfw=="}]}`, `{"data":[{"index":3,"embedding":[1]}]}`, `{"data":[{"index":99999999,"embedding":[1]}]}`,
		`{"embedding":{}}`, `{"embeddings":{}}`, `{"embeddings":[{"values":["a"]}]}`,
		`{"embeddings":[]}`, `{"embeddings":[{"values":[1]},{"values":[2]}]}`, `{"data":[{"embedding":[1]},{"embedding":[2]}]}`, // of one text
	} {
		for caller, ask := range map[transform.Dialect]string{transform.OpenAIChat: `{"input":"a"}`, transform.Gemini: `{"content":{"parts":[{"text":"a"}]}}`} {
			channel := transform.Gemini
			if caller == transform.Gemini {
				channel = transform.OpenAIChat
			}
			r, err := embed(t, caller, channel, ask)
			if err != nil {
				t.Fatal(err)
			}
			resp := &transform.Response{Request: r, Status: 200, Header: http.Header{}, Body: []byte(in)}
			err = transform.TranslateEmbeddings(caller, channel).Response(context.Background(), resp)
			if _, ok := errors.AsType[*transform.FieldError](err); !ok {
				t.Errorf("%s from %s: %v, %s", in, channel, err, resp.Body)
			}
		}
	}
}

func TestEmbeddingsErrorIsInTheCallersEnvelope(t *testing.T) {
	r, err := embed(t, transform.OpenAIChat, transform.Gemini, `{"input":"a"}`)
	if err != nil {
		t.Fatal(err)
	}
	resp := &transform.Response{Request: r, Status: 429, Header: http.Header{}, Body: []byte(`{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}`)}
	if err := transform.TranslateEmbeddings(transform.OpenAIChat, transform.Gemini).Response(context.Background(), resp); err != nil {
		t.Fatal(err)
	}
	if got := string(resp.Body); resp.Status != 429 || !strings.Contains(got, `"message":"slow down"`) || !strings.Contains(got, `"param":null`) {
		t.Errorf("%d %s", resp.Status, got)
	}
}

func TestEmbeddingsOfTheSameKindAreNotTranslated(t *testing.T) {
	if transform.TranslateEmbeddings(transform.OpenAIChat, transform.OpenAIResponses) != nil || transform.TranslateEmbeddings(transform.Gemini, transform.Gemini) != nil {
		t.Error("a translation where none is needed")
	}
}

func TestTokenCount(t *testing.T) {
	for d, want := range map[transform.Dialect]string{
		transform.Anthropic:       `{"input_tokens":7}`,
		transform.Gemini:          `{"totalTokens":7}`,
		transform.OpenAIResponses: `{"object":"response.input_tokens","input_tokens":7}`,
	} {
		if got := string(transform.TokenCount(d, 7)); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

func TestLookEmbeddings(t *testing.T) {
	for in, d := range map[string]transform.Dialect{
		`{"data":[],"usage":{"prompt_tokens":7}}`:                  transform.OpenAIChat,
		`{"embeddings":[],"usageMetadata":{"promptTokenCount":7}}`: transform.Gemini,
	} {
		if u, ok := transform.LookEmbeddings(d, []byte(in)); !ok || u != (transform.Usage{Input: 7}) {
			t.Errorf("%s: %+v, %v", in, u, ok)
		}
		if _, ok := transform.LookEmbeddings(d, []byte(`{}`)); ok {
			t.Errorf("%s: usage where there is none", d)
		}
	}
}
