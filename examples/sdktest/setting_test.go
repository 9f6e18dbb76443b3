package sdktest

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

// An upstream is one kind of channel.
type upstream struct {
	name    string
	channel routex.Channel // without what differs between tests
	path    string         // of the base URL
	model   string         // that serves
	thinker string         // that serves when reasoning is asked for
	vendor  string         // who knows his own signatures, whatever the account
	own     bool           // one of the four protocols, and not a variant of one
}

func upstreams() []upstream {
	return []upstream{
		{name: "anthropic", vendor: "anthropic", channel: routex.Channel{Type: routex.TypeAnthropic}, model: "claude-sonnet-4-5", thinker: "claude-sonnet-4-5", own: true},
		{name: "openai chat", vendor: "openai", channel: routex.Channel{Type: routex.TypeOpenAI}, model: "gpt-4o", thinker: "gpt-5", own: true},
		{name: "openai responses", vendor: "openai", channel: routex.Channel{Type: routex.TypeOpenAI, API: routex.APIResponses}, model: "gpt-4o", thinker: "gpt-5", own: true},
		{name: "google", vendor: "google", channel: routex.Channel{Type: routex.TypeGoogle}, model: "gemini-3-pro", thinker: "gemini-3-pro", own: true},
		{name: "azure", vendor: "openai", channel: routex.Channel{Type: routex.TypeAzure, APIVersion: "2024-10-21"}, model: "gpt-4o", thinker: "gpt-5"},
		{name: "zhipu", vendor: "zhipu", channel: routex.Channel{Type: routex.TypeZhipu}, path: "/api/paas/v4", model: "glm-4.6", thinker: "glm-4.6"},
		{name: "custom", vendor: "custom", channel: routex.Channel{Type: routex.TypeCustom}, model: "deepseek-chat", thinker: "kimi-k2"},
	}
}

// dialect is the protocol that the channel speaks.
func (u upstream) dialect() transform.Dialect { return u.channel.Dialect() }

// at is the channel for a provider at a URL.
func (u upstream) at(name, url string) routex.Channel {
	c := u.channel
	c.Name, c.BaseURL, c.APIKey = name, url+u.path, "the-channel's"
	c.ModelMap = map[string]string{"asked-for": u.model, "thinker": u.thinker}
	return c
}

// A setting is one client over Routex over one provider.
type setting struct {
	client   client
	upstream upstream
	stream   bool
	answer   func(*routextest.Call) routextest.Answer
	provider *routextest.Provider
	http     *http.Client
	got      *tap // what the client got
	given    *tap // what the provider gave
	net      *routextest.Network

	mu     sync.Mutex
	last   *routex.Decision // under mu
	losses []transform.Loss // under mu: of all calls
}

func newSetting(t *testing.T, c client, u upstream, stream bool, answer func(*routextest.Call) routextest.Answer) *setting {
	t.Helper()
	s := &setting{client: c, upstream: u, stream: stream, answer: answer}
	s.provider = routextest.NewProvider(routextest.Options{APIKey: "the-channel's", Answer: answer})
	s.net = routextest.NewNetwork()
	t.Cleanup(s.net.Close)
	s.given = &tap{inner: s.net.Transport()}
	s.over(t, routex.Config{Channels: []routex.Channel{u.at("up", s.net.Add("up.test", s.provider))}, Base: s.given})
	return s
}

// over puts Routex under the client.
func (s *setting) over(t *testing.T, config routex.Config) {
	t.Helper()
	config.OnDecision = func(d *routex.Decision) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.last, s.losses = d, append(s.losses, d.Losses...)
	}
	transport, err := routex.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := transport.Close(t.Context()); err != nil {
			t.Errorf("something is left open: %v", err)
		}
	})
	s.got = &tap{inner: transport}
	s.http = &http.Client{Transport: s.got}
}

func (s *setting) ask(t *testing.T, q question) reading {
	t.Helper()
	return s.client.ask(t.Context(), s.http, q, s.stream)
}

// succeeds asks, and stops the test when there is an error.
func (s *setting) succeeds(t *testing.T, q question) reading {
	t.Helper()
	r := s.ask(t, q)
	if r.Status != 0 && !s.refused(r) {
		t.Fatalf("read %+v\nsent %s\ngot %s", r, s.sent().Raw, s.got.text())
	}
	return r
}

// refused reports that Routex itself refused the call.
func (s *setting) refused(r reading) bool {
	return r.Status == http.StatusBadRequest && s.provider.Count() == 0
}

func (s *setting) decision() *routex.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// lost is what could not be carried, in all calls, but for hints.
func (s *setting) lost() []transform.Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.losses), transform.Loss.Hint)
}

// sent is the body of the latest call that the provider got.
func (s *setting) sent() gjson.Result { return gjson.ParseBytes(s.provider.LastCall().Body) }

// has reports that the latest call to the provider holds every text.
func (s *setting) has(texts ...string) bool {
	body := string(s.provider.LastCall().Body)
	return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(body, text) })
}

// A tap keeps what passes it of the latest answer.
type tap struct {
	inner http.RoundTripper

	mu     sync.Mutex
	header http.Header  // under mu
	body   bytes.Buffer // under mu
}

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.inner.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.header = resp.Header
	t.body.Reset()
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(resp.Body, t), resp.Body}
	return resp, nil
}

// Write implements io.Writer.
func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.body.Write(p)
}

func (t *tap) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.body.String()
}

// coins are the signatures and the encrypted reasoning that the provider
// minted in the latest answer.
func (s *setting) coins() []string {
	coins := regexp.MustCompile(`bWludGVkIGJ5I[A-Za-z0-9+/=]+`).FindAllString(s.given.text(), -1)
	slices.Sort(coins)
	return slices.Compact(coins)
}
