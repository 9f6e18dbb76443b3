package sdktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// A recording is an answer of a real provider.
type recording struct {
	name   string
	kind   routex.ChannelType
	stream bool
	body   []byte
}

// replay is a RoundTripper that gives a recording.
type replay recording

func (r replay) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	contentType := "application/json"
	if r.stream {
		contentType = "text/event-stream"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {contentType}}, ContentLength: int64(len(r.body)),
		Body: io.NopCloser(bytes.NewReader(r.body)), Request: req,
	}, nil
}

// recordings reads the answers of the two protocols from the corpus.
func recordings(t *testing.T) []recording {
	t.Helper()
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	var out []recording
	for pattern, kind := range map[string]routex.ChannelType{
		"vercel-anthropic/*": routex.TypeAnthropic, "anthropic-sdk-ts/*": routex.TypeAnthropic,
		"vercel-groq/*": routex.TypeOpenAI, "vercel-mistral/*": routex.TypeOpenAI, "vercel-deepseek/*": routex.TypeOpenAI,
		"vercel-openai-compatible/*": routex.TypeOpenAI, "envoy-cassettes/*chat*": routex.TypeOpenAI,
	} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel(root, file)
			if r, ok := newRecording(name, kind, body); ok {
				out = append(out, r)
			}
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d recordings were found in %s", len(out), root)
	}
	return out
}

// newRecording takes files that hold a whole answer; the cassettes wrap it.
func newRecording(name string, kind routex.ChannelType, body []byte) (recording, bool) {
	r := recording{name: name, kind: kind, stream: strings.HasSuffix(name, ".sse"), body: body}
	if strings.HasPrefix(name, "envoy-cassettes") {
		response := gjson.GetBytes(body, "provider_response")
		if status := response.Get("status").Int(); status != 0 && status != http.StatusOK {
			return r, false
		}
		content := response.Get("body")
		r.stream = content.Type == gjson.String
		if r.body = []byte(content.Raw); r.stream {
			r.body = []byte(content.String())
		}
	}
	if r.stream {
		return r, bytes.Contains(r.body, []byte("data:"))
	}
	return r, json.Valid(r.body) && (gjson.GetBytes(r.body, "choices.0.message").Exists() || gjson.GetBytes(r.body, "content").IsArray())
}

// over asks a recording through Routex.
func (r recording) over(t *testing.T, c client) (reading, *routex.Decision) {
	t.Helper()
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{{Name: "up", Type: r.kind}}, Base: replay(r)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, rec := routex.WithRecord(t.Context())
	got := c.ask(ctx, &http.Client{Transport: transport}, say("x"), r.stream)
	return got, rec.Decision()
}

// peculiar are recordings that the SDKs of two protocols cannot read alike, and
// why. They are still read, to see that nothing breaks.
func peculiar() map[string]string {
	return map[string]string{
		"vercel-anthropic/anthropic-programmatic-tool-calling.1.sse":            "several messages in one file: the SDK reads the last, a stream ends with the first",
		"vercel-anthropic/anthropic-tool-search-deferred-regex.sse":             "several messages in one file",
		"vercel-anthropic/anthropic-tool-search-regex.1.sse":                    "several messages in one file",
		"vercel-anthropic/anthropic-code-execution-20260120-prompt-cache.1.sse": "message_delta corrects input_tokens, which the SDK's accumulator leaves as they were",
		"anthropic-sdk-ts/incomplete_partial_json_response.sse":                 "arguments that break off: the Anthropic SDK shows {}, the others the text",
		"vercel-openai-compatible/anthropic-fallback-tool-call.sse":             "tool indices begin at 1: the OpenAI SDK shows an empty call before it",
		"vercel-openai-compatible/xai-tool-call.json":                           "reasoning is counted beside the completion, as the total proves",
		"vercel-openai-compatible/xai-tool-call.sse":                            "reasoning is counted beside the completion, as the total proves",
	}
}

// Every recorded answer reads the same in every SDK as in that of its own
// provider without Routex, but for what a Decision says was lost.
func TestRecordedAnswersReadTheSame(t *testing.T) {
	for _, r := range recordings(t) {
		t.Run(r.name, func(t *testing.T) {
			own := clients()[0]
			if r.kind == routex.TypeOpenAI {
				own = clients()[2]
			}
			want := own.ask(t.Context(), &http.Client{Transport: replay(r)}, say("x"), r.stream)
			for _, c := range clients() {
				got, d := r.over(t, c)
				if why := peculiar()[r.name]; why != "" {
					t.Logf("%s: not compared: %s; read %+v", c.name, why, got)
					continue
				}
				same(t, c.name, got, want, d, c.protocol == own.protocol)
			}
		})
	}
}

// same compares two readings of one answer.
func same(t *testing.T, name string, got, want reading, d *routex.Decision, sameProtocol bool) {
	t.Helper()
	if got.Text != want.Text {
		t.Errorf("%s: text %q, want %q", name, got.Text, want.Text)
	}
	if len(got.Calls) != len(want.Calls) {
		t.Errorf("%s: %d tool calls, want %d (lost: %v)", name, len(got.Calls), len(want.Calls), d.Losses)
	} else {
		for i := range got.Calls {
			if got.Calls[i].Name != want.Calls[i].Name || !sameJSON(t, got.Calls[i].Args, want.Calls[i].Args) {
				t.Errorf("%s: call %d %+v, want %+v", name, i, got.Calls[i], want.Calls[i])
			}
		}
	}
	if got.In != want.In || got.Out != want.Out || got.Cached != want.Cached {
		t.Errorf("%s: usage %d + %d, %d; want %d + %d, %d", name, got.In, got.Cached, got.Out, want.In, want.Cached, want.Out)
	}
	if (got.Status == 0) != (want.Status == 0) {
		t.Errorf("%s: error %d %q, want %d %q", name, got.Status, got.Problem, want.Status, want.Problem)
	}
	if got.Stop != want.Stop {
		t.Errorf("%s: stop %q, want %q", name, got.Stop, want.Stop)
	}
	if sameProtocol && len(d.Losses) != 0 {
		t.Errorf("%s: the same protocol lost %v", name, d.Losses)
	}
}
