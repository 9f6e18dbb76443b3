package routex_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
)

const messagesAnswer = `data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":10,"output_tokens":1}}}` + "\n\n" +
	`data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}` + "\n\n" +
	`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}` + "\n\n" +
	`data: {"type":"content_block_stop","index":0}` + "\n\n" +
	`data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}` + "\n\n" +
	`data: {"type":"message_stop"}` + "\n\n"

// askScripts asks channels that play scripts, a first.
func askScripts(t *testing.T, path, body string, ch func(name, url string) routex.Channel, a, b []any) (string, *routex.Decision) {
	t.Helper()
	one, two := ch("a", "https://a.test"), ch("b", "https://b.test")
	two.Priority = 1
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{one, two}, Base: upstreams{"a.test": a, "b.test": b}})
	req, _ := newCall(t, "https://x.test"+path, body)
	ctx, rec := routex.WithRecord(context.WithoutCancel(req.Context()))
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(bufio.NewReaderSize(resp.Body, 32<<10))
	if err != nil {
		t.Error(err)
	}
	return string(raw), rec.Decision()
}

const (
	messagesBody = `{"model":"m","stream":true,"max_tokens":100,"messages":[{"role":"user","content":"count"}]}`
	chatBody     = `{"model":"m","stream":true,"messages":[{"role":"user","content":"count"}]}`
	geminiBody   = `{"contents":[{"role":"user","parts":[{"text":"count"}]}]}`
)

// However the connection ends after the answer, an array is closed.
func TestArrayIsClosedBehindTheEndMark(t *testing.T) {
	for name, script := range map[string][]any{"reset": {messagesAnswer, errCut}, "stays open": {messagesAnswer, forEver}, "ends": {messagesAnswer}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				raw, _ := askScripts(t, "/v1beta/models/m:streamGenerateContent", geminiBody, anthropicChannel, script, nil)
				if !gjson.Valid(raw) {
					t.Errorf("no JSON: %s", raw)
				}
			})
		})
	}
}

// An end mark alone ends nothing: another channel is asked.
func TestDoneAloneIsNoAnswer(t *testing.T) {
	const whole = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	for name, script := range map[string]string{"alone": "data: [DONE]\n\n", "after usage": `data: {"id":"c","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":0}}` + "\n\ndata: [DONE]\n\n"} {
		for path, body := range map[string]string{"/v1/messages": messagesBody, "/v1/chat/completions": chatBody} {
			synctest.Test(t, func(t *testing.T) {
				raw, d := askScripts(t, path, body, openAIChannel, []any{script}, []any{whole})
				if d.Channel != "b" || !strings.Contains(raw, `"hi"`) {
					t.Errorf("%s, %s: channel %s, succeeded %v: %q", name, path, d.Channel, d.Succeeded(), raw)
				}
			})
		}
	}
}

// What comes after the end of an answer is no failure of it.
func TestErrorBehindTheEndIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, d := askScripts(t, "/v1/messages", messagesBody, anthropicChannel, []any{messagesAnswer + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n"}, nil)
		if !d.Succeeded() || strings.Contains(raw, "overloaded") {
			t.Errorf("succeeded %v, class %q: %s", d.Succeeded(), d.Class, raw)
		}
	})
}

// An end that is an error for the caller is one of the channel, and another is
// asked if nothing was handed over.
func TestErrorForTheCallerIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := []any{`data: {"candidates":[{"index":0,"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}` + "\n\n"}
		raw, d := askScripts(t, "/v1/messages", messagesBody, googleChannel, []any{`data: {"candidates":[{"index":0,"content":{},"finishReason":"MALFORMED_FUNCTION_CALL"}]}` + "\n\n"}, whole)
		if strings.Contains(raw, "event: error") && d.Succeeded() {
			t.Errorf("the caller got an error, and the call succeeded: %s", raw)
		}
	})
}

// A text that is told as a whole only is in the last event of a rescued answer.
func TestTextToldOnceIsKeptByARescue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := func(name, url string) routex.Channel {
			ch := openAIChannel(name, url)
			ch.API = routex.APIResponses
			return ch
		}
		const begin = `data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"in_progress","output":[]}}` + "\n\n" +
			`data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"x","type":"message","status":"in_progress","role":"assistant","content":[]}}` + "\n\n" +
			`data: {"type":"response.content_part.added","sequence_number":2,"item_id":"x","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}` + "\n\n" +
			`data: {"type":"response.output_text.done","sequence_number":3,"item_id":"x","output_index":0,"content_index":0,"text":"hello there"}` + "\n\n"
		const end = `data: {"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"x","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello there","annotations":[]}]}}` + "\n\n" +
			`data: {"type":"response.completed","sequence_number":5,"response":{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[{"id":"x","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello there","annotations":[]}]}],"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}}` + "\n\n"
		raw, d := askScripts(t, "/v1/responses", `{"model":"m","stream":true,"input":"count"}`, ch, []any{begin, errCut}, []any{begin + end})
		_, last, _ := strings.Cut(raw, `"type":"response.completed"`)
		if !strings.Contains(last, "hello there") || !d.Succeeded() {
			t.Errorf("the last event lacks the text: %s", raw)
		}
	})
}

func geminiChunk(parts, more string) string {
	return `data: {"candidates":[{"index":0,"content":{"role":"model","parts":[` + parts + `]}` + more + `}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":13}}` + "\n\n"
}

const malformed = `,"finishReason":"MALFORMED_FUNCTION_CALL"`

// Whatever a provider adds to an answer, its stream does not just stop.
func TestAMalformedCallBehindALimit(t *testing.T) {
	for path, body := range map[string]string{"/v1/messages": messagesBody, "/v1/chat/completions": chatBody} {
		synctest.Test(t, func(t *testing.T) {
			raw, _ := askScripts(t, path, body, googleChannel, []any{geminiChunk(`{"text":"a"}`, `,"finishReason":"MAX_TOKENS"`) + geminiChunk(``, malformed)}, nil)
			if !strings.Contains(raw, "message_stop") && !strings.Contains(raw, "[DONE]") && !strings.Contains(raw, `"error"`) {
				t.Errorf("%s: neither an end nor an error: %s", path, raw)
			}
		})
	}
}

// A caller of the same protocol gets its own words.
func TestAMalformedCallForItsOwnProtocol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := geminiChunk(``, malformed)
		raw, d := askScripts(t, "/v1beta/models/m:streamGenerateContent?alt=sse", geminiBody, googleChannel, []any{said}, nil)
		if raw != said || !d.Succeeded() {
			t.Errorf("succeeded %v: %s", d.Succeeded(), raw)
		}
	})
}

// What the model spoiled is paid for, and no fault of the channel's.
func TestAMalformedCallCountsAgainstNoChannel(t *testing.T) {
	for _, stream := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{googleChannel("a", "https://a.test")},
				Base: roundTrip(func(*http.Request) (*http.Response, error) {
					asked++
					kind, body := "text/event-stream", geminiChunk(``, malformed)
					if !stream {
						kind, body = "application/json", strings.TrimPrefix(body, "data: ")
					}
					return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}, nil
				}),
			})
			for n := range 8 {
				before := asked
				req, _ := newCall(t, "https://x.test/v1/messages", strings.Replace(messagesBody, "true", strconv.FormatBool(stream), 1))
				ctx, rec := routex.WithRecord(req.Context())
				resp, err := tr.RoundTrip(req.WithContext(ctx))
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				d := rec.Decision()
				if asked == before || d.Class != breaker.Server || !strings.Contains(string(body), "MALFORMED_FUNCTION_CALL") {
					t.Errorf("stream %v, call %d: asked %d times, class %q: %s", stream, n, asked-before, d.Class, body)
				}
				if d.Usage.Input != int64(10*(asked-before)) && d.Usage.Input != 10 {
					t.Errorf("stream %v, call %d: asked %d times, usage %+v", stream, n, asked-before, d.Usage)
				}
			}
		})
	}
}

// A server that speaks otherwise than it says, or gives no reason, is passed on.
func TestEndMarksOfOthersPass(t *testing.T) {
	for name, said := range map[string]string{
		"no choices": `data: {"response":"hi"}` + "\n\n" + "data: [DONE]\n\n",
		"no reason":  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}` + "\n\ndata: [DONE]\n\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			raw, d := askScripts(t, "/v1/chat/completions", chatBody, openAIChannel, []any{said}, nil)
			if raw != said || !d.Succeeded() {
				t.Errorf("%s: succeeded %v: %s", name, d.Succeeded(), raw)
			}
		})
	}
}
