package anthropic

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

func FuzzRequest(f *testing.F) {
	f.Add("claude-sonnet-4-5", []byte(`{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"items":{"oneOf":[{}]}}}}}},"tools":[{"name":"f","input_schema":{},"strict":true}],"tool_choice":{"type":"any"},"temperature":2,"top_p":1,"top_k":1,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"RtxStateS0abcdefcw=="},{"type":"redacted_thinking","data":"RtxStateR0abcdefcw=="},{"type":"tool_use","id":"a_RtxStateT0abcdefcw","name":"f","input":{}}]},{"role":"system","content":"s"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"document","source":{"type":"text","data":"d"},"title":"t","context":"c"},{"type":"search_result","title":"t","content":[]}]}]}]}`))
	f.Add("claude-opus-5-5", []byte(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"base64","media_type":"text/plain","data":"QUJD"}}]}}]},{"role":"assistant","content":"x "}]}`))
	f.Fuzz(func(t *testing.T, model string, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		lose := func(string, string) {}
		r, err := ReadRequest(body, lose)
		if err != nil {
			if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Problem == "" {
				t.Errorf("error %v", err)
			}
			return
		}
		r.Model, r.Target = strings.ToValidUTF8(model, ""), conv.Target{Provider: provider}
		out, err := WriteRequest(nil, r, lose)
		if err != nil || !gjson.ValidBytes(out) {
			t.Fatalf("%v: not valid JSON: %s", err, out)
		}
		// What was written can be read again.
		if _, err := ReadRequest(out, lose); err != nil && r.Model != "" && len(r.MaxTokens) > 0 {
			t.Errorf("%v: %s", err, out)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add(200, []byte(`{"id":"i","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a","citations":[{}]},{"type":"tool_use","id":"i","name":"n","input":{}}],"stop_reason":"x","usage":{"input_tokens":1,"cache_creation":{}}}`))
	f.Add(500, []byte(`{"type":"error","error":{"type":"api_error","message":"m"},"request_id":"r"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if r, err := ReadResponse(body); err == nil {
			r.Options.Provider = provider
			if out := WriteResponse(nil, r); !gjson.ValidBytes(out) {
				t.Errorf("not valid JSON: %s", out)
			}
		}
		if out := WriteError(nil, ReadError(status, body)); !gjson.ValidBytes(out) {
			t.Errorf("not valid JSON: %s", out)
		}
		_, _, _ = LookBody(body)
	})
}

// FuzzStream takes one event a line.
func FuzzStream(f *testing.F) {
	f.Add([]byte(strings.Join([]string{
		startEvent, blockStart(0, emptyThinking), thinkingDelta(0, "a"), delta(0, "signature_delta", "signature", "s"), stopBlock(0),
		blockStart(1, `{"type":"redacted_thinking","data":"d"}`), blockStart(2, emptyText), textDelta(2, "a"), textDelta(2, "b"), blockStart(3, tool("t")), argsDelta(3, "{"), argsDelta(3, "}"),
		finish("tool_use", `{"output_tokens":1}`), endEvent,
	}, "\n")))
	f.Add([]byte(startEvent + "\n" + startEvent + "\n" + blockStart(0, tool("a")) + "\n" + blockStart(0, emptyText) + "\n" + argsDelta(0, "x") + "\n{\"type\":\"error\"}"))
	f.Fuzz(func(t *testing.T, stream []byte) { _, _ = replay(t, stream) })
}

// replay sends the lines of a stream through decoder, encoder and watch.
func replay(t *testing.T, stream []byte) (told []string, err error) {
	var events []string
	for line := range bytes.Lines(stream) {
		events = append(events, string(bytes.TrimSuffix(line, []byte("\n"))))
	}
	var out []string
	e := NewEncoder(conv.EncoderOptions{Provider: provider})
	emit := func(name string, data []byte) {
		if !gjson.ValidBytes(data) {
			t.Errorf("%s is not valid JSON: %s", name, data)
		}
		out = append(out, string(data))
	}
	told, err = decode(t, events, func(ev *conv.Event) { e.Event(ev, emit) })
	if err == nil {
		e.Close(emit)
	}
	checkBlocks(t, out)
	var learned Watch
	for _, ev := range events {
		if got, want := learned.Look(nil, []byte(ev)), new(Watch).Look(nil, []byte(ev)); got != want {
			t.Errorf("%s: mark %b after other events, %b at first", ev, got, want)
		}
	}
	return told, err
}

// A stream that is cut anywhere tells a beginning of what it would have told,
// and never that it is complete.
func TestStreamCutAtEveryByte(t *testing.T) {
	stream := []byte(strings.Join([]string{
		startEvent, blockStart(0, emptyThinking), thinkingDelta(0, "ä"), delta(0, "signature_delta", "signature", "s"), stopBlock(0),
		blockStart(1, emptyText), textDelta(1, "x"), textDelta(1, "\\\"y"), stopBlock(1),
		blockStart(2, tool("t")), argsDelta(2, `{"a":`), argsDelta(2, `1}`), stopBlock(2),
		finish("tool_use", `{"output_tokens":9}`), endEvent,
	}, "\n"))
	whole, err := replay(t, stream)
	if err != nil {
		t.Fatal(err)
	}
	complete := len(stream) - len(endEvent) - 1
	for cut := range stream {
		told, err := replay(t, stream[:cut])
		if cut < complete != errors.Is(err, conv.ErrTruncated) {
			t.Errorf("cut at %d of %d: %v", cut, complete, err)
		}
		for i := range told {
			if told[i] != whole[i] {
				t.Errorf("cut at %d: told %q, the whole tells %q", cut, told[i], whole[i])
			}
		}
	}
}
