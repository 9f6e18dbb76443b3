package conv_test

import (
	"bytes"
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

func FuzzReadRequest(f *testing.F) {
	for _, toChat := range []bool{true, false} {
		f.Add(bigRequest(toChat, 100))
	}
	f.Add([]byte(`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"u"}}]}],"tool_choice":{"type":"auto"},"stop_sequences":["a"]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:a;base64,b"}}]},{"role":"tool","tool_call_id":"\u0000","content":"[tool_error]"}],"functions":[{"name":"f"}],"stop":"\n"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		lose := func(string, string) {}
		for _, read := range []func([]byte, conv.Lose) (*conv.Request, error){anthropic.ReadRequest, chat.ReadRequest} {
			r, err := read(body, lose)
			if err != nil {
				continue
			}
			for _, write := range []func([]byte, *conv.Request, conv.Lose) ([]byte, error){anthropic.WriteRequest, chat.WriteRequest} {
				if out, err := write(nil, r, lose); err != nil || !gjson.ValidBytes(out) {
					t.Errorf("%v: not valid JSON: %s", err, out)
				}
			}
		}
	})
}

func FuzzReadResponse(f *testing.F) {
	f.Add(200, []byte(`{"content":[{"type":"text","text":"a"},{"type":"tool_use","id":"i","name":"n","input":{}}],"stop_reason":"x","usage":{"input_tokens":1}}`))
	f.Add(0, []byte(`{"choices":[{"message":{"content":"a","tool_calls":[{"id":"i","function":{"name":"n","arguments":"{"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e9}}`))
	f.Add(500, []byte(`[{"error":{"message":"m","code":1}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		valid := func(out []byte) {
			if !gjson.ValidBytes(out) {
				t.Errorf("not valid JSON: %s", out)
			}
		}
		for _, read := range []func([]byte) (*conv.Response, error){anthropic.ReadResponse, chat.ReadResponse} {
			if r, err := read(body); err == nil {
				valid(anthropic.WriteResponse(nil, r))
				valid(chat.WriteResponse(nil, r))
			}
		}
		for _, e := range []*conv.Error{anthropic.ReadError(status, body), chat.ReadError(status, body)} {
			valid(anthropic.WriteError(nil, e))
			valid(chat.WriteError(nil, e))
		}
		_, _, _ = anthropic.LookBody(body)
		_, _, _ = chat.LookBody(body)
	})
}

// FuzzStream takes one event a line.
func FuzzStream(f *testing.F) {
	f.Add([]byte(anthropicStart + "\n" + anthropicText + "\n" + anthropicText + "\n{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\",\"input\":{\"a\":1}}}\n{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}}\n{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n{\"type\":\"message_stop\"}"))
	f.Add([]byte(chatText + "\n" + chatText + "\n{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"n\",\"arguments\":\"{\"}},{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"n\",\"arguments\":\"\\u0022\"}}]},\"finish_reason\":\"stop\"}],\"usage\":{}}\n[DONE]"))
	f.Add([]byte("{\"type\":\"error\"}\n{\"error\":1}"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var frames []frame
		for line := range bytes.Lines(stream) {
			frames = append(frames, frame{data: string(bytes.TrimSuffix(line, []byte("\n")))})
		}
		check := func(out []frame) {
			for _, f := range out {
				if !gjson.Valid(f.data) && f.data != "[DONE]" {
					t.Errorf("not valid JSON: %s", f.data)
				}
			}
		}
		for _, d := range []func() decoder{func() decoder { return anthropic.NewDecoder() }, func() decoder { return chat.NewDecoder() }} {
			out, err := pump(frames, d(), anthropic.NewEncoder(conv.EncoderOptions{}))
			check(out)
			if n := len(out); err == nil && n > 0 && out[n-1].name != "error" {
				readAnthropic(t, out)
			}
			out, _ = pump(frames, d(), chat.NewEncoder(conv.EncoderOptions{IncludeUsage: true}))
			check(out)
		}
		for _, fr := range frames {
			watchBoth(t, fr.data)
		}
	})
}

// watchBoth checks that a watch which has learned from other events sees the
// same in one event as a fresh one.
func watchBoth(t *testing.T, data string) {
	var a anthropic.Watch
	a.Look(nil, []byte(anthropicText))
	if got, want := a.Look(nil, []byte(data)), new(anthropic.Watch).Look(nil, []byte(data)); got != want {
		t.Errorf("anthropic %s: mark %b after other events, %b at first", data, got, want)
	}
	var c chat.Watch
	c.Look(nil, []byte(chatText))
	if got, want := c.Look(nil, []byte(data)), new(chat.Watch).Look(nil, []byte(data)); got != want {
		t.Errorf("chat %s: mark %b after other events, %b at first", data, got, want)
	}
}
