package sdktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// A recording is an answer of a real provider.
type recording struct {
	name   string
	own    string // the protocol
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

// speaker is the kind of channel and the client of a protocol.
func speaker(protocol string) (u upstream, c client) {
	u = upstreams()[slices.IndexFunc(upstreams(), func(u upstream) bool { return string(u.dialect()) == protocol })]
	return u, clients()[slices.IndexFunc(clients(), func(c client) bool { return c.protocol == protocol })]
}

// recordings reads the answers of the four protocols from the corpus.
func recordings(t *testing.T) []recording {
	t.Helper()
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	var out []recording
	for pattern, protocol := range map[string]string{
		"vercel-anthropic/*": "anthropic", "anthropic-sdk-ts/*": "anthropic",
		"vercel-groq/*": "openai-chat", "vercel-mistral/*": "openai-chat", "vercel-deepseek/*": "openai-chat",
		"vercel-openai-compatible/*": "openai-chat", "envoy-cassettes/*chat*": "openai-chat",
		"vercel-openai/*": "openai-responses", "vercel-open-responses/*": "openai-responses",
		"vercel-google/*": "gemini",
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
			if r, ok := newRecording(name, protocol, body); ok {
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
func newRecording(name, own string, body []byte) (recording, bool) {
	r := recording{name: name, own: own, stream: strings.HasSuffix(name, ".sse"), body: body}
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
	for _, place := range []string{"choices.0.message", "content.0", "output.0", "candidates.0"} {
		if json.Valid(r.body) && gjson.GetBytes(r.body, place).Exists() {
			return r, true
		}
	}
	return r, false
}

// over asks a recording through Routex.
func (r recording) over(t *testing.T, c client) (reading, *routex.Decision) {
	t.Helper()
	u, _ := speaker(r.own)
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{u.at("up", "https://up.test")}, Base: replay(r)})
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
		"vercel-openai/openai-reasoning-encrypted-content.1.sse":                                   "several answers in one file",
		"vercel-google/google-stream-no-args-tool-call.sse":                                        "the SDK gives the pieces of arguments one by one",
		"vercel-google/google-stream-tool-call-array-arguments-missing-terminal-function-call.sse": "the SDK gives the pieces of arguments one by one",
		"vercel-google/google-vertex-stream-tool-call-arguments-nested.1.sse":                      "the SDK gives the pieces of arguments one by one",
		"vercel-anthropic/anthropic-programmatic-tool-calling.1.json":                              "calls of the server end with end_turn, which the others cannot tell of calls",
		"vercel-anthropic/anthropic-programmatic-tool-calling.1.sse":                               "several messages in one file: the SDK reads the last, a stream ends with the first",
		"vercel-anthropic/anthropic-tool-search-deferred-regex.sse":                                "several messages in one file",
		"vercel-anthropic/anthropic-tool-search-regex.1.sse":                                       "several messages in one file",
		"vercel-anthropic/anthropic-code-execution-20260120-prompt-cache.1.sse":                    "message_delta corrects input_tokens, which the SDK's accumulator leaves as they were",
		"anthropic-sdk-ts/incomplete_partial_json_response.sse":                                    "arguments that break off: the Anthropic SDK shows {}, the others the text",
		"vercel-openai-compatible/anthropic-fallback-tool-call.sse":                                "tool indices begin at 1: the OpenAI SDK shows an empty call before it",
		"vercel-openai-compatible/xai-tool-call.json":                                              "reasoning is counted beside the completion, as the total proves",
		"vercel-openai-compatible/xai-tool-call.sse":                                               "reasoning is counted beside the completion, as the total proves",
	}
}

// Every recorded answer reads the same in every SDK as in that of its own
// provider without Routex, but for what a Decision says was lost.
func TestRecordedAnswersReadTheSame(t *testing.T) {
	for _, r := range recordings(t) {
		t.Run(r.name, func(t *testing.T) {
			_, own := speaker(r.own)
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

// sameArguments also compares the input of a tool that takes text with what
// the protocols without such tools make of it.
func sameArguments(t *testing.T, got, want string) bool {
	t.Helper()
	if !json.Valid([]byte(want)) {
		return got == want || gjson.Get(got, "input").String() == want
	}
	return sameJSON(t, got, want)
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
			if got.Calls[i].Name != want.Calls[i].Name || !sameArguments(t, got.Calls[i].Args, want.Calls[i].Args) {
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
