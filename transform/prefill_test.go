package transform_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

func TestPrefill(t *testing.T) {
	for d, c := range map[transform.Dialect]struct{ body, path, want string }{
		messages:  {`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"odd":1}`, "messages.1", `{"role":"assistant","content":"So \"far\""}`},
		chat:      {`{"model":"m","messages":[{"role":"user","content":"hi"}],"odd":1}`, "messages.1", `{"role":"assistant","content":"So \"far\""}`},
		responses: {`{"model":"m","input":"hi","odd":1}`, "input", `[{"type":"message","role":"user","content":"hi"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"So \"far\""}]}]`},
		gemini:    {`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"odd":1}`, "contents.1", `{"role":"model","parts":[{"text":"So \"far\""}]}`},
	} {
		before := c.body
		out, err := transform.Prefill(d, []byte(c.body), "So \"far\" \n\u00a0")
		if err != nil {
			t.Fatal(err)
		}
		v := gjson.ParseBytes(out)
		want(t, string(d), v.Get(c.path).Raw, c.want)
		want(t, string(d)+": all else stays", v.Get("odd").Raw, "1")
		want(t, string(d)+": the body is the caller's", c.body, before)
	}
	out, err := transform.Prefill(responses, []byte(`{"model":"m","input":[{"role":"user","content":"hi"}]}`), "So")
	if err != nil || gjson.GetBytes(out, "input.1.content.0.text").Str != "So" {
		t.Errorf("%s, %v", out, err)
	}
}

// A prefilled call means the same in every protocol.
func TestPrefillReachesTheModel(t *testing.T) {
	for _, caller := range transform.Dialects() {
		body, err := transform.Prefill(caller, []byte(ask1(caller)), opening)
		if err != nil {
			t.Fatal(err)
		}
		if caller != messages {
			_, v := way{caller: caller, channel: messages, model: "claude-sonnet-4-5"}.send(t, string(body))
			want(t, string(caller)+": the last message", v.Get("messages.@reverse.0.role").Str, "assistant")
			want(t, string(caller)+": what it says", v.Get("messages.@reverse.0.content").Str+v.Get("messages.@reverse.0.content.0.text").Str, "Once upon a time there was a king.")
		}
	}
}

func TestPrefillIsRefused(t *testing.T) {
	with := func(d transform.Dialect, more string) []byte {
		body := ask1(d)
		return []byte(body[:len(body)-1] + more + "}")
	}
	const tools = `,"tools":[{"type":"function","function":{"name":"f"}}]`
	for name, c := range map[string]struct {
		d    transform.Dialect
		body []byte
	}{
		"thinking with a budget":      {messages, []byte(`{"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"hi"}]}`)},
		"adaptive thinking":           {messages, with(messages, `,"thinking":{"type":"adaptive"}`)},
		"an effort":                   {chat, with(chat, `,"reasoning_effort":"high"`)},
		"an effort of Responses":      {responses, with(responses, `,"reasoning":{"effort":"low"}`)},
		"thoughts":                    {gemini, with(gemini, `,"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":-1}}`)},
		"any tool":                    {messages, with(messages, `,"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}`)},
		"a tool":                      {chat, with(chat, tools+`,"tool_choice":{"type":"function","function":{"name":"f"}}`)},
		"a required tool":             {chat, with(chat, tools+`,"tool_choice":"required"`)},
		"JSON":                        {chat, with(chat, `,"response_format":{"type":"json_object"}`)},
		"a schema":                    {responses, with(responses, `,"text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"}}}`)},
		"JSON of Gemini":              {gemini, with(gemini, `,"generationConfig":{"responseMimeType":"application/json"}`)},
		"two answers":                 {chat, with(chat, `,"n":2`)},
		"two candidates":              {gemini, with(gemini, `,"generationConfig":{"candidateCount":2}`)},
		"probabilities":               {chat, with(chat, `,"logprobs":true`)},
		"probabilities of Gemini":     {gemini, with(gemini, `,"generationConfig":{"responseLogprobs":true}`)},
		"probabilities to include":    {responses, with(responses, `,"include":["message.output_text.logprobs"]`)},
		"probabilities of Responses":  {responses, with(responses, `,"top_logprobs":3`)},
		"an answer the caller began":  {messages, []byte(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"So"}]}`)},
		"an answer begun for Gemini":  {gemini, []byte(`{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"So"}]}]}`)},
		"nothing that could be asked": {responses, []byte(`{"model":"m","input":[]}`)},
	} {
		if out, err := transform.Prefill(c.d, c.body, "So far"); !errors.Is(err, transform.ErrJoin) {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
	if out, err := transform.Prefill(chat, []byte(ask1(chat)), " \n"); !errors.Is(err, transform.ErrJoin) {
		t.Errorf("white space: %s, %v", out, err)
	}
	for _, more := range []string{`,"stop":["x"]`, `,"n":1`, `,"logprobs":false`, tools, `,"response_format":{"type":"text"}`, `,"reasoning_effort":"none"`} {
		if _, err := transform.Prefill(chat, with(chat, more), "So far"); err != nil {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// The same is refused when an answer is to be told from its beginning: more
// than one of them, and what is told besides the text, cannot be joined.
func TestResumeIsRefused(t *testing.T) {
	l, _ := begun(t, opening)
	for _, body := range []string{`{"model":"m","messages":[{"role":"user","content":"hi"}],"n":2}`, `{"model":"m","messages":[{"role":"user","content":"hi"}],"logprobs":true,"top_logprobs":2}`} {
		if _, err := l.Resume([]byte(body), transform.Splice); !errors.Is(err, transform.ErrJoin) {
			t.Errorf("%s: %v", body, err)
		}
	}
	_ = l.Event(transform.Event{Data: []byte(chunk(call, ""))}, func(transform.Event) {})
	if _, err := l.Resume([]byte(ask1(chat)), transform.Splice); !errors.Is(err, transform.ErrJoin) {
		t.Errorf("after a call: %v", err)
	}
}

func TestTakesPrefill(t *testing.T) {
	for model, takes := range map[string]bool{
		"claude-3-haiku-20240307": true, "claude-3-7-sonnet-latest": true, "claude-opus-4-1": true, "claude-sonnet-4-5-20250929": true, "claude-haiku-4-5": true,
		"us.anthropic.claude-opus-4-5-20251101-v1:0": true, "claude-opus-4-6": false, "claude-sonnet-4-6": false, "claude-opus-4.8": false, "claude-sonnet-5": false,
		"claude-mythos-preview": false, "claude": false, "glm-4.6": false, "": false,
	} {
		want(t, model, transform.TakesPrefill(messages, model), takes)
	}
	for model, takes := range map[string]bool{
		"gemini-1.5-pro": true, "gemini-2.0-flash": true, "gemini-2.5-flash-lite": true, "models/gemini-2.5-pro": true, "gemini-3-pro-preview": true, "gemini-3.1-pro-preview": true,
		"gemini-3.5-flash-lite": false, "gemini-3.6-flash": false, "gemini-flash-latest": false, "gemini-4-pro": false, "gemini-2.5-flash-image": false, "gemma-3": false, "m": false,
	} {
		want(t, model, transform.TakesPrefill(gemini, model), takes)
	}
	want(t, "Chat begins anew", transform.TakesPrefill(chat, "claude-sonnet-4-5"), false)
	want(t, "Responses begins anew", transform.TakesPrefill(responses, "gpt-5"), false)
}

func TestRefusesPrefill(t *testing.T) {
	for message, refuses := range map[string]bool{
		"This model does not support assistant message prefill. The conversation must end with a user message.":                                true,
		"Assistant response prefill is incompatible with enable_thinking.":                                                                     true,
		"messages.1.content.0.type: Expected `thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start": true,
		"Requests ending with a model turn are not supported.":                                                                                 true,
		"Please ensure that multiturn requests ends with a user role or a function response.":                                                  true,
		"Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant":                                        true,
		"max_tokens: must be positive": false,
	} {
		want(t, message, transform.RefusesPrefill(&transform.Error{Status: http.StatusBadRequest, Message: message}), refuses)
	}
	want(t, "not a refusal", transform.RefusesPrefill(&transform.Error{Status: 503, Message: "prefill nodes are overloaded"}), false)
	want(t, "no error", transform.RefusesPrefill(nil), false)
}
