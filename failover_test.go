package routex_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/tee"
)

// The last channel may not be the one whose answer the caller gets.
func TestDecisionNamesTheChannelThatAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		full, dead := anthropicChannel("full", "https://full.test"), anthropicChannel("dead", "https://dead.test")
		dead.Priority = 9
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{full, dead}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			if r.URL.Host == "dead.test" {
				return nil, errors.New("refused")
			}
			return respond(503, "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"full"}}`), nil
		})})
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		ctx, rec := routex.WithRecord(t.Context())
		resp, err := tr.RoundTrip(req.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		got := readBody(t, resp)
		d := rec.Decision()
		if !strings.Contains(got, `"full"`) || d.Channel != "full" || d.ChannelID != "full" || d.Class != breaker.Overload || !strings.Contains(d.Error, "503") || len(d.Attempts) != 3 {
			t.Errorf("%s\n%+v", got, d)
		}
	})
}

func TestPanicOfTheHostsCodeLeavesNothingOpen(t *testing.T) {
	boom := func(when bool) {
		if when {
			panic("boom")
		}
	}
	for _, where := range []string{"base", "router", "sink"} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
				Breaker:  breaker.Settings{Failures: 1, OpenFor: time.Second},
				Router: router.Func(func(context.Context, *router.Request) (router.Choice, error) {
					boom(where == "router" && calls == 1)
					return router.Choice{}, router.ErrNoRoute
				}),
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					if calls++; calls == 1 {
						return nil, errors.New("refused") // the circuit opens
					}
					boom(where == "base" && calls == 2)
					return respond(200, "application/json", anthropicAnswer), nil
				}),
				Sinks: []tee.Sink{tee.Func(func(context.Context, *tee.Record) error { boom(where == "sink" && calls == 2); return nil })},
			})
			call := func() (status int) {
				defer func() { _ = recover() }()
				req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				return resp.StatusCode
			}
			call()
			time.Sleep(2 * time.Second)
			if status := call(); status != 0 {
				t.Fatalf("%s: no panic, but %d", where, status)
			}
			if calls++; call() != 200 {
				t.Errorf("%s: after the panic the channel is %+v", where, tr.Status()[0])
			}
			if err := tr.Close(t.Context()); err != nil || tr.Status()[0].InFlight != 0 {
				t.Errorf("%s: something is left open: %v, %+v", where, err, tr.Status()[0])
			}
		})
	}
}

func TestBalancerThatInsistsIsNotAskedForEver(t *testing.T) {
	var first *balance.Candidate
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test"), anthropicChannel("b", "https://b.test")},
		Breaker:  breaker.Settings{Failures: 1},
		Balancer: balance.Func(func(_ balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
			if first == nil {
				first = candidates[0]
			}
			return first
		}),
		Base: roundTrip(func(r *http.Request) (*http.Response, error) { _ = r.Body.Close(); return nil, errors.New("refused") }),
	})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	resp, err := tr.RoundTrip(req) // went round for ever
	if err != nil || resp.StatusCode != 502 {
		t.Errorf("%v, %v", resp, err)
	}
}

// A stream has no limit as a whole, but what is read whole has one.
func TestDocumentInPlaceOfAStreamIsNotWaitedForForEver(t *testing.T) {
	for _, status := range []int{200, 500} {
		synctest.Test(t, func(t *testing.T) {
			drips := []any{"{"}
			for range 10_000 {
				drips = append(drips, time.Minute, " ")
			}
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Body: play(r.Context(), drips...)}, nil
				}),
			})
			start := time.Now()
			resp, _ := stream(t, tr, anthropicDialect())
			if took := time.Since(start); took > routex.DefaultUnaryTimeout+time.Second {
				t.Errorf("%d after %v", resp.StatusCode, took)
			}
			_ = resp.Body.Close()
		})
	}
}

func TestBadKeyThatIsToldAsABadRequestFailsOver(t *testing.T) {
	for name, body := range map[string]string{
		"google": `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}`,
		"zhipu":  `{"error":{"code":"1002","message":"the token is not valid"}}`,
	} {
		bad := routex.Channel{Name: "bad", Type: routex.TypeGoogle, BaseURL: "https://bad.test", APIKey: "k"}
		if name == "zhipu" {
			bad.Type = routex.TypeZhipu
		}
		good, asked := anthropicChannel("good", "https://good.test"), false
		good.Priority = 9
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{bad, good}, Balancer: balance.Priority{},
			Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				if r.URL.Host == "bad.test" {
					asked = true
					return respond(400, "application/json", body), nil
				}
				return respond(200, "application/json", anthropicAnswer), nil
			}),
		})
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || !asked {
			t.Errorf("%s: %d, asked: %v", name, resp.StatusCode, asked)
		}
	}
}
