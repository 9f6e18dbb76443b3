package transform_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// The memory of a body is used again when its call is over, and that of an
// event with the next one. What is told of them is read later.

func TestReportsOutliveTheBody(t *testing.T) {
	for _, c := range []struct {
		caller, channel transform.Dialect
		body            string
	}{
		{transform.OpenAIChat, transform.Gemini, `{"model":"m","reasoning_effort":"high","odd":1,"messages":[{"role":"user","content":"x","odd":1}]}`},
		{transform.OpenAIChat, transform.OpenAIResponses, `{"model":"m","thinking":{"type":"enabled"},"seed":1,"messages":[{"role":"user","content":"x"}]}`},
		{transform.Anthropic, transform.Gemini, `{"model":"m","max_tokens":1,"output_format":{"type":"json_schema","schema":{}},"tools":[{"name":"f","input_schema":{"type":"object",` +
			`"properties":{"a":{"odd":1}}}}],"messages":[{"role":"user","content":[{"type":"odd"}]}]}`},
		{transform.OpenAIResponses, transform.Anthropic, `{"model":"m","odd":1,"truncation":"auto","input":[{"type":"odd"},{"role":"user","content":"x"}]}`},
		{transform.Gemini, transform.Anthropic, `{"odd":1,"generationConfig":{"seed":1,"odd":1},"contents":[{"parts":[{"text":"x","odd":1}]}]}`},
	} {
		body := []byte(c.body)
		r := &transform.Request{Dialect: c.caller, Header: http.Header{}, Model: "m", Body: body}
		if err := transform.Translate(c.caller, c.channel).Request(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		var before []transform.Loss
		for _, l := range r.Losses {
			before = append(before, transform.Loss{Field: strings.Clone(l.Field), Why: strings.Clone(l.Why)})
		}
		clear(body)
		if len(before) == 0 {
			t.Errorf("%s: nothing was lost", c.body)
		}
		for i, l := range r.Losses {
			if l != before[i] {
				t.Errorf("%v became %v", before[i], l)
			}
		}
	}
}

func TestFailuresOutliveTheEvent(t *testing.T) {
	for d, text := range map[transform.Dialect]string{
		transform.OpenAIChat:      `{"choices":[{"delta":{},"finish_reason":"network_error"}]}`,
		transform.Gemini:          `{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}`,
		transform.Anthropic:       `{"type":"error","error":{"type":"overloaded_error","message":"busy","details":{"error_code":"c"}},"request_id":"r"}`,
		transform.OpenAIResponses: `{"type":"response.failed","response":{"status":"failed","error":{"code":"c","message":"busy"}}}`,
	} {
		data := []byte(text)
		w := transform.NewWatch(d)
		if err := w.Event(transform.Event{Data: data}, func(transform.Event) {}); err != nil {
			t.Fatal(err)
		}
		e := w.Failure()
		if e == nil {
			t.Errorf("%s: no failure", d)
			continue
		}
		before := transform.Error{
			Type: strings.Clone(e.Type), Code: strings.Clone(e.Code), Message: strings.Clone(e.Message), RequestID: strings.Clone(e.RequestID),
		}
		clear(data)
		if e.Type != before.Type || e.Code != before.Code || e.Message != before.Message || e.RequestID != before.RequestID {
			t.Errorf("%s: %+v became %+v", d, before, *e)
		}
	}
}
