package transform_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// A plain answer in each dialect, without its end mark.
var unended = map[transform.Dialect][]string{
	transform.Anthropic: {
		`{"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`,
	},
	transform.OpenAIChat: {
		`{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}]}`,
		`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`,
	},
	transform.OpenAIResponses: {
		`{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","model":"m","created_at":7,"status":"in_progress","output":[],"tools":[]}}`,
		`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg","type":"message","content":[]}}`,
		`{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg","output_index":0,"content_index":0,"delta":"hello"}`,
		`{"type":"response.output_item.done","sequence_number":3,"output_index":0,"item":{"id":"msg","type":"message","status":"completed","content":[{"type":"output_text","text":"hello"}]}}`,
	},
	transform.Gemini: {
		`{"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}`,
	},
}

func framed(d transform.Dialect, data []string) string {
	var b strings.Builder
	for _, line := range data {
		if d == transform.Anthropic || d == transform.OpenAIResponses {
			b.WriteString("event: " + gjson.Get(line, "type").Str + "\n")
		}
		b.WriteString("data: " + line + "\n\n")
	}
	return b.String()
}

func TestWatchSuppliesTheEndMarkOfEveryDialect(t *testing.T) {
	for d, mark := range map[transform.Dialect]string{
		transform.Anthropic:       "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
		transform.OpenAIChat:      "data: [DONE]\n\n",
		transform.OpenAIResponses: "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":4,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"model\":\"m\",\"created_at\":7,\"tools\":[],\"status\":\"completed\",\"error\":null,\"incomplete_details\":null,\"output\":[{\"id\":\"msg\",\"type\":\"message\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"hello\"}]}],\"usage\":null}}\n\n",
		transform.Gemini:          "",
	} {
		in := framed(d, unended[d])
		w := transform.NewWatch(d)
		out, err := read(t, in, w)
		if err != nil || out != in+mark || !w.Complete() {
			t.Errorf("%s: %v, complete %v\ngot  %q\nwant %q", d, err, w.Complete(), strings.TrimPrefix(out, in), mark)
		}
		half := framed(d, unended[d][:len(unended[d])-1])
		if out, err := read(t, half, transform.NewWatch(d)); !errors.Is(err, transform.ErrTruncated) || out != half {
			t.Errorf("%s: half of it gives %v and %q", d, err, strings.TrimPrefix(out, half))
		}
	}
}

// Those who speak Responses and end their streams like Chat may leave out the
// event that tells how the answer ended, and a reader stops at that mark.
func TestMarkOfAnotherProtocolDoesNotHideTheEnd(t *testing.T) {
	const d, done = transform.OpenAIResponses, "data: [DONE]\n\n"
	in := framed(d, unended[d])
	out, err := read(t, in+done, transform.NewWatch(d))
	if err != nil || !strings.HasSuffix(out, done) || strings.Count(out, "event: response.completed\n") != 1 {
		t.Errorf("%v: %q", err, out)
	}
	whole := in + strings.TrimPrefix(out, in)
	if again, err := read(t, whole, transform.NewWatch(d)); err != nil || again != whole {
		t.Errorf("a stream with both is changed: %v: %q", err, again)
	}
	half := framed(d, unended[d][:3])
	if out, err := read(t, half+done, transform.NewWatch(d)); !errors.Is(err, transform.ErrTruncated) || out != half {
		t.Errorf("half of an answer looks whole: %v: %q", err, out)
	}
}

func TestSuppliedEndTellsAnEstimate(t *testing.T) {
	w := transform.NewWatch(transform.OpenAIResponses)
	w.EstimateInput(12)
	out, err := read(t, framed(transform.OpenAIResponses, unended[transform.OpenAIResponses]), w)
	_, last, _ := strings.Cut(out, "event: response.completed\ndata: ")
	usage := gjson.Get(last, "response.usage")
	if err != nil || usage.Get("input_tokens").Int() != 12 || usage.Get("output_tokens").Int() != int64(w.Pieces()) || !usage.Get("estimated").Bool() {
		t.Errorf("%v: usage %s", err, usage.Raw)
	}
	if u, ok := w.Usage(); ok {
		t.Errorf("an estimate is told as what the provider counted: %+v", u)
	}
}

// Signs of life keep nobody waiting for the end of a complete answer.
func TestCompleteAnswerIsNotFollowedForEver(t *testing.T) {
	for d, data := range unended {
		if d == transform.OpenAIResponses { // whose last event is the only one to say so
			continue
		}
		r := transform.NewReader(transform.NewScanner(strings.NewReader(framed(d, data)+strings.Repeat(": ping\n\n", 1000)), 0), transform.NewWatch(d))
		n := 0
		for r.Fill() == nil {
			n++
		}
		if n > len(data)+20 {
			t.Errorf("%s: %d events were read", d, n)
		}
		if err := r.Finish(); err != nil {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// Every caller is told that the answer ended, and why.
func TestTranslatedAnswerWithoutItsEndEnds(t *testing.T) {
	ends := map[transform.Dialect]string{
		transform.Anthropic: `"stop_reason":"end_turn"`, transform.OpenAIChat: `"finish_reason":"stop"`,
		transform.OpenAIResponses: `"status":"completed"`, transform.Gemini: `"finishReason":"STOP"`,
	}
	for channel, data := range unended {
		for caller, end := range ends {
			if caller == channel {
				continue
			}
			for _, watched := range []bool{true, false} {
				r := transform.Request{}
				s := transform.Translate(caller, channel).Stream(t.Context(), &transform.Response{Request: &r, Header: map[string][]string{}})
				if watched {
					s = transform.Then(transform.NewWatch(channel), s)
				}
				out, err := read(t, framed(channel, data), s)
				if err != nil || !strings.Contains(out, "hello") || !strings.Contains(out, end) {
					t.Errorf("%s from %s, watched %v: %v: %q", caller, channel, watched, err, out)
				}
			}
		}
	}
}
