package routex_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
)

// lossy asks for something that Anthropic has no place for, hinted only for
// something that would make the next call cheaper.
const (
	lossy      = `{"model":"m","seed":7,"messages":[{"role":"user","content":"hi"}]}`
	chatAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`
	hinted     = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}]}`
)

func TestLossPolicyOfConfigAndChannel(t *testing.T) {
	for _, test := range []struct {
		name            string
		config, channel routex.LossPolicy
		status          int
		told            bool
	}{
		{"default", "", "", 200, true},
		{"warn", routex.LossWarn, "", 200, true},
		{"quiet", routex.LossQuiet, "", 200, false},
		{"strict", routex.LossStrict, "", 400, false},
		{"strict but for one channel", routex.LossStrict, routex.LossWarn, 200, true},
		{"strict for one channel", routex.LossQuiet, routex.LossStrict, 400, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ch := anthropicChannel("a", "https://a.test")
			ch.Losses = test.channel
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Losses: test.config, Base: statuses{}})
			resp, d := call(t, tr, lossy, to("/v1/chat/completions"))
			if resp.StatusCode != test.status {
				t.Errorf("status %d, want %d", resp.StatusCode, test.status)
			}
			if told := resp.Header.Get("X-Routex-Lossy") == "seed"; told != test.told {
				t.Errorf("X-Routex-Lossy: %q", resp.Header.Get("X-Routex-Lossy"))
			}
			if len(d.Losses) != 1 || d.Losses[0].Field != "seed" || d.Losses[0].Why == "" {
				t.Errorf("losses %+v", d.Losses)
			}
		})
	}
}

func to(path string) func(*http.Request) { return func(r *http.Request) { r.URL.Path = path } }

func TestStrictPolicyLetsHintsGo(t *testing.T) {
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(200, "application/json", chatAnswer), nil
	})
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", "https://o.test")}, Losses: routex.LossStrict, Base: base})
	resp, d := call(t, tr, hinted)
	if resp.StatusCode != 200 || len(d.Losses) != 1 || !d.Losses[0].Hint() {
		t.Errorf("status %d, losses %+v", resp.StatusCode, d.Losses)
	}
}

func TestStrictRefusalGoesOnToAChannelThatLosesNothing(t *testing.T) {
	strict, same := anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test")
	strict.Losses, same.Priority = routex.LossStrict, 1
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(200, "application/json", chatAnswer), nil
	})
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{strict, same}, Base: base})
	resp, d := call(t, tr, lossy, to("/v1/chat/completions"))
	if resp.StatusCode != 200 || d.Channel != "o" || len(d.Losses) != 0 {
		t.Errorf("status %d from %q, losses %+v", resp.StatusCode, d.Channel, d.Losses)
	}
}

func TestRateLimitThatOnlyTheBodyTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = `{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}`
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			return respond(429, "application/json", limit), nil
		})
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{{Name: "g", Type: routex.TypeGoogle}}, Base: base})
		resp, _ := call(t, tr, asking("gemini-2.5-flash"))
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "35" {
			t.Errorf("status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		until := tr.Status()[0].CooldownUntil
		if got := time.Until(until); got != 34400*time.Millisecond {
			t.Errorf("rests for %v", got)
		}
	})
}

func TestForeignReasoningNeverReachesAProviderOfTheCallersProtocol(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: statuses{}})
	body := `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"RtxStateT0a1b2c3c2lnbmF0dXJl"},{"type":"text","text":"a"}]},{"role":"user","content":"hi"}]}`
	resp, _ := call(t, tr, body)
	if got := resp.Header.Get("X-Got"); got == "" || strings.Contains(got, "thinking") || !strings.Contains(got, `{"type":"text","text":"a"}`) {
		t.Errorf("the provider got %s", got)
	}
}
