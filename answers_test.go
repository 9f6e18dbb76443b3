package routex_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// heardFrom makes a call to a channel that plays a script, beside another that
// plays the same.
func heardFrom(t *testing.T, ch func(name, url string) routex.Channel, path, body string, script ...any) (string, *routex.Decision) {
	t.Helper()
	a, b := ch("a", "https://a.test"), ch("b", "https://b.test")
	b.Priority = 1
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{a, b}, Base: upstreams{"a.test": script, "b.test": script}})
	req, _ := newCall(t, "https://x.test"+path, body)
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(raw), rec.Decision()
}

// A call may ask for several answers in one. The end of the first is not that
// of the others.
func TestSeveralAnswersAreCompleteWhenAllHaveEnded(t *testing.T) {
	chat := func(i int, delta, stop string) string {
		return fmt.Sprintf("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\",\"choices\":[{\"index\":%d,\"delta\":%s,\"finish_reason\":%s}]}\n\n", i, delta, stop)
	}
	one, two := chat(0, `{"content":"one"}`, "null"), chat(1, `{"content":"two"}`, "null")
	end, endTwo := chat(0, `{}`, `"stop"`), chat(1, `{}`, `"stop"`)
	gemini := func(i int, text, more string) string {
		return fmt.Sprintf("data: {\"candidates\":[{\"index\":%d,\"content\":{\"role\":\"model\",\"parts\":[{\"text\":%q}]}%s}]}\n\n", i, text, more)
	}
	const stop = `,"finishReason":"STOP"`
	for name, test := range map[string]struct {
		script []any
		gemini bool
		whole  bool
	}{
		"the second is cut":                  {script: []any{one + end + two, errCut}},
		"the second is cut before it begins": {script: []any{one + end, errCut}},
		"the second ends without its end":    {script: []any{one + end + two}},
		"the second is slow":                 {script: []any{one + two + end, 20 * time.Second, endTwo + "data: [DONE]\n\n"}, whole: true},
		"the second begins late":             {script: []any{one + end, 20 * time.Second, two + endTwo + "data: [DONE]\n\n"}, whole: true},
		"without the end mark":               {script: []any{one + two + end + endTwo, errCut}, whole: true},
		"only one is given":                  {script: []any{one + end}, whole: true},
		"more of the first after its end":    {script: []any{two + end + one + endTwo}, whole: true},
		"Gemini's second is cut":             {gemini: true, script: []any{gemini(0, "one", stop) + gemini(1, "two", ""), errCut}},
		"Gemini's second begins late":        {gemini: true, script: []any{gemini(0, "one", stop), 20 * time.Second, gemini(1, "two", stop)}, whole: true},
		"Gemini's first goes on":             {gemini: true, script: []any{gemini(1, "two", "") + gemini(0, "one", stop) + gemini(0, "", "") + gemini(1, "", stop)}, whole: true},
		"Gemini gives only one":              {gemini: true, script: []any{gemini(0, "one", stop)}, whole: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ch, path, body := openAIChannel, "/v1/chat/completions", `{"model":"m","stream":true,"n":2,"messages":[{"role":"user","content":"count"}]}`
				if test.gemini {
					ch, path = googleChannel, "/v1beta/models/m:streamGenerateContent?alt=sse"
					body = `{"contents":[{"role":"user","parts":[{"text":"count"}]}],"generationConfig":{"candidateCount":2}}`
				}
				raw, d := heardFrom(t, ch, path, body, test.script...)
				whole := !strings.Contains(raw, `"error"`) && (test.gemini || strings.Contains(raw, "[DONE]"))
				if whole != test.whole || d.Succeeded() != test.whole || strings.Contains(raw, "[DONE]") && !whole {
					t.Errorf("%s\n%+v", raw, d)
				}
			})
		})
	}
}

func TestShortDeadlineIsSharedToo(t *testing.T) {
	for _, deadline := range []time.Duration{500 * time.Millisecond, time.Second, 3 * time.Second, 8 * time.Second} {
		for _, body := range []string{chatWire().body, `{"model":"m","messages":[{"role":"user","content":"count"}]}`} {
			runInBubble(t, fmt.Sprint(deadline, len(body)), func(t *testing.T) {
				a, b := at("a", chatWire()), at("b", chatWire(), func(o *routextest.Options) { o.Pace = 0 })
				a.Always(routextest.Fault{Stall: time.Hour, Times: -1})
				w := chatWire()
				w.body = body
				h := newLab(t, routex.Config{}, a, b).hear(w, func(r *http.Request) {
					ctx, cancel := context.WithTimeout(r.Context(), deadline)
					t.Cleanup(cancel)
					*r = *r.WithContext(ctx)
				})
				if h.err != nil || h.status != http.StatusOK || h.d.Channel != "b" {
					t.Errorf("after %v: %v, %+v", h.took, h.err, h.d)
				}
			})
		}
	}
}

// What a model was thinking when it died cannot be thought on, even where it
// has spoken before.
func TestReasoningBetweenTextsIsNotTakenForDone(t *testing.T) {
	a, c := anthropicDialect(), chatDialect()
	thinking := "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n" +
		"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"half a thou\"}}\n\n"
	for _, test := range []struct {
		dialect
		thinking string
	}{
		{a, thinking},
		{c, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":{"reasoning_content":"half a thou"},"finish_reason":null}]}` + "\n\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := test.channel("a", "https://a.test"), test.channel("b", "https://b.test")
				b.Priority = 1
				begun := test.begin + test.words[0] + test.words[1]
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{a, b}, Base: upstreams{"a.test": {begun + test.thinking, errCut}, "b.test": {test.whole()}}})
				resp, rec := stream(t, tr, test.dialect)
				raw := readBody(t, resp)
				if looksComplete(raw) || !test.tellsError(raw) || rec.Decision().Succeeded() {
					t.Errorf("%s\n%+v", raw, rec.Decision())
				}
			})
		})
	}
}
