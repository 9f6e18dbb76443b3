package routex_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

// use makes the transformers of a list of names.
func use(t *testing.T, names ...string) (list []transform.Transformer) {
	t.Helper()
	for _, name := range names {
		name, options, _ := strings.Cut(name, " ")
		made, err := named.New(name, []byte(options))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, made)
	}
	return list
}

// A mark writes its name into a call and its answer.
type mark string

func (m mark) Request(_ context.Context, r *transform.Request) error {
	r.Header["X-Order"] = append(r.Header["X-Order"], string(m))
	return nil
}

func (m mark) Response(_ context.Context, r *transform.Response) error {
	r.Header["X-Order"] = append(r.Header["X-Order"], string(m))
	return nil
}

func (mark) Stream(context.Context, *transform.Response) transform.Stream { return nil }

func TestTransformersRunLeftToRightAndRightToLeft(t *testing.T) {
	var sent []string
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		sent = slices.Clone(r.Header["X-Order"])
		return respond(200, "application/json", anthropicAnswer), nil
	})
	ch := anthropicChannel("a", "https://a.test")
	ch.Transformers = []transform.Transformer{mark("1"), mark("2")}
	ch.PerModel = map[string][]transform.Transformer{"m*": {mark("no")}, "m": {mark("3"), mark("4")}, "x": {mark("no")}}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base})
	resp, _ := call(t, tr, anthropicCall)
	if want := []string{"1", "2", "3", "4"}; !slices.Equal(sent, want) {
		t.Errorf("requests pass %q, want %q", sent, want)
	}
	if got, want := resp.Header["X-Order"], []string{"4", "3", "2", "1"}; !slices.Equal(got, want) {
		t.Errorf("answers pass %q, want %q", got, want)
	}
}

func TestTransformersOfAModel(t *testing.T) {
	ch := anthropicChannel("a", "https://a.test")
	ch.ModelMap = map[string]string{"fast": "claude-haiku-4"}
	ch.Transformers = use(t, `maxtoken {"max_tokens":4}`)
	ch.PerModel = map[string][]transform.Transformer{
		"claude-haiku-*": use(t, `maxtoken {"max_tokens":3}`),
		"claude-*":       use(t, `maxtoken {"max_tokens":2}`),
		"big":            use(t, `sampling {"temperature":0}`),
	}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: statuses{}})
	for model, want := range map[string]string{
		"fast":          `"max_tokens":3`, // by the provider's name
		"claude-opus-4": `"max_tokens":2`,
		"other":         `"max_tokens":4`,
		"big":           `"temperature":0`,
	} {
		resp, _ := call(t, tr, asking(model))
		if got := resp.Header.Get("X-Got"); !strings.Contains(got, want) {
			t.Errorf("%s: the provider got %s, want %s", model, got, want)
		}
	}
}

func TestATranslatedCallIsChangedInTheChannelsProtocol(t *testing.T) {
	ch := openAIChannel("o", "https://o.test")
	ch.Transformers = use(t, "openai", `maxtoken {"max_tokens":3}`, "cleancache")
	var body string
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		b, _ := r.GetBody()
		body = readBody(t, &http.Response{Body: b})
		return respond(200, "application/json", chatAnswer), nil
	})
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base})
	if resp, _ := call(t, tr, asking("gpt-4o")); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if !strings.Contains(body, `tokens":3`) || strings.Contains(body, `tokens":5`) {
		t.Errorf("the provider got %s", body)
	}
}

func TestACustomChannelSpeaksWhatItsTransformersName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, want := range map[string]string{
			"anthropic": "/base/v1/messages", "gemini": "/base/v1beta/models/m:generateContent",
			"openai": "/base/v1/chat/completions", "zhipu": "/base/v1/chat/completions", "cleancache": "/base/v1/chat/completions",
			"azure-openai": "/base/openai/v1/chat/completions",
		} {
			var path string
			base := roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				path = r.URL.Path
				return nil, errCut
			})
			ch := routex.Channel{Name: "c", Type: routex.TypeCustom, BaseURL: "https://c.test/base", Transformers: use(t, name)}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base})
			call(t, tr, asking("m"))
			if path != want {
				t.Errorf("%s: the call went to %s, want %s", name, path, want)
			}
		}
	})
}

func TestTransformersOfAnotherProtocolAreMistakes(t *testing.T) {
	list := use(t, "maxtoken", "anthropic", "gemini")
	tests := map[string]routex.Channel{
		"Channels[0].Transformers[1]":   {Type: routex.TypeOpenAI, Transformers: list[:2]},
		"Channels[0].Transformers[2]":   {Type: routex.TypeCustom, BaseURL: "https://c.test", Transformers: list},
		"Channels[0].Transformers[0]":   {Type: routex.TypeCustom, API: routex.APIChat, BaseURL: "https://c.test", Transformers: list[1:2]},
		`Channels[0].PerModel["m"][0]`:  {Type: routex.TypeGoogle, PerModel: map[string][]transform.Transformer{"m": list[1:2]}},
		`Channels[0].PerModel["m*"][0]`: {Type: routex.TypeGoogle, PerModel: map[string][]transform.Transformer{"m*": {nil}}},
		"Channels[0].PerModel":          {Type: routex.TypeGoogle, PerModel: map[string][]transform.Transformer{"": nil}},
	}
	for field, ch := range tests {
		ch.Name = "c"
		_, err := routex.New(routex.Config{Channels: []routex.Channel{ch}})
		bad, ok := errors.AsType[*routex.ConfigError](err)
		if !ok || len(bad.Fields) != 1 || bad.Fields[0].Field != field {
			t.Errorf("%v, want a mistake in %s", err, field)
		}
	}
}

// A faulty is a transformer that fails.
type faulty struct {
	mark
	request, response error
}

func (f faulty) Request(context.Context, *transform.Request) error { return f.request }

func (f faulty) Response(context.Context, *transform.Response) error { return f.response }

func TestAFailingTransformerFailsTheCall(t *testing.T) {
	broken := errors.New(`transformer "broken": it is broken`)
	tests := map[string]struct {
		change transform.Transformer
		body   string
		status int
		wants  []string
	}{
		"the request": {faulty{request: broken}, anthropicCall, 502, []string{`channel \"a\"`, `transformer \"broken\": it is broken`}},
		"the answer":  {faulty{response: broken}, anthropicCall, 502, []string{`\"a\"`, `transformer \"broken\": it is broken`}},
		"the caller's field": {
			use(t, "maxtoken")[0], strings.Replace(anthropicCall, "10", `"x"`, 1), 400,
			[]string{`channel \"a\": transformer \"maxtoken\": max_tokens: must be a number`, "invalid_request_error"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ch := anthropicChannel("a", "https://a.test")
			ch.Transformers = []transform.Transformer{test.change}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: statuses{}})
			req, _ := newCall(t, "https://x.test/v1/messages", test.body)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body := readBody(t, resp)
			if resp.StatusCode != test.status {
				t.Errorf("status %d, want %d", resp.StatusCode, test.status)
			}
			for _, want := range append(test.wants, `{"type":"error"`) {
				if !strings.Contains(body, want) {
					t.Errorf("the caller is told %s, not %s", body, want)
				}
			}
		})
	}
}

// The shortest names that a channel takes reach it, and the caller sees its own
// ones, in every protocol on both sides.
func TestNamesOfToolsComeBackThroughATranslatedStream(t *testing.T) {
	const long = "a_tool_whose_name_is_longer_than_this_server_takes"
	var sent string
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		b, _ := r.GetBody()
		body := readBody(t, &http.Response{Body: b})
		_, rest, _ := strings.Cut(body, `"function":{"name":"`)
		sent, _, _ = strings.Cut(rest, `"`)
		const head = `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":`
		return respond(200, "text/event-stream", head+`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"`+sent+`","arguments":"{}"}}]}}]}`+"\n\n"+
			head+`{},"finish_reason":"tool_calls"}]}`+"\n\ndata: [DONE]\n\n"), nil
	})
	ch := openAIChannel("o", "https://o.test")
	ch.Transformers = use(t, `toolname {"max_length":24}`)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base})
	for path, tool := range map[string]string{
		"/v1/messages":         `{"name":"` + long + `","input_schema":{"type":"object"}}`,
		"/v1/chat/completions": `{"type":"function","function":{"name":"` + long + `","parameters":{"type":"object"}}}`,
		"/v1/responses":        `{"type":"function","name":"` + long + `","parameters":{"type":"object"}}`,
	} {
		body := `{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}],"tools":[` + tool + `]}`
		if path == "/v1/responses" {
			body = `{"model":"m","stream":true,"input":"hi","tools":[` + tool + `]}`
		}
		req, _ := newCall(t, "https://x.test"+path, body)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		out := readBody(t, resp)
		if len(sent) != 24 {
			t.Errorf("%s: the channel was told of %q", path, sent)
		}
		if !strings.Contains(out, `"name":"`+long+`"`) || strings.Contains(out, sent) {
			t.Errorf("%s: the caller got\n%s", path, out)
		}
	}
}
