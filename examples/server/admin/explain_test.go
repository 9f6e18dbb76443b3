package admin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestRoutingIsExplained(t *testing.T) {
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"anthropic","models":["m","claude-*"],"priority":1}`, 201)
	h.must("POST", "/api/channels", `{"name":"b","type":"openai","models":["m"],"losses":"warn"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"reviews","condition":{"keywords":["code review"]},"targetChannel":"b","targetModel":"gpt","priority":90}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"gold","condition":{"metadata":{"plan":"gold"},"header":{"X-Team":"core"}},"targetChannel":"b"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"no","condition":{"modelPattern":"^forbidden"},"deny":"ask for another"}`, 201)
	const plain, review = `{"model":"m","max_tokens":5,"system":"s","messages":[{"role":"user","content":"hi"}]}`, `{"model":"m","top_k":3,"system":"s","max_tokens":5,"messages":[{"role":"user","content":"code review, please"}]}`
	for _, test := range []struct {
		name, path, body string
		want             map[string]string
	}{
		{"no rule", "", plain, map[string]string{"rule": "", "channel.name": "a", "model": "m", "order": `["a","b"]`, "rules.#": "3", "rules.0.matched": "false", "candidates.#.included": "[true,true]", "losses": "[]", "status": ""}},
		{"a rule", "", review, map[string]string{"rule.name": "reviews", "channel.name": "b", "model": "gpt", "order.0": "b", "rules.0.matched": "true", "losses.0.field": "top_k"}},
		{"a path", "?path=/v1/chat/completions", plain, map[string]string{"channel.name": "a", "losses.0.field": "system"}},
		{"wrapped", "", `{"request":` + plain + `,"headers":{"X-Team":"core","X-Session-ID":"s1"},"metadata":{"plan":"gold"}}`, map[string]string{"rule.name": "gold", "channel.name": "b", "affinity.key": "s1"}},
		{"wrapped, Gemini", "", `{"request":{"contents":[{"parts":[{"text":"hi"}]}]},"path":"/v1beta/models/claude-x:generateContent"}`, map[string]string{"channel.name": "a", "model": "claude-x"}},
		{"a model that nobody serves", "", strings.Replace(plain, `"m"`, `"z"`, 1), map[string]string{"channel": "", "status": "404", "order": "[]"}},
		{"refused by a rule", "", strings.Replace(plain, `"m"`, `"forbidden"`, 1), map[string]string{"rule.name": "no", "status": "403", "error": "ask for another"}},
		{"a body that is no call", "?path=/v1/messages", `{"x":1}`, map[string]string{"status": "400"}},
	} {
		a := h.must("POST", "/api/routing/test"+test.path, test.body, 200)
		for field, want := range test.want {
			if got := gjson.GetBytes(a.Data, field).String(); got != want {
				t.Errorf("%s: %s is %q, want %q: %s", test.name, field, got, want, a.Data)
			}
		}
		if test.name != "a body that is no call" && gjson.GetBytes(a.Data, "tokens").Int() == 0 {
			t.Errorf("%s: no tokens: %s", test.name, a.Data)
		}
	}
	var stats struct{ Data []struct{ RequestCount int } }
	_ = json.Unmarshal([]byte(h.must("GET", "/api/channels", "", 200).body), &stats)
	for _, c := range stats.Data {
		if c.RequestCount != 0 {
			t.Error("a channel was asked")
		}
	}
}

func TestWhatCannotBeExplained(t *testing.T) {
	h := newHost(t)
	for body, want := range map[string]string{
		`{"contents":[]}`: "path",
		`{"request":7,"headers":{"a":1},"metadata":[],"path":3,"x":1}`: `request headers["a"] metadata path x`,
		`{"request":{"model":"m","messages":[]},"path":"nowhere"}`:     "path",
		`{"request":{"model":"m","messages":[]},"path":"/index.html"}`: "path",
		`{"request":null}`: "request",
	} {
		if a := h.call("POST", "/api/routing/test", body); a.status != 400 || strings.Join(a.fields(), " ") != want {
			t.Errorf("%s: %d, mistakes in %q", body, a.status, a.fields())
		}
	}
	for method, want := range map[string]int{"GET": 405, "DELETE": 405} {
		if a := h.call(method, "/api/routing/test", ""); a.status != want {
			t.Errorf("%s gives %d", method, a.status)
		}
	}
}
