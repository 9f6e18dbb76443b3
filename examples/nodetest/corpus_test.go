package nodetest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// A recording is the answer of a real provider, with what the AI SDK reads out
// of it when it speaks that provider's protocol.
type recording struct {
	name   string
	ch     routex.Channel
	stream bool
	body   []byte
	want   reading
}

// recordings reads those that the corpus has a reading for.
func recordings(t *testing.T) []recording {
	t.Helper()
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	files, err := filepath.Glob(filepath.Join(root, "ai-sdk-oracle", "*.json"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d readings in %s, %v", len(files), root, err)
	}
	var out []recording
	for _, file := range files {
		oracle, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source := gjson.GetBytes(oracle, "source").String()
		body, err := os.ReadFile(filepath.Join(root, source))
		if err != nil {
			t.Fatal(err)
		}
		r := recording{
			name: filepath.Base(file), ch: channelOf(gjson.GetBytes(oracle, "protocol").String()),
			stream: gjson.GetBytes(oracle, "mode").String() == "stream", body: body, want: wanted(gjson.GetBytes(oracle, "normalized")),
		}
		if cassette := gjson.GetBytes(body, "response.body"); cassette.Exists() && gjson.GetBytes(body, "evidence").Exists() {
			r.body = []byte(cassette.Raw)
			if r.stream {
				r.body = []byte(cassette.String())
			}
		}
		out = append(out, r)
	}
	return out
}

func channelOf(protocol string) routex.Channel {
	ch := routex.Channel{Name: "up", Type: routex.TypeCustom, BaseURL: "http://up.test"}
	ch.API = map[string]routex.API{
		"anthropic": routex.APIMessages, "openai-chat": routex.APIChat, "openai-responses": routex.APIResponses, "gemini": routex.APIGemini,
	}[protocol]
	return ch
}

func wanted(n gjson.Result) (r reading) {
	n.Get("content").ForEach(func(_, part gjson.Result) bool {
		switch part.Get("type").String() {
		case "text":
			r.Text += part.Get("text").String()
		case "tool-call":
			if !part.Get("providerExecuted").Bool() {
				r.Calls = append(r.Calls, call{ID: part.Get("toolCallId").String(), Name: part.Get("toolName").String(), Args: part.Get("input").String()})
			}
		}
		return true
	})
	r.Stop = map[string]string{"stop": "end", "length": "length", "tool-calls": "tool", "content-filter": "refusal"}[n.Get("finishReason.unified").String()]
	in := n.Get("usage.inputTokens")
	r.Cached, r.Write = in.Get("cacheRead").Int(), in.Get("cacheWrite").Int()
	r.In = in.Get("total").Int() - r.Cached - r.Write
	r.Out = n.Get("usage.outputTokens.total").Int()
	return r
}

// RoundTrip gives the recording.
func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	kind := "application/json"
	if r.stream {
		kind = "text/event-stream"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, ContentLength: int64(len(r.body)),
		Body: io.NopCloser(bytes.NewReader(r.body)), Request: req,
	}, nil
}

// serve serves the recording through Routex.
func (r recording) serve(t *testing.T) (url string, decision func() *routex.Decision) {
	t.Helper()
	var last *routex.Decision
	transport, err := routex.New(routex.Config{
		Channels: []routex.Channel{r.ch}, Base: r, OnDecision: func(d *routex.Decision) { last = d },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(transport.Handler())
	t.Cleanup(server.Close)
	return server.URL, func() *routex.Decision { return last }
}

// Whatever protocol the caller speaks, the AI SDK reads the same text, calls,
// reason and usage out of a recorded answer as in the provider's own protocol.
func TestRecordedAnswersReadTheSameInEveryProtocol(t *testing.T) {
	all := recordings(t)
	n := start(t)
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			url, decision := r.serve(t)
			for _, sdk := range []string{"ai:anthropic", "ai:chat", "ai:responses", "ai:gemini"} {
				got := n.ask(t, question{SDK: sdk, URL: url, Model: "gpt-4o", Stream: r.stream, Text: "x"})
				var lost []string
				if d := decision(); d != nil {
					for _, l := range d.Losses {
						lost = append(lost, l.Field)
					}
				}
				if why := differs(r.name, sdk); why != "" {
					t.Logf("%s: not compared: %s; read %+v", sdk, why, got)
					continue
				}
				compare(t, sdk, got, r.want, lost)
			}
		})
	}
}

func compare(t *testing.T, sdk string, got, want reading, lost []string) {
	t.Helper()
	if got.Status != 0 {
		t.Errorf("%s: error %d %s (lost %v)", sdk, got.Status, got.Problem, lost)
		return
	}
	if got.Text != want.Text {
		t.Errorf("%s: text %q, want %q (lost %v)", sdk, got.Text, want.Text, lost)
	}
	if !slices.EqualFunc(got.Calls, want.Calls, func(a, b call) bool { return a.Name == b.Name && sameJSON(a.Args, b.Args) }) {
		t.Errorf("%s: calls %+v, want %+v (lost %v)", sdk, got.Calls, want.Calls, lost)
	}
	if got.Stop != want.Stop {
		t.Errorf("%s: stop %q, want %q", sdk, got.Stop, want.Stop)
	}
	// Only Anthropic's protocol tells what was written to a cache.
	if in := want.In + want.Write; got.In+got.Write != in || got.Cached != want.Cached || got.Out != want.Out {
		t.Errorf("%s: usage %d + %d, %d; want %d + %d, %d", sdk, got.In+got.Write, got.Cached, got.Out, in, want.Cached, want.Out)
	}
}

// differs says why a recording is not read alike by an SDK, "" when it is.
func differs(name, sdk string) string {
	for _, d := range differences() {
		if strings.HasPrefix(name, d.recording) && (d.sdk == "" || strings.Contains(d.sdk, sdk)) {
			return d.why
		}
	}
	return ""
}
