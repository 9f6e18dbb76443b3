package routex_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
)

// A host may write names of headers as it likes: http.Header keeps them, and
// so does the wire.
func TestCredentialsNeverPassHoweverTheyAreSpelled(t *testing.T) {
	const secret = "callers-own"
	calls := map[string]string{
		"/v1/messages":                     `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`,
		"/v1/chat/completions":             `{"model":"m","messages":[{"role":"user","content":"x"}]}`,
		"/v1beta/models/m:generateContent": `{"contents":[{"role":"user","parts":[{"text":"x"}]}]}`,
		"/v1/messages/count_tokens":        `{"model":"m","messages":[{"role":"user","content":"x"}]}`,
		"/v1/embeddings":                   `{"model":"m","input":"x"}`,
		"/v1/files":                        ``,
		"/v1beta/files":                    ``,
	}
	for _, ch := range []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test"), googleChannel("g", "https://g.test")} {
		ch.APIKey = ""
		for path, body := range calls {
			for _, query := range []string{"key", "access_token", "api-key", "%6bey"} {
				up := always(`{}`)
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: up})
				req, err := http.NewRequest(http.MethodPost, "https://x.test"+path+"?a=1&"+query+"="+secret, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header = http.Header{
					"authorization": {secret}, "x-api-key": {secret}, "X-API-KEY": {secret}, "api-key": {secret}, "x-goog-api-key": {secret},
					"cookie": {secret}, "proxy-authorization": {secret}, "sec-websocket-protocol": {"openai-insecure-api-key." + secret},
					"Content-Type": {"application/json"}, "x-custom": {"kept"}, "X-Custom": {"kept"},
				}
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				for _, got := range up.got {
					if strings.HasPrefix(got.url, "https://x.test") { // no channel has such a thing
						continue
					}
					var sent strings.Builder
					_ = got.header.Write(&sent)
					if strings.Contains(got.url+sent.String(), secret) || len(got.header["X-Custom"]) != 2 {
						t.Errorf("%s with %s at %s: sent to %s with\n%s", path, query, ch.Name, got.url, &sent)
					}
				}
			}
		}
	}
}

// A keyed upstream answers by the key: with a status, or with a success when
// it has none.
type keyed struct {
	mu     sync.Mutex
	status map[string]int // under mu
	header http.Header    // of failures
	used   map[string]int // under mu: how often since the last look
	open   int            // under mu: bodies that are not closed
}

func newKeyed(status map[string]int) *keyed {
	return &keyed{status: status, header: http.Header{}, used: map[string]int{}}
}

func (u *keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	key := r.Header.Get("X-Api-Key")
	u.used[key]++
	u.open++
	resp := respond(200, "application/json", anthropicAnswer)
	if status := u.status[key]; status != 0 {
		resp = respond(status, "application/json", `{"type":"error","error":{"type":"some_error","message":"no"}}`)
		if status == http.StatusTooManyRequests {
			maps.Copy(resp.Header, u.header)
		}
	}
	resp.Body = &told{Reader: resp.Body, closed: func() { u.mu.Lock(); u.open--; u.mu.Unlock() }}
	return resp, nil
}

// A told body tells when it is closed.
type told struct {
	io.Reader
	closed func()
	once   sync.Once
}

func (b *told) Close() error { b.once.Do(b.closed); return nil }

func (u *keyed) set(key string, status int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.status[key] = status
}

// look says which keys were used since it was called last.
func (u *keyed) look() map[string]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	used := u.used
	u.used = map[string]int{}
	return used
}

func withKeys(name string, keys ...string) routex.Channel {
	ch := anthropicChannel(name, "https://"+name+".test")
	ch.APIKey, ch.APIKeys = keys[0], keys[1:]
	return ch
}

func TestBadKeysAreLeftAloneUntilTheyMayBeGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := newKeyed(map[string]int{"bad": 401, "busy": 429})
		up.header.Set("Retry-After", "60")
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{withKeys("a", "bad", "busy", "good")}, Base: up})
		ask := func() {
			t.Helper()
			resp, d := call(t, tr, anthropicCall)
			if resp.StatusCode != 200 || len(d.Attempts) > 3 {
				t.Fatalf("%d after %d tries: %+v", resp.StatusCode, len(d.Attempts), d.Attempts)
			}
		}
		ask()
		if used := up.look(); used["bad"] != 1 || used["busy"] != 1 || used["good"] != 1 {
			t.Fatalf("the first call used %v", used)
		}
		for range 20 {
			time.Sleep(time.Second)
			ask()
		}
		if used := up.look(); used["good"] != 20 || len(used) != 1 {
			t.Errorf("while the others rest, used are %v", used)
		}
		s := tr.Status()[0]
		if len(s.Keys) != 3 || s.Keys[0].Why != "refused with status 401: key_invalid" || s.Keys[1].Why == "" || s.Keys[2].Why != "" || !s.CooldownUntil.IsZero() || s.Circuit != breaker.Closed {
			t.Errorf("the status is %+v", s)
		}
		time.Sleep(10 * time.Second) // 30 since the first call
		ask()
		ask()
		if used := up.look(); used["bad"] != 1 || used["busy"] != 0 {
			t.Errorf("after its rest the refused key is not tried once: %v", used)
		}
		up.set("bad", 0)
		up.set("busy", 0)
		time.Sleep(time.Minute)
		for range 9 {
			ask()
		}
		if used := up.look(); used["bad"] != 3 || used["busy"] != 3 || used["good"] != 3 {
			t.Errorf("when all are good they are used %v", used)
		}
		if up.open != 0 {
			t.Errorf("%d bodies were not closed", up.open)
		}
	})
}

func TestChannelWhoseKeyWasRefusedGivesWayToOthers(t *testing.T) {
	for _, status := range []int{401, 402, 403} {
		synctest.Test(t, func(t *testing.T) {
			up := newKeyed(map[string]int{"bad": status})
			first, second := withKeys("first", "bad"), withKeys("second", "good")
			second.Priority = 9
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{first, second}, Base: up})
			_, d := call(t, tr, anthropicCall)
			if got := tried(d); got != "first second" {
				t.Fatalf("%d: tried are %s", status, got)
			}
			for range 3 {
				if _, d = call(t, tr, anthropicCall); tried(d) != "second" || !strings.Contains(d.Candidates[0].Why, "its key was refused") {
					t.Errorf("%d: tried are %s; %+v", status, tried(d), d.Candidates[0])
				}
			}
			_, d = call(t, tr, strings.Replace(anthropicCall, `"m"`, `"n"`, 1))
			if got, want := tried(d), map[bool]string{true: "second", false: "first second"}[status == 401]; got != want {
				t.Errorf("%d: for another model tried are %s, want %s", status, got, want)
			}
			up.set("bad", 0)
			time.Sleep(30 * time.Second)
			if _, d = call(t, tr, anthropicCall); tried(d) != "first" {
				t.Errorf("%d: after the rest tried are %s", status, tried(d))
			}
		})
	}
}

// What the provider says is a better answer than that nobody was asked.
func TestRefusedKeyIsAskedWhenNothingElseIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := newKeyed(map[string]int{"bad": 401, "worse": 401})
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{withKeys("a", "bad", "worse")}, Base: up})
		for i := range 5 {
			resp, d := call(t, tr, anthropicCall)
			if resp.StatusCode != 401 || d.Class != breaker.Credential {
				t.Fatalf("call %d gets %d: %+v", i, resp.StatusCode, d)
			}
			if want := map[bool]int{true: 2, false: 1}[i == 0]; len(d.Attempts) != want {
				t.Errorf("call %d makes %d tries, want %d", i, len(d.Attempts), want)
			}
		}
		up.set("worse", 0)
		call(t, tr, anthropicCall) // within the rest
		if resp, d := call(t, tr, anthropicCall); resp.StatusCode != 200 || len(d.Attempts) != 1 || d.Attempts[0].Key != "****" {
			t.Errorf("a key that works again is not found: %d, %+v", resp.StatusCode, d.Attempts)
		}
	})
}

func TestLimitedChannelIsNotAskedBecauseAnotherWasRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := newKeyed(map[string]int{"bad": 401, "busy": 429})
		up.header.Set("Retry-After", "20")
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{withKeys("a", "bad"), withKeys("b", "busy")}, Base: up})
		call(t, tr, anthropicCall)
		up.look()
		resp, d := call(t, tr, anthropicCall)
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "20" || len(d.Attempts) != 0 {
			t.Errorf("%d, Retry-After %q, %+v", resp.StatusCode, resp.Header.Get("Retry-After"), d.Attempts)
		}
	})
}

// An account that is closed has many keys that are all refused.
func TestManyBadKeysDoNotKeepACallFromAnotherChannel(t *testing.T) {
	status := map[string]int{}
	var bad []string
	for _, c := range "abcdefghij" {
		bad = append(bad, "bad-"+string(c))
		status["bad-"+string(c)] = 403
	}
	first, second := withKeys("first", bad...), withKeys("second", "good")
	second.Priority = 9
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{first, second}, Base: newKeyed(status)})
	resp, d := call(t, tr, anthropicCall)
	if resp.StatusCode != 200 || tried(d) != "first first first second" {
		t.Errorf("%d; tried are %s", resp.StatusCode, tried(d))
	}
	alone := newTransport(t, routex.Config{Channels: []routex.Channel{withKeys("alone", append(bad[:5], "good")...)}, Base: newKeyed(status)})
	if resp, d := call(t, alone, anthropicCall); resp.StatusCode != 200 {
		t.Errorf("with nobody else: %d after %d tries", resp.StatusCode, len(d.Attempts))
	}
}

func TestKeysSurviveUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := newKeyed(map[string]int{"bad": 401})
		cfg := routex.Config{Channels: []routex.Channel{withKeys("a", "bad", "good")}, Base: up}
		tr := newTransport(t, cfg)
		ask := func() map[string]int {
			t.Helper()
			for range 3 { // once for each key
				if resp, _ := call(t, tr, anthropicCall); resp.StatusCode != 200 {
					t.Fatalf("status %d", resp.StatusCode)
				}
			}
			return up.look()
		}
		ask()
		for name, ch := range map[string]routex.Channel{
			"a key more": withKeys("a", "new", "bad", "good"), "another order": withKeys("a", "good", "bad"), "weight": {Weight: 7}, "breaker": {},
		} {
			if ch.Name != "" {
				cfg.Channels = []routex.Channel{ch}
			} else {
				cfg.Channels[0].Weight = ch.Weight
				cfg.Breaker.Failures++
			}
			if err := tr.Update(cfg); err != nil {
				t.Fatal(err)
			}
			if used := ask(); used["bad"] != 0 {
				t.Errorf("after the change of %s the refused key is used", name)
			}
		}
		cfg.Channels[0].BaseURL = "https://elsewhere.test"
		if err := tr.Update(cfg); err != nil {
			t.Fatal(err)
		}
		ask()
		if used := ask(); used["bad"] > 1 || !tr.Status()[0].Keys[1].RetiredUntil.After(time.Now()) {
			t.Errorf("elsewhere the key is another: %v, %+v", used, tr.Status()[0].Keys)
		}
	})
}

func TestCircuitSurvivesAKeyMore(t *testing.T) {
	up := newKeyed(map[string]int{"k": 500})
	cfg := routex.Config{Channels: []routex.Channel{withKeys("a", "k")}, Base: up, Breaker: breaker.Settings{Failures: 1}}
	tr := newTransport(t, cfg)
	call(t, tr, anthropicCall)
	for _, step := range []struct {
		keys []string
		want breaker.State
	}{{[]string{"k", "l"}, breaker.Open}, {[]string{"l"}, breaker.Open}, {[]string{"m"}, breaker.Closed}} {
		cfg.Channels = []routex.Channel{withKeys("a", step.keys...)}
		if err := tr.Update(cfg); err != nil {
			t.Fatal(err)
		}
		if got := tr.Status()[0].Circuit; got != step.want {
			t.Errorf("with the keys %v the circuit is %s, want %s", step.keys, got, step.want)
		}
	}
}

// A session has its prompt in the cache of its account, whatever the key.
func TestSessionStaysOnItsChannelWithAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := newKeyed(map[string]int{})
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{withKeys("a", "a-1", "a-2"), withKeys("b", "b-1", "b-2"), withKeys("c", "c-1", "c-2")},
			Balancer: balance.RoundRobin{}, Base: up,
		})
		_, d := call(t, tr, anthropicCall, inSession("s"))
		home := d.Channel
		for i := range 4 {
			up.set(home+"-1", []int{401, 0, 429, 0}[i])
			for range 3 {
				if _, d = call(t, tr, anthropicCall, inSession("s")); d.Channel != home {
					t.Errorf("the session leaves %s for %s: %s", home, d.Channel, tried(d))
				}
			}
			time.Sleep(time.Hour)
		}
	})
}

// The answers of keys that are refused must not cost a connection each.
func TestRefusedKeysLeaveNoConnectionBehind(t *testing.T) {
	var mu sync.Mutex
	conns, open := 0, map[net.Conn]bool{}
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.Header.Get("X-Api-Key") {
		case "bad":
			http.Error(w, strings.Repeat("no ", 5000), http.StatusForbidden)
		case "busy":
			w.Header().Set("Retry-After", "60")
			http.Error(w, `{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`, http.StatusTooManyRequests)
		default:
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, anthropicDialect().whole())
		}
	}))
	up.Config.ConnState = func(c net.Conn, s http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch s {
		case http.StateNew:
			conns++
			open[c] = true
		case http.StateClosed:
			delete(open, c)
		}
	}
	up.Start()
	before := runtime.NumGoroutine()
	base := http.DefaultTransport.(*http.Transport).Clone()
	ch := withKeys("a", "bad", "busy", "good")
	ch.BaseURL = up.URL
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base})
	for i := range 30 {
		model := fmt.Sprintf(`"model":"m-%d"`, i) // for which the bad key is tried anew
		req, _ := newCall(t, "https://x.test/v1/messages", strings.Replace(streamCall, `"model":"m"`, model, 1))
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(readBody(t, resp)); got != "one two three four" {
			t.Fatalf("call %d: %d with %q", i, resp.StatusCode, got)
		}
	}
	if conns != 1 {
		t.Errorf("calls one after the other took %d connections", conns)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Error(err)
	}
	up.Close() // waits for connections that are in use
	if len(open) != 0 {
		t.Errorf("%d connections are open", len(open))
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}
