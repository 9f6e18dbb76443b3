package routex_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
)

func TestNoMoreCallsThanAChannelMayHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := anthropicChannel("first", "https://first.test"), anthropicChannel("second", "https://second.test")
		first.MaxConcurrency, second.MaxConcurrency, second.Priority = 2, 1, 9
		d := anthropicDialect()
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{first, second}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			resp := respond(200, "text/event-stream", "")
			resp.Body, resp.ContentLength = play(r.Context(), d.begin, d.words[0], 10*time.Second, d.words[1], d.end), -1
			return resp, nil
		})})
		open := func(want string) *http.Response {
			t.Helper()
			resp, rec := stream(t, tr, d)
			if got := rec.Decision().Channel; got != want {
				t.Fatalf("the call goes to %q, want %q: %+v", got, want, rec.Decision().Candidates)
			}
			return resp
		}
		one, two, three := open("first"), open("first"), open("second")
		resp, rec := stream(t, tr, d)
		if resp.StatusCode != 503 || rec.Decision().Candidates[0].Why != "at its limit of 2 calls" {
			t.Errorf("with all full: %d, %+v", resp.StatusCode, rec.Decision().Candidates)
		}
		_ = readBody(t, resp)
		_ = one.Body.Close() // a caller who leaves makes room at once
		four := open("first")
		for _, resp := range []*http.Response{two, three, four} {
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Error(err)
			}
		}
		for _, s := range tr.Status() { // they ended without being closed
			if s.InFlight != 0 {
				t.Errorf("%s has %d calls in flight", s.Name, s.InFlight)
			}
		}
		_ = open("first").Body.Close()
	})
}

// A provider that has too much to do may say when it has not.
func TestOverloadedChannelRestsAsLongAsItsProviderSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		tr := newTransport(t, routex.Config{
			Channels: channels("first", "second"),
			Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				if !down || r.URL.Host == "second.test" {
					return respond(200, "application/json", anthropicAnswer), nil
				}
				resp := respond(503, "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"full"}}`)
				resp.Header.Set("Retry-After", "20")
				return resp, nil
			}),
		})
		for i, want := range []string{"first second", "second", "second"} {
			if _, d := call(t, tr, anthropicCall); tried(d) != want {
				t.Errorf("call %d tries %s, want %s", i, tried(d), want)
			}
		}
		if s := tr.Status()[0]; time.Until(s.CooldownUntil) != 20*time.Second {
			t.Errorf("the status is %+v", s)
		}
		down = false
		time.Sleep(20 * time.Second)
		if _, d := call(t, tr, anthropicCall); tried(d) != "first" {
			t.Errorf("after the rest the call tries %s", tried(d))
		}
	})
}
