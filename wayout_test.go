package routex_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest"
)

func TestASilentProviderIsLeftThoughTheCallerHasNoLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			if r.URL.Hostname() == "a.test" {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return respond(200, "application/json", anthropicAnswer), nil
		})})
		start := time.Now()
		resp, d := call(t, tr, asking("m"))
		if took := time.Since(start); resp.StatusCode != 200 || tried(d) != "a b" || took >= routex.DefaultUnaryTimeout {
			t.Errorf("%d after %v, tried %q", resp.StatusCode, took, tried(d))
		}
	})
}

func TestCallersAreToldWhenAnOpenCircuitIsProbed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: statuses{"a.test": 503, "b.test": 503}})
		for range 5 {
			call(t, tr, asking("m"))
		}
		resp, d := call(t, tr, asking("m"))
		after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if resp.StatusCode != 503 || len(d.Attempts) != 0 || err != nil || after < 1 || after > 60 {
			t.Errorf("%d with Retry-After %q after %d attempts", resp.StatusCode, resp.Header.Get("Retry-After"), len(d.Attempts))
		}
		time.Sleep(time.Duration(after)*time.Second + time.Millisecond)
		if _, d = call(t, tr, asking("m")); len(d.Attempts) == 0 {
			t.Errorf("nobody was asked when the caller came back after %d s: %+v", after, d.Candidates)
		}
	})
}

func TestCallersAreToldWhenTheirCallHasOpenedTheLastCircuit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		for _, s := range []*site{a, b} {
			s.Always(routextest.Fault{Reset: true, Times: -1})
		}
		h := newLab(t, routex.Config{Breaker: breaker.Settings{Failures: 2}}, a, b).hear(chatWire())
		if h.status != 502 || h.tried() != "a a b b" || h.header.Get("Retry-After") != "15" {
			t.Errorf("%d with Retry-After %q, tried %q", h.status, h.header.Get("Retry-After"), h.tried())
		}
	})
}

// When a rule allows no other channel, it does not matter when others are back.
func TestStrictRulesWaitForTheirOwnChannels(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Always(limited(time.Minute, -1))
		b.Always(limited(20*time.Second, -1))
		l := newLab(t, routex.Config{Rules: []router.Rule{{Name: "a alone", Condition: router.Condition{ModelPattern: "^m$"}, TargetChannel: "a", Strict: true}}}, a, b)
		l.hear(chatWire())
		l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "b")) })
		if h := l.hear(chatWire()); h.status != 503 || h.tried() != "" || h.header.Get("Retry-After") != "60" {
			t.Errorf("%d with Retry-After %q, tried %q", h.status, h.header.Get("Retry-After"), h.tried())
		}
	})
}

func TestTheReasonOfAFailureIsTold(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("a"), Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(400, "application/json", `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 1 maximum"}}`), nil
	})})
	_, d := call(t, tr, asking("m"))
	f, ok := errors.AsType[*breaker.Failure](d.Err())
	if !ok || f.Class != breaker.Caller || f.Reason != breaker.ContextLength || f.Status != 400 || !errors.Is(d.Err(), breaker.Caller) {
		t.Errorf("%+v", d.Err())
	}
}
