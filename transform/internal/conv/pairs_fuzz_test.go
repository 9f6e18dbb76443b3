package conv_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A heard is what a stream tells.
type heard struct {
	answer
	failed bool
	err    error // of its end
}

// whole reports that the stream tells a whole answer.
func (h *heard) whole() bool { return h.err == nil && !h.failed }

// hear reads what a stream tells.
func hear(frames []frame, d decoder) (h heard) {
	began := false
	see := func(ev *conv.Event) {
		switch ev.Kind {
		case conv.Start:
			began = true
		case conv.TextDelta, conv.RefusalDelta:
			h.Text += ev.Text.String()
		case conv.ToolStart:
			h.Calls = append(h.Calls, call{Name: ev.Name.String()})
		case conv.ToolDelta:
			h.Calls[ev.Tool].Args += ev.Text.String()
		case conv.Failed:
			h.failed = true
		}
	}
	for _, f := range frames {
		if h.err = d.Event([]byte(f.name), []byte(f.data), see); h.err != nil {
			return h
		}
	}
	if h.err = d.Close(see); h.err == nil && !began && !h.failed {
		h.err = conv.ErrTruncated
	}
	// Whom a call without a name is for nobody knows.
	h.Calls = slices.DeleteFunc(h.Calls, func(c call) bool { return c.Name == "" })
	return h
}

// FuzzPairs sends what may be a stream, one event a line, from every protocol to
// every other. What comes out must be one that tells the same, and be whole
// where the one that came in was.
func FuzzPairs(f *testing.F) {
	f.Add([]byte(anthropicStart + "\n" + anthropicText + "\n{\"type\":\"content_block_stop\",\"index\":0}\n{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\",\"input\":{}}}\n{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}\n{\"type\":\"content_block_stop\",\"index\":1}\n{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":1}}\n{\"type\":\"message_stop\"}"))
	f.Add([]byte(chatText + "\n{\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"n\"}}]}\n{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"n\",\"arguments\":\"{\"}},{\"index\":1,\"id\":\"b\",\"type\":\"custom\",\"custom\":{\"name\":\"sh\",\"input\":\"l\"}}]}}]}\n{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{}}\n[DONE]"))
	f.Add([]byte(`{"type":"response.created","response":{"id":"r","model":"m"}}
{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m1","role":"assistant"}}
{"type":"response.content_part.added","output_index":0,"content_index":0,"item_id":"m1","part":{"type":"output_text","text":""}}
{"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m1","delta":"a"}
{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","id":"f1","call_id":"c","name":"n","arguments":""}}
{"type":"response.function_call_arguments.delta","output_index":1,"item_id":"f1","delta":"{}"}
{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","id":"f1","call_id":"c","name":"n","arguments":"{}"}}
{"type":"response.completed","response":{"id":"r","status":"completed","usage":{"input_tokens":1,"output_tokens":2}}}`))
	f.Add([]byte(`{"candidates":[{"content":{"role":"model","parts":[{"text":"a"},{"text":"t","thought":true},{"functionCall":{"name":"n","args":{"a":1}},"thoughtSignature":"s"}]}}]}
{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}`))
	f.Add([]byte(chatText + `
{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
` + chatText + `
{"choices":[{"index":3,"delta":{"content":"one that never ends"}}]}
{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`))
	f.Add([]byte("{\"type\":\"error\"}\n{\"error\":1}"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var frames []frame
		for line := range bytes.Lines(stream) {
			data := strings.TrimSuffix(string(line), "\n")
			frames = append(frames, frame{gjson.Get(data, "type").Str, data})
		}
		sameMarks(t, frames, new(chat.Watch), new(chat.Watch))
		sameMarks(t, frames, new(anthropic.Watch), new(anthropic.Watch))
		for i := range codecs {
			from := hear(frames, codecs[i].decoder())
			for j := range codecs {
				out, err := pump(frames, codecs[i].decoder(), codecs[j].encoder(conv.EncoderOptions{IncludeUsage: true, Freeform: []string{"sh"}}))
				for _, fr := range out {
					if !gjson.Valid(fr.data) && fr.data != "[DONE]" {
						t.Errorf("%s to %s: not valid JSON: %s", codecs[i].name, codecs[j].name, fr.data)
					}
				}
				to := hear(out, codecs[j].decoder())
				if (err == nil) != (from.err == nil) && len(out) > 0 {
					t.Errorf("%s to %s: ended with %v, and read with %v", codecs[i].name, codecs[j].name, err, from.err)
				}
				if from.whole() != to.whole() {
					t.Errorf("%s to %s: whole %v, then %v (%v): %v", codecs[i].name, codecs[j].name, from.whole(), to.whole(), to.err, out)
				}
				if from.whole() {
					if codecs[j].name == "anthropic" {
						readAnthropic(t, out)
					}
					sameAnswer(t, codecs[i].name+" to "+codecs[j].name, from.answer, to.answer, out)
				}
			}
		}
	})
}

func sameAnswer(t *testing.T, way string, from, to answer, out []frame) {
	if from.Text != to.Text {
		t.Errorf("%s: text %q, then %q: %v", way, from.Text, to.Text, out)
	}
	if len(from.Calls) != len(to.Calls) {
		t.Errorf("%s: %d calls, then %d: %v", way, len(from.Calls), len(to.Calls), out)
		return
	}
	for i, c := range from.Calls {
		args := conv.Arguments(conv.Quote(c.Args))
		if got := to.Calls[i]; got.Name != c.Name || canonical(args) != canonical(conv.Arguments(conv.Quote(got.Args))) && c.Name != "sh" {
			t.Errorf("%s: call %+v, then %+v: %v", way, c, got, out)
		}
	}
}

// A watch knows the events of text by their shape.
type watch interface {
	Look(name, data []byte) conv.Mark
	Seen() (u conv.Usage, ok bool, failure *conv.Error)
	Text() *conv.Shape
}

// sameMarks checks that a watch which knows events by their shape tells the
// same of a stream as one that reads each of them whole.
func sameMarks(t *testing.T, frames []frame, quick, whole watch) {
	for _, f := range frames {
		whole.Text().Forget()
		got, want := quick.Look([]byte(f.name), []byte(f.data)), whole.Look([]byte(f.name), []byte(f.data))
		if got != want {
			t.Errorf("%T: %s: mark %b by its shape, %b read whole", quick, f.data, got, want)
		}
		if q, ok := quick.(*chat.Watch); ok && q.Stopped() != whole.(*chat.Watch).Stopped() {
			t.Errorf("%s: stopped %v by its shape, %v read whole", f.data, q.Stopped(), !q.Stopped())
		}
	}
	got, any, failure := quick.Seen()
	want, anyWanted, failureWanted := whole.Seen()
	if got != want || any != anyWanted || (failure == nil) != (failureWanted == nil) {
		t.Errorf("%T: saw %+v %v by shapes, %+v %v read whole", quick, got, failure, want, failureWanted)
	}
}
