package named_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestCleanCache(t *testing.T) {
	const a, o, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	testRequests(t, "cleancache", "", map[string]row{
		"everywhere": {
			a, "",
			`{"cache_control":{"type":"ephemeral"},"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],` +
				`"tools":[{"name":"f","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"cache_control":{"type":"ephemeral"},` +
				`"type":"tool_result","content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}]}]}]}`,
			`{"system":[{"type":"text","text":"s"}],"tools":[{"name":"f"}],"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"r"}]}]}]}`,
		},
		"Chat": {
			o, "", `{"messages":[{"role":"user","content":[{"type":"text","text":"t","cache_control":{}}],"cache_control":{}}]}`,
			`{"messages":[{"role":"user","content":[{"type":"text","text":"t"}]}]}`,
		},
		"not in what the caller made up": {
			a, "", `{"messages":[{"content":[{"type":"tool_use","input":{"cache_control":1},"cache_control":2}]}],"tools":[{"input_schema":{"properties":{"cache_control":{}}}}]}`,
			`{"messages":[{"content":[{"type":"tool_use","input":{"cache_control":1}}]}],"tools":[{"input_schema":{"properties":{"cache_control":{}}}}]}`,
		},
		"not in text":       {a, "", `{"system":"\"cache_control\":{}"}`, `{"system":"\"cache_control\":{}"}`},
		"twice":             {a, "", `{"cache_control":1,"cache_control":2}`, `{}`},
		"white space stays": {a, "", "{\n  \"a\": 1,\n  \"cache_control\": {},\n  \"b\": [ ]\n}", "{\n  \"a\": 1,\n  \"b\": [ ]\n}"},
		"nothing to remove": {a, "", ` {"a":1} `, ` {"a":1} `},
		"Responses":         {r, "", `{"input":[{"cache_control":1}]}`, `{"input":[{"cache_control":1}]}`},
		"Gemini":            {g, "", `{"cache_control":1}`, `{"cache_control":1}`},
	})
}

// Whatever the body, nothing else than the member goes, and what was JSON stays
// JSON.
func FuzzCleanCache(f *testing.F) {
	f.Add([]byte(`{"a":[{"cache_control":{"type":"ephemeral"},"x":1},{"y":1,"cache_control":null}],"cache_control":[1,"\""]}`))
	f.Add([]byte(`{"cache_control":1,"cache_control":2,"b":{"cache_control":3 } }`))
	f.Add([]byte(`{"cache_control":`))
	f.Add(bytes.Repeat([]byte(`{"x":[`), 100))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := request(transform.Anthropic, string(body))
		if err := newNamed(t, "cleancache", "").Request(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(body) {
			return
		}
		if !json.Valid(r.Body) {
			t.Fatalf("%s became %s", body, r.Body)
		}
		if !strings.Contains(string(body), "cache_control") && !bytes.Equal(body, r.Body) {
			t.Errorf("%s became %s", body, r.Body)
		}
		again := request(transform.Anthropic, string(r.Body))
		if got := sent(t, newNamed(t, "cleancache", ""), again); got != string(r.Body) {
			t.Errorf("a second time changes %s to %s", r.Body, got)
		}
	})
}
