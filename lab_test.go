package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// A wire is one of the four protocols, as callers and as channels speak it.
type wire struct {
	name, path string
	body       string // of a streamed call
	ping       string // that the handler writes; "" for none
	kind       routex.ChannelType
	api        routex.API
}

func wires() []wire {
	return []wire{anthropicWire(), chatWire(), responsesWire(), geminiWire()}
}

func anthropicWire() wire {
	return wire{
		name: "anthropic", path: "/v1/messages", kind: routex.TypeAnthropic, ping: anthropicPing,
		body: `{"model":"m","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"count"}]}`,
	}
}

func chatWire() wire {
	return wire{
		name: "chat", path: "/v1/chat/completions", kind: routex.TypeOpenAI, api: routex.APIChat, ping: commentPing,
		body: `{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"count"}]}`,
	}
}

func responsesWire() wire {
	return wire{
		name: "responses", path: "/v1/responses", kind: routex.TypeOpenAI, api: routex.APIResponses, ping: commentPing,
		body: `{"model":"m","stream":true,"input":"count"}`,
	}
}

func geminiWire() wire {
	return wire{
		name: "gemini", path: "/v1beta/models/m:streamGenerateContent?alt=sse", kind: routex.TypeGoogle,
		body: `{"contents":[{"role":"user","parts":[{"text":"count"}]}]}`,
	}
}

// unary is a call in the protocol that is not streamed.
func (w wire) unary() wire {
	w.body = strings.Replace(w.body, `"stream":true,`, "", 1)
	w.body = strings.Replace(w.body, `"stream_options":{"include_usage":true},`, "", 1)
	w.path = strings.Replace(strings.TrimSuffix(w.path, "?alt=sse"), "streamGenerateContent", "generateContent", 1)
	return w
}

// at is a channel that speaks the protocol.
func (w wire) at(name, url string) routex.Channel {
	return routex.Channel{Name: name, Type: w.kind, API: w.api, BaseURL: url, APIKey: "k"}
}

// everyWire runs a test, in a bubble, for every caller and channel.
func everyWire(t *testing.T, f func(t *testing.T, caller, channel wire)) {
	t.Helper()
	for _, caller := range wires() {
		for _, channel := range wires() {
			runInBubble(t, caller.name+" from "+channel.name, func(t *testing.T) { f(t, caller, channel) })
		}
	}
}

// counted is what providers say when they are not told anything else.
const counted = "one two three four five six seven eight nine ten eleven twelve"

// counts says it, or the rest of it.
func counts(c *routextest.Call) routextest.Answer {
	return routextest.Answer{Text: counted, Usage: routextest.Usage{Input: 9, Output: 12 - len(strings.Fields(c.Prefill))}}
}

// A site is a provider, and how its channel differs from others.
type site struct {
	*routextest.Provider
	name   string
	wire   wire
	change func(*routex.Channel)
}

// at makes a provider that takes its time between two words.
func at(name string, w wire, change ...func(*routextest.Options)) *site {
	o := routextest.Options{Name: name, Pace: 50 * time.Millisecond, Answer: counts}
	for _, f := range change {
		f(&o)
	}
	return &site{Provider: routextest.NewProvider(o), name: name, wire: w}
}

// model maps the callers' model to one of the provider's.
func (s *site) model(name string) *site {
	s.change = func(c *routex.Channel) { c.ModelMap = map[string]string{"m": name} }
	return s
}

// A lab is a Transport over providers in memory, of falling priority. It has to
// be made in a bubble, whose end shows that nothing goes on.
type lab struct {
	*routex.Transport
	t     *testing.T
	cfg   routex.Config
	sites []*site
}

func newLab(t *testing.T, cfg routex.Config, sites ...*site) *lab {
	t.Helper()
	net := routextest.NewNetwork()
	t.Cleanup(net.Close)
	for i, s := range sites {
		ch := s.wire.at(s.name, net.Add(s.name+".test", s))
		ch.Priority = i
		if s.change != nil {
			s.change(&ch)
		}
		cfg.Channels = append(cfg.Channels, ch)
	}
	if cfg.Base == nil {
		cfg.Base = net.Transport()
	}
	l := &lab{Transport: newTransport(t, cfg), t: t, cfg: cfg, sites: sites}
	t.Cleanup(l.settled)
	return l
}

// enable lets a channel that was disabled take calls, or the other way round.
func (l *lab) enable(i int, on bool) {
	l.t.Helper()
	l.cfg.Channels[i].Disabled = !on
	if err := l.Update(l.cfg); err != nil {
		l.t.Fatal(err)
	}
}

// settled reports what a call has left open.
func (l *lab) settled() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		l.t.Errorf("a call is still open: %v", err)
	}
	for _, s := range l.Status() {
		if s.InFlight != 0 {
			l.t.Errorf("%s has %d calls in flight", s.Name, s.InFlight)
		}
	}
}

// A heard is what a call brought its caller.
type heard struct {
	status int
	header http.Header
	raw    string
	err    error // of RoundTrip, or of the body
	took   time.Duration
	d      *routex.Decision

	text  string
	fault string // the error that was told
	ended bool   // with the protocol's own ending
	after bool   // something came after the end or the error
	out   int64  // tokens of output, as the usage says
}

// request makes a call's request.
func (l *lab) request(w wire, change ...func(*http.Request)) *http.Request {
	req, _ := newCall(l.t, "https://x.test"+w.path, w.body)
	for _, f := range change {
		f(req)
	}
	return req
}

// hear makes a call and reads its answer to the end.
func (l *lab) hear(w wire, change ...func(*http.Request)) *heard {
	l.t.Helper()
	req := l.request(w, change...)
	ctx, rec := routex.WithRecord(req.Context())
	began := time.Now()
	h := &heard{}
	resp, err := l.RoundTrip(req.WithContext(ctx))
	if h.err = err; err == nil {
		var b []byte
		b, h.err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		h.status, h.header, h.raw = resp.StatusCode, resp.Header, string(b)
		h.read(w)
	}
	h.took, h.d = time.Since(began), rec.Decision()
	return h
}

// whole reports that the caller got the whole answer, and nothing else.
func (h *heard) whole() bool {
	return h.err == nil && h.status == 200 && h.text == counted && h.ended && h.fault == "" && !h.after
}

// broke reports that the caller got a part of the answer, and then was told that
// there is no more.
func (h *heard) broke() bool {
	return h.err == nil && h.status == 200 && h.text != "" && h.text != counted && strings.HasPrefix(counted, h.text) && h.fault != "" && !h.ended && !h.after
}

// tried names the channels that were asked.
func (h *heard) tried() string { return tried(h.d) }

// read takes the answer apart.
func (h *heard) read(w wire) {
	body := strings.TrimSpace(h.raw)
	if h.status >= 400 {
		h.fault = gjson.Get(body, "error.message").String()
		return
	}
	if strings.HasPrefix(body, "[") {
		gjson.Parse(body).ForEach(func(_, element gjson.Result) bool {
			h.event(w, element)
			return true
		})
		h.ended = h.ended && gjson.Valid(body)
		return
	}
	if strings.HasPrefix(body, "{") {
		paths := map[string]string{
			"anthropic": "content.0.text", "chat": "choices.0.message.content",
			"responses": "output.0.content.0.text", "gemini": "candidates.0.content.parts.0.text",
		}
		h.text, h.ended = gjson.Get(body, paths[w.name]).String(), true
		return
	}
	for line := range strings.SplitSeq(body, "\n") {
		if data, ok := strings.CutPrefix(strings.TrimSuffix(line, "\r"), "data:"); ok {
			h.event(w, gjson.Parse(strings.TrimSpace(data)))
		}
	}
}

func (h *heard) event(w wire, e gjson.Result) {
	failed := w.name == "responses" && e.Get("type").String() == "response.failed" // it comes after the error event
	h.after = h.after || h.ended || h.fault != "" && !failed
	get := func(path string) string { return e.Get(path).String() }
	usage := func(path string) {
		if v := e.Get(path); v.Exists() {
			h.out = v.Int()
		}
	}
	switch w.name {
	case "anthropic":
		h.text += get("delta.text")
		h.ended = get("type") == "message_stop"
		h.fault = get("error.message")
		usage("usage.output_tokens")
	case "chat":
		h.text += get("choices.0.delta.content")
		h.ended = e.Raw == "[DONE]"
		h.fault = get("error.message")
		usage("usage.completion_tokens")
	case "responses":
		if get("type") == "response.output_text.delta" {
			h.text += get("delta")
		}
		h.ended = get("type") == "response.completed" && get("response.output.0.content.0.text") == h.text
		h.fault = get("response.error.message")
		if get("type") == "error" {
			h.fault = get("message")
		}
		usage("response.usage.output_tokens")
	case "gemini":
		for _, part := range e.Get("candidates.0.content.parts").Array() {
			h.text += part.Get("text").String()
		}
		h.ended = get("candidates.0.finishReason") == "STOP"
		h.fault = get("error.message")
		usage("usageMetadata.candidatesTokenCount")
	}
}
