package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type listing struct {
	Data []struct{ ID, Name, Type, Object string }
}

func (l listing) names() []string {
	var names []string
	for _, d := range l.Data {
		names = append(names, d.Name)
	}
	return names
}

func (l listing) ids() []string {
	var ids []string
	for _, d := range l.Data {
		ids = append(ids, d.ID)
	}
	return ids
}

const (
	messagesCall = `{"model":"claude-opus-4","messages":[{"role":"user","content":"Hello!"}],"max_tokens":100}`
	chatCall     = `{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}`
)

// streamed asks for the answer to a call as a stream.
func streamed(call string) string { return `{"stream":true,` + call[1:] }

func TestDemoAnswersCalls(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir())
	tests := map[string]struct {
		path, body, channel, media string
		parts                      []string // in the answer
	}{
		"Anthropic":           {"/v1/messages", messagesCall, "demo-anthropic", "application/json", []string{`"type":"message"`, `"role":"assistant"`}},
		"as the guide prints": {"/v1/messages", `{"model":"claude-sonnet-4","messages":[{"role":"user","content":"..."}]}`, "demo-anthropic", "application/json", []string{`"type":"message"`}},
		"Anthropic stream":    {"/v1/messages", streamed(messagesCall), "demo-anthropic", "text/event-stream", []string{"event: message_start", "event: message_stop"}},
		"OpenAI":              {"/v1/chat/completions", chatCall, "demo-openai", "application/json", []string{`"chat.completion"`, `"assistant"`}},
		"OpenAI stream":       {"/v1/chat/completions", streamed(chatCall), "demo-openai", "text/event-stream", []string{`"chat.completion.chunk"`, "data: [DONE]"}},
		"Anthropic as OpenAI": {"/v1/chat/completions", strings.Replace(chatCall, "gpt-4o", "claude-haiku-4", 1), "demo-anthropic", "application/json", []string{`"chat.completion"`}},
		"OpenAI as Anthropic": {"/v1/messages", strings.Replace(messagesCall, "claude-opus-4", "gpt-4o-mini", 1), "demo-openai", "application/json", []string{`"type":"message"`}},
		"translated stream":   {"/v1/messages", streamed(strings.Replace(messagesCall, "claude-opus-4", "gpt-4o", 1)), "demo-openai", "text/event-stream", []string{"event: message_start", "event: message_stop"}},
	}
	hex := regexp.MustCompile(`^[0-9a-f]{32} [0-9a-f]{16}$`)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp, body := p.must(200, "POST", tt.path, tt.body, "X-Session-ID", "user-123-conversation-abc")
			h := resp.Header
			if h.Get("X-Channel-Name") != tt.channel || !strings.HasPrefix(h.Get("Content-Type"), tt.media) {
				t.Errorf("channel %q, type %q; want %q, %q", h.Get("X-Channel-Name"), h.Get("Content-Type"), tt.channel, tt.media)
			}
			if !hex.MatchString(h.Get("X-Trace-Id")+" "+h.Get("X-Span-Id")) || h.Get("X-Channel-Id") == "" || h.Get("X-Latency-Ms") == "" {
				t.Errorf("the headers say %v", h)
			}
			for _, part := range tt.parts {
				if !strings.Contains(body, part) {
					t.Errorf("%q is missing in %s", part, body)
				}
			}
		})
	}
	if resp, body := p.do("POST", "/v1/messages", strings.Replace(messagesCall, "claude-opus-4", "nothing", 1)); resp.StatusCode != 404 || !strings.Contains(body, `"type":"error"`) {
		t.Errorf("a model that nobody has: %d %s", resp.StatusCode, body)
	}
}

func TestDemoListsItsModels(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir())
	want := []string{"claude-haiku-4", "claude-opus-4", "claude-sonnet-4", "gpt-4o", "gpt-4o-mini"}
	_, openai := p.must(200, "GET", "/v1/models", "")
	if l := decode[listing](t, openai); !slices.Equal(l.ids(), want) || l.Data[0].Object != "model" {
		t.Errorf("OpenAI's shape: %s", openai)
	}
	_, anthropic := p.must(200, "GET", "/v1/models", "", "anthropic-version", "2023-06-01")
	if l := decode[listing](t, anthropic); !slices.Equal(l.ids(), want) || l.Data[0].Type != "model" {
		t.Errorf("Anthropic's shape: %s", anthropic)
	}
}

func TestDemoChannelsAreNotKept(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-demo", "-data", data)
	demo := []string{"demo-anthropic", "demo-openai"}
	_, first := p.must(200, "GET", "/api/channels", "")
	if names := decode[listing](t, first).names(); !slices.Equal(names, demo) {
		t.Fatalf("the demo has channels %q, want %q", names, demo)
	}
	p.must(200, "GET", "/health/ready", "")
	p.must(201, "POST", "/api/channels", `{"name":"mine","type":"openai"}`)
	p.must(201, "POST", "/api/routing/rules", `{"name":"r","type":"default","targetChannel":"`+decode[listing](t, first).Data[1].ID+`"}`)
	p.signal(os.Interrupt)
	p.wait()

	p = start(t, "-demo", "-data", data)
	_, again := p.must(200, "GET", "/api/channels", "")
	if names := decode[listing](t, again).names(); !slices.Equal(names, append([]string{"mine"}, demo...)) {
		t.Errorf("a second demo has channels %q", names)
	}
	if resp, _ := p.must(200, "POST", "/v1/messages", messagesCall); resp.Header.Get("X-Routing-Rule") != "r" {
		t.Error("a rule that names a demo channel by id is lost at the next start")
	}
	p.signal(os.Interrupt)
	p.wait()

	p = start(t, "-data", data)
	_, without := p.must(200, "GET", "/api/channels", "")
	if names := decode[listing](t, without).names(); !slices.Equal(names, []string{"mine"}) {
		t.Errorf("without -demo there are channels %q", names)
	}
}
