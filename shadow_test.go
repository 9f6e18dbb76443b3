package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/tee"
)

// A mirror is a provider by host, which keeps what it got. The host "slow.test"
// takes an hour.
type mirror struct {
	mu  sync.Mutex
	got map[string][]string // under mu
}

func (m *mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	m.mu.Lock()
	if m.got == nil {
		m.got = map[string][]string{}
	}
	m.got[r.URL.Hostname()] = append(m.got[r.URL.Hostname()], string(body))
	m.mu.Unlock()
	switch r.URL.Hostname() {
	case "slow.test":
		select {
		case <-time.After(time.Hour):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	case "mad.test":
		panic("mad")
	}
	return respond(200, "application/json", anthropicAnswer), nil
}

func (m *mirror) at(host string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got[host]
}

// copying is a Config in which a rule copies calls to a channel.
func copying(to string, base http.RoundTripper, decided func(*routex.Decision)) routex.Config {
	list := channels("a", to)
	list[1].Models = []string{"nothing else"}
	return routex.Config{
		Channels: list, Base: base, OnDecision: decided,
		Rules: []router.Rule{{Name: "trial", Type: router.Default, Shadow: to}},
	}
}

func TestACopyGoesToTheShadowAndItsAnswerNowhere(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var base mirror
		var mu sync.Mutex
		var all []*routex.Decision
		cfg := copying("b", &base, func(d *routex.Decision) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, d)
		})
		lines := make(map[string]string) // of the records, by channel
		cfg.Sinks = []tee.Sink{tee.Func(func(_ context.Context, r *tee.Record) error {
			mu.Lock()
			defer mu.Unlock()
			lines[r.Channel] = string(r.AppendJSON(nil))
			return nil
		})}
		tr := newTransport(t, cfg)
		_, d := call(t, tr, asking("m"), inSession("s"))
		synctest.Wait()
		if d.Channel != "a" || d.Shadow != "b" || d.Copy || d.Rule != "trial" || len(d.Attempts) != 1 {
			t.Errorf("the call: %+v", d)
		}
		if got := base.at("b.test"); len(got) != 1 || got[0] != asking("m") {
			t.Errorf("the shadow got %q", got)
		}
		if len(all) != 2 || all[0].Copy == all[1].Copy {
			t.Fatalf("decisions %+v", all)
		}
		if len(lines) != 2 || strings.Contains(lines["a"], `"copy"`) || !strings.Contains(lines["b"], `"copy":true`) {
			t.Errorf("the records are %q", lines)
		}
		for _, d := range all {
			if d.Copy && (d.Channel != "b" || d.Shadow != "" || d.Rule != "" || d.Affinity != nil || !d.Succeeded()) {
				t.Errorf("the copy: %+v", d)
			}
		}
		if _, d := call(t, tr, asking("m"), inSession("s")); d.Affinity.Channel != "a" {
			t.Errorf("the copy took the session: %+v", d.Affinity)
		}
		synctest.Wait()
	})
}

func TestNobodyWaitsForACopy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var base mirror
		tr := newTransport(t, copying("slow", &base, nil))
		began := time.Now()
		for range 100 {
			if resp, _ := call(t, tr, asking("m")); resp.StatusCode != 200 {
				t.Fatal(resp.Status)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("calls took %v", took)
		}
		synctest.Wait()
		if n := len(base.at("slow.test")); n != 64 {
			t.Errorf("%d copies are under way, 64 may be", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := tr.Close(ctx); err == nil {
			t.Error("Close did not wait for the copies")
		}
		synctest.Wait() // and ended them, which the end of the bubble shows
	})
}

// A shadow that fails is asked once, and costs the call nothing.
func TestACopyIsSentOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		cfg := copying("b", statuses{"b.test": 503}, nil)
		var copied *routex.Decision
		cfg.OnDecision = func(d *routex.Decision) {
			if d.Copy {
				copied = d
			}
		}
		tr := newTransport(t, cfg)
		if resp, d := call(t, tr, asking("m")); resp.StatusCode != 200 || tried(d) != "a" {
			t.Errorf("%d, tried %q", resp.StatusCode, tried(d))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if copied == nil || tried(copied) != "b" || copied.Succeeded() {
			t.Errorf("%+v", copied)
		}
	})
}

func TestACopyTakesNoPlaceFromItsCall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		list := channels("a")
		list[0].MaxConcurrency = 1
		var asked atomic.Int64
		slow := balance.Func(func(_ balance.Ticket, all []*balance.Candidate) *balance.Candidate {
			if asked.Add(1) == 1 { // for the call itself
				time.Sleep(time.Second)
			}
			return all[0]
		})
		tr := newTransport(t, routex.Config{
			Channels: list, Balancer: slow, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				time.Sleep(10 * time.Second)
				return respond(200, "application/json", anthropicAnswer), nil
			}),
			Rules: []router.Rule{{Name: "trial", Type: router.Default, Shadow: "a"}},
		})
		if resp, d := call(t, tr, asking("m")); resp.StatusCode != http.StatusOK {
			t.Errorf("the call that is copied got %d: %s", resp.StatusCode, d.Error)
		}
		time.Sleep(time.Minute) // for the copy
		synctest.Wait()
	})
}

func TestACallWithoutAChannelIsCopiedToo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var base mirror
		cfg := copying("b", &base, nil)
		cfg.Channels[0].Disabled = true
		resp, _ := call(t, newTransport(t, cfg), asking("m"))
		synctest.Wait()
		if resp.StatusCode == http.StatusOK || len(base.at("b.test")) != 1 {
			t.Errorf("the call got %d, and %d copies came", resp.StatusCode, len(base.at("b.test")))
		}
	})
}

func TestACopyThatPanicsEndsAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tr := newTransport(t, copying("mad", new(mirror), nil))
		if resp, _ := call(t, tr, asking("m")); resp.StatusCode != 200 {
			t.Error(resp.Status)
		}
		synctest.Wait()
		if s := tr.Status()[1]; s.InFlight != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// The copy has a body of its own, which the next call's does not run into.
func TestACopyKeepsItsBody(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var base mirror
		tr := newTransport(t, copying("b", &base, nil))
		for i := range 50 {
			text := strings.Repeat(string(rune('a'+i%26)), 3000)
			call(t, tr, strings.Replace(asking("m"), `"hi"`, `"`+text+`"`, 1))
		}
		synctest.Wait()
		got := base.at("b.test")
		for _, body := range got {
			at := strings.Index(body, `"content":"`) + len(`"content":"`)
			if strings.Count(body, body[at:at+1]) < 3000 {
				t.Fatalf("mixed: %.100s", body)
			}
		}
		if len(got) != 50 {
			t.Errorf("%d copies", len(got))
		}
	})
}

func TestExplainTellsOfTheShadowAndCopiesNothing(t *testing.T) {
	var base mirror
	tr := newTransport(t, copying("b", &base, nil))
	req, _ := newCall(t, "https://x.test/v1/messages", asking("m"))
	if d, err := tr.Explain(req); err != nil || d.Shadow != "b" || len(base.got) != 0 {
		t.Errorf("%+v, %v, sent %v", d, err, base.got)
	}
}

// Copies of long calls do not fill the memory.
func TestCopiesOfLongCallsAreBoundedTogether(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var base mirror
		tr := newTransport(t, copying("slow", &base, nil))
		long := strings.Replace(asking("m"), `"hi"`, `"`+strings.Repeat("x", 3<<20)+`"`, 1)
		for range 30 {
			call(t, tr, long)
		}
		synctest.Wait()
		if n := len(base.at("slow.test")); n != 64/3 {
			t.Errorf("%d copies of 3 MB are under way, 64 MB of them may be", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = tr.Close(ctx)
		synctest.Wait()
	})
}

// What names the caller to the host or to another provider stays here; what is
// said to any provider goes along.
func TestACopyHasTheCredentialsOfItsChannel(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string]http.Header{}
		cfg := copying("b", roundTrip(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			got[r.URL.Hostname()] = r.Header
			return respond(200, "application/json", anthropicAnswer), nil
		}), nil)
		cfg.Channels[1].APIKey = "key-of-b"
		tr := newTransport(t, cfg)
		call(t, tr, asking("m"), func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer caller")
			r.Header.Set("X-Api-Key", "caller")
			r.Header.Set("Cookie", "caller=1")
			r.Header.Set("X-Routex-Channel", "a")
			r.Header.Set("X-Team", "core")
		})
		synctest.Wait()
		h := got["b.test"]
		if h.Get("X-Api-Key") != "key-of-b" || h.Get("X-Team") != "core" {
			t.Errorf("the copy has %v", h)
		}
		for _, name := range []string{"Authorization", "Cookie", "X-Routex-Channel"} {
			if h[name] != nil {
				t.Errorf("the copy has %s: %q", name, h[name])
			}
		}
	})
}
