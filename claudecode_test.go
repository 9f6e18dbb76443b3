package routex_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// What Claude Code, and agents like it, expect of a gateway. claudeCode is a
// call as it makes them, with fields that no one here knows.
const claudeCode = `{"model":"claude-opus-4","max_tokens":32000,"stream":false,"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2"},{"type":"text","text":"You are an agent.","cache_control":{"type":"ephemeral","ttl":"1h"}}],` +
	`"messages":[{"role":"user","content":[{"type":"text","text":"Hi\u00e9"}]}],"thinking":{"type":"adaptive"},"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"high"},` +
	`"tools":[{"name":"Read","description":"Reads","input_schema":{"type":"object","properties":{"path":{"type":"string"}}},"strict":true,"defer_loading":false}],"metadata":{"user_id":"user_abc_account_def_session_0a1b"},"brand_new":{"b":1.50,"a":[]}}`

func TestHeadOfTheRootIsAnsweredAtOnce(t *testing.T) {
	up := always("{}")
	h := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up}).Handler()
	if w := serve(t, h, "HEAD", "/", ""); w.Code != 200 || w.Body.Len() != 0 || up.count() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestThePathIsMatchedWithoutTheQuery(t *testing.T) {
	up := always(anthropicAnswer)
	h := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up}).Handler()
	for _, path := range []string{"/v1/messages?beta=true", "/v1/messages/count_tokens?beta=true", "/v1/messages?a=%2Fv1%2Fchat%2Fcompletions"} {
		if w := serve(t, h, "POST", path, claudeCode); w.Code != 200 || up.last().url != "https://a.test"+path {
			t.Errorf("%s: %d %s, went to %s", path, w.Code, w.Body, up.last().url)
		}
	}
}

func TestHeadersAndFieldsOfAnthropicAreOpenLists(t *testing.T) {
	up := always(anthropicAnswer)
	ch := anthropicChannel("a", "https://a.test")
	h := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: up}).Handler()
	sent := http.Header{
		"Anthropic-Version": {"2026-10-21"}, "Anthropic-Beta": {"context-management-2025-06-27,interleaved-thinking-2025-05-14", "never-heard-of-2027-01-01"},
		"Anthropic-Workspace-Id": {"wrkspc_1"}, "Anthropic-Brand-New": {"x"}, "X-Claude-Code-Session-Id": {"s1"}, "X-App": {"cli"}, "X-Stainless-Retry-Count": {"1"}, "User-Agent": {"claude-cli/2.1"},
	}
	for _, path := range []string{"/v1/messages?beta=true", "/v1/messages/count_tokens", "/v1/messages/batches"} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(claudeCode))
		r.Header = sent.Clone()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := up.last()
		if got.body != claudeCode {
			t.Errorf("%s: the body is\n%s\nsent was\n%s", path, got.body, claudeCode)
		}
		for name, values := range sent {
			if fmt.Sprint(got.header[name]) != fmt.Sprint(values) {
				t.Errorf("%s: %s arrived as %q", path, name, got.header[name])
			}
		}
	}
}

func TestBothStylesOfCredentialsAreTakenAndNeverForwarded(t *testing.T) {
	for _, key := range []string{"key-a", ""} {
		up := always(anthropicAnswer)
		ch := anthropicChannel("a", "https://a.test")
		ch.APIKey = key
		h := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: up}).Handler()
		for _, header := range [][]string{
			{"Authorization", "Bearer callers-own"},
			{"X-Api-Key", "callers-own"},
			{"Authorization", "Bearer callers-own", "X-Api-Key", "callers-own"},
			{"Cookie", "callers-own"},
			{"X-Goog-Api-Key", "callers-own"},
		} {
			for _, path := range []string{"/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches"} {
				w := serve(t, h, "POST", path, claudeCode, append(header, "Anthropic-Version", "2023-06-01")...)
				got := up.last()
				if w.Code != 200 || got.header.Get("X-Api-Key") != key || strings.Contains(fmt.Sprint(got.header, got.url), "callers-own") {
					t.Errorf("%s with %v: %d, sent %v", path, header, w.Code, got.header)
				}
			}
		}
	}
}

// Claude Code heals itself after errors that it knows by their wording.
func TestErrorBodiesAreTheProvidersOwn(t *testing.T) {
	const said = `{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid ` + "`signature`" + ` in ` + "`thinking`" + ` block","details":{"error_code":"x"}},"request_id":"req_1"}`
	up := &recorder{answer: func(*http.Request, string) *http.Response {
		resp := respond(400, "application/json", said)
		resp.Header.Set("Request-Id", "req_1")
		return resp
	}}
	h := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up}).Handler()
	for _, path := range []string{"/v1/messages?beta=true", "/v1/messages/count_tokens", "/v1/messages/batches"} {
		w := serve(t, h, "POST", path, claudeCode, "Anthropic-Version", "2023-06-01")
		if w.Code != 400 || w.Body.String() != said || w.Header().Get("Request-Id") != "req_1" {
			t.Errorf("%s: %d %s %v", path, w.Code, w.Body, w.Header())
		}
	}
}

func TestNothingOfAStreamIsHeldBack(t *testing.T) {
	for _, channel := range []dialect{anthropicDialect(), chatDialect()} {
		t.Run(channel.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				steps := []any{channel.begin, time.Minute}
				for _, w := range channel.words {
					steps = append(steps, w, time.Minute)
				}
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": append(steps, channel.end)}})
				start := time.Now()
				resp, _ := stream(t, tr, anthropicDialect())
				buf := make([]byte, 64<<10)
				for i, word := range []string{"one ", "two ", "three ", "four"} {
					text := ""
					for !strings.Contains(text, word) {
						n, err := resp.Body.Read(buf)
						if err != nil {
							t.Fatal(err)
						}
						text += string(buf[:n])
					}
					if after := time.Since(start); after != time.Duration(i+1)*time.Minute {
						t.Errorf("%q arrived after %v", word, after)
					}
				}
				_ = resp.Body.Close()
			})
		})
	}
}

func TestSessionsOfAgents(t *testing.T) {
	const chat, messages, responses = "/v1/chat/completions", "/v1/messages", "/v1/responses"
	for _, test := range []struct {
		name, path, body string
		header           []string
		key, source      string
	}{
		{"Claude Code's header", messages, claudeCode, []string{"X-Claude-Code-Session-Id", "s1"}, "s1", "X-Claude-Code-Session-Id"},
		{"the configured header comes first", messages, claudeCode, []string{"X-Claude-Code-Session-Id", "s1", "X-Session-ID", "s2"}, "s2", "X-Session-Id"},
		{"the session in the id of the user", messages, claudeCode, nil, "0a1b", "metadata.user_id"},
		{"the session in an id that is an object", messages, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s3\"}"}}`, nil, "s3", "metadata.user_id"},
		{"an id without a session", messages, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"u"}}`, nil, "", ""},
		{"Codex's header", responses, `{"model":"m","input":"x","prompt_cache_key":"p"}`, []string{"session_id", "c1"}, "c1", "Session_id"},
		{"Codex's key of the cache", responses, `{"model":"m","input":"x","prompt_cache_key":"p"}`, nil, "p", "prompt_cache_key"},
		{"the key of the cache of Chat", chat, `{"model":"m","messages":[{"role":"user","content":"x"}],"prompt_cache_key":"p"}`, nil, "p", "prompt_cache_key"},
		{"none", chat, `{"model":"m","messages":[{"role":"user","content":"x"}],"prompt_cache_key":7}`, nil, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := newTransport(t, routex.Config{Channels: three(anthropicChannel), Base: always(anthropicAnswer)})
			_, _, first := ask(t, tr, "POST", "https://x.test"+test.path, test.body, test.header...)
			if test.key == "" {
				if a := first.Affinity; a == nil || a.Source != "conversation" {
					t.Errorf("affinity %+v", a)
				}
				return
			}
			if a := first.Affinity; a == nil || a.Key != test.key || a.Source != test.source {
				t.Fatalf("affinity %+v", a)
			}
			for range 5 {
				if _, _, d := ask(t, tr, "POST", "https://x.test"+test.path, test.body, test.header...); d.Channel != first.Channel || !d.Affinity.Hit {
					t.Errorf("it wandered from %s to %s", first.Channel, d.Channel)
				}
			}
		})
	}
}

func TestAgentsAreNamedInTheDecision(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: always(anthropicAnswer)})
	_, _, d := ask(t, tr, "POST", "https://x.test/v1/messages", claudeCode, "X-Claude-Code-Agent-Id", "sub", "X-Claude-Code-Parent-Agent-Id", "main")
	if d.Agent != "sub" || d.ParentAgent != "main" {
		t.Errorf("decision %+v", d)
	}
}

func TestTheListOfModelsIsNoRedirect(t *testing.T) {
	ch := anthropicChannel("a", "https://a.test")
	ch.Models = []string{"claude-opus-4"}
	server := httptest.NewServer(newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: always("{}")}).Handler())
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/models?limit=1000", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if text := readBody(t, resp); resp.StatusCode != 200 || gjson.Get(text, "data.0.id").Str != "claude-opus-4" || gjson.Get(text, "data.0.display_name").Str == "" {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

// A beta header and its field travel together, or are both left out.
func TestWhatOtherProtocolsLackIsALossAndNoFailure(t *testing.T) {
	for _, kind := range []func(name, url string) routex.Channel{openAIChannel, responsesChannel, googleChannel} {
		ch := kind("o", "https://o.test")
		t.Run(string(ch.Type)+" "+string(ch.API), func(t *testing.T) {
			up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
				body := `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`
				switch ch.Dialect() {
				case routex.APIResponses.Dialect():
					body = `{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}]}`
				case routex.APIGemini.Dialect():
					body = `{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP","index":0}]}`
				}
				return respond(200, "application/json", body)
			}}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: up})
			resp, text, d := ask(t, tr, "POST", "https://x.test/v1/messages?beta=true", claudeCode, "Anthropic-Beta", "context-management-2025-06-27", "Anthropic-Version", "2023-06-01")
			if resp.StatusCode != 200 || gjson.Get(text, "content.0.text").Str != "hi" {
				t.Fatalf("%d %s", resp.StatusCode, text)
			}
			sent := up.last()
			if strings.Contains(sent.body, "context_management") || strings.Contains(sent.body, "brand_new") || sent.header["Anthropic-Beta"] != nil {
				t.Errorf("sent %s %v", sent.body, sent.header)
			}
			lost := map[string]bool{}
			for _, l := range d.Losses {
				lost[l.Field] = true
			}
			for _, field := range []string{"context_management", "header Anthropic-Beta", "brand_new"} {
				if !lost[field] {
					t.Errorf("%s was lost in silence: %v", field, d.Losses)
				}
			}
			if resp.Header.Get("X-Routex-Lossy") == "" {
				t.Error("the caller is not told")
			}
		})
	}
}

// The whole way over real connections: events leave one by one.
func TestTheHandlerFlushesEveryEvent(t *testing.T) {
	d := anthropicDialect()
	next := make(chan struct{})
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range append(append([]string{d.begin}, d.words...), d.end) {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
			if piece != d.begin {
				<-next
			}
		}
	}))
	defer up.Close()
	defer close(next)
	server := httptest.NewServer(newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", up.URL)}}).Handler())
	defer server.Close()
	resp, err := http.Post(server.URL+"/v1/messages?beta=true", "application/json", strings.NewReader(streamCall))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	buf := make([]byte, 64<<10)
	for _, word := range []string{"one ", "two ", "three ", "four"} {
		for text := ""; !strings.Contains(text, word); {
			n, err := resp.Body.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			text += string(buf[:n])
		}
		next <- struct{}{}
	}
}
