package routex_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
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
