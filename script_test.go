package routex_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex"
)

// scripted is an upstream's stream: text to send, times to be silent, an error
// to break off with. It ends when the request is cancelled.
type scripted struct {
	ctx    context.Context
	steps  []any // string, time.Duration or error
	closed chan struct{}
	once   sync.Once
}

var errCut = errors.New("connection reset by peer")

func play(ctx context.Context, steps ...any) *scripted {
	return &scripted{ctx: ctx, steps: steps, closed: make(chan struct{})}
}

func (s *scripted) Read(p []byte) (int, error) {
	for len(s.steps) > 0 {
		switch step := s.steps[0].(type) {
		case string:
			n := copy(p, step)
			if s.steps[0] = step[n:]; n == len(step) {
				s.steps = s.steps[1:]
			}
			return n, nil
		case error:
			return 0, step
		case time.Duration:
			s.steps = s.steps[1:]
			select {
			case <-time.After(step):
			case <-s.ctx.Done():
				return 0, s.ctx.Err()
			case <-s.closed:
				return 0, http.ErrBodyReadAfterClose
			}
		}
	}
	return 0, io.EOF
}

func (s *scripted) Close() error { s.once.Do(func() { close(s.closed) }); return nil }

// forEver is a silence that only a cancellation ends.
const forEver = 1000 * time.Hour

// upstreams answers by host: every call plays the script of its host.
type upstreams map[string][]any

func (u upstreams) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	steps := u[r.URL.Hostname()]
	if len(steps) > 0 {
		switch first := steps[0].(type) {
		case error:
			return nil, first
		case *http.Response:
			return first, nil
		case time.Duration:
			select {
			case <-time.After(first):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, ContentLength: -1,
		Body: play(r.Context(), steps...),
	}, nil
}

// A dialect is one side of a pair in tests.
type dialect struct {
	name, path string
	channel    func(name, url string) routex.Channel
	begin, end string   // of a stream, the answer begun and whole
	words      []string // its content events
	finish     string   // the stop reason, without the end mark
	endMark    string
	fault      string // an error event
}

func anthropicDialect() dialect {
	d := dialect{
		name: "anthropic", path: "/v1/messages", channel: anthropicChannel,
		begin: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"up\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":7,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
		finish: "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
			"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":4}}\n\n",
		endMark: "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
		fault:   "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n",
	}
	for _, w := range []string{"one ", "two ", "three ", "four"} {
		d.words = append(d.words, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""+w+"\"}}\n\n")
	}
	d.end = d.finish + d.endMark
	return d
}

func chatDialect() dialect {
	const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":`
	d := dialect{
		name: "chat", path: "/v1/chat/completions", channel: openAIChannel,
		begin:   head + `{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n",
		finish:  head + `{},"finish_reason":"stop"}]}` + "\n\n" + `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":5}}}` + "\n\n",
		endMark: "data: [DONE]\n\n",
		fault:   `data: {"error":{"message":"too busy","type":"server_error","code":"overloaded"}}` + "\n\n",
	}
	for _, w := range []string{"one ", "two ", "three ", "four"} {
		d.words = append(d.words, head+`{"content":"`+w+`"},"finish_reason":null}]}`+"\n\n")
	}
	d.end = d.finish + d.endMark
	return d
}

func (d dialect) whole() string { return d.begin + strings.Join(d.words, "") + d.end }

// pairs runs a test for every caller and channel.
func pairs(t *testing.T, f func(t *testing.T, caller, channel dialect)) {
	for _, caller := range []dialect{anthropicDialect(), chatDialect()} {
		for _, channel := range []dialect{anthropicDialect(), chatDialect()} {
			t.Run(caller.name+" from "+channel.name, func(t *testing.T) { f(t, caller, channel) })
		}
	}
}

const streamCall = `{"model":"m","stream":true,"max_tokens":10,"messages":[{"role":"user","content":"count"}]}`

// stream makes a streamed call and gives the answer, and what was decided.
func stream(t testing.TB, tr *routex.Transport, d dialect) (*http.Response, *routex.Record) {
	t.Helper()
	req, _ := newCall(t, "https://x.test"+d.path, streamCall)
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	return resp, rec
}

// looksComplete reports that a naive reader would take a stream for whole.
func looksComplete(s string) bool {
	return strings.Contains(s, "message_stop") || strings.Contains(s, "[DONE]") || strings.Contains(s, `"finish_reason":"stop"`) || strings.Contains(s, `"stop_reason":"end_turn"`)
}

// tellsError reports that a stream has an error event of the protocol.
func (d dialect) tellsError(s string) bool {
	if d.name == "anthropic" {
		return strings.Contains(s, "event: error\ndata: {\"type\":\"error\"")
	}
	return strings.Contains(s, `data: {"error":{`)
}

// text puts the words of a stream together.
func text(s string) string {
	var b strings.Builder
	for _, w := range []string{"one ", "two ", "three ", "four"} {
		b.WriteString(strings.Repeat(w, strings.Count(s, `"`+w+`"`)))
	}
	return b.String()
}
