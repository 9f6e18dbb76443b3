package transform_test

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestUsageOfEveryStreamIsAskedFor(t *testing.T) {
	const (
		word  = `data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null}` + "\n\n"
		usage = `data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}` + "\n\n"
		azure = `data: {"choices":[],"prompt_filter_results":[]}` + "\n\n"
		done  = "data: [DONE]\n\n"
	)
	for _, test := range []struct {
		name, body, sent string
		stream           bool
		hidden           bool
	}{
		{"not asked", `{"model":"m","stream":true,"n":1.50}`, `{"model":"m","stream":true,"n":1.50,"stream_options":{"include_usage":true}}`, true, true},
		{"asked", `{"stream_options":{"include_usage":true}}`, `{"stream_options":{"include_usage":true}}`, true, false},
		{"declined", `{"stream_options":{"include_usage":false,"x":1}}`, `{"stream_options":{"include_usage":true,"x":1}}`, true, true},
		{"no stream", `{"model":"m"}`, `{"model":"m"}`, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ask := transform.AskUsage()
			r := &transform.Request{Body: []byte(test.body), Stream: test.stream}
			if err := ask.Request(t.Context(), r); err != nil || string(r.Body) != test.sent {
				t.Errorf("sent %s, %v; want %s", r.Body, err, test.sent)
			}
			all := azure + word + usage + done
			got, err := read(t, all, ask.Stream(t.Context(), &transform.Response{Request: r}))
			want := all
			if test.hidden {
				want = strings.Replace(all, usage, "", 1)
			}
			if got != want || err != nil {
				t.Errorf("the caller reads %q, %v; want %q", got, err, want)
			}
		})
	}
}

func TestNewerAnthropicVersionTakesNoSampling(t *testing.T) {
	const body = `{"model":"m","temperature":1,"top_p":0.9,"top_k":3,"x":1.0}`
	for version, want := range map[string]string{"2023-06-01": body, "2026-10-21": `{"model":"m","x":1.0}`} {
		r := &transform.Request{Body: []byte(body)}
		if err := transform.AnthropicVersion(version).Request(t.Context(), r); err != nil || string(r.Body) != want {
			t.Errorf("%s: %s, %v", version, r.Body, err)
		}
		if lost := len(r.Losses); (lost == 3) != (want != body) {
			t.Errorf("%s: losses %v", version, r.Losses)
		}
	}
}
