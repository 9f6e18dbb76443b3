package chat

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestWatchDialects(t *testing.T) {
	var w Watch
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{`{"id":"","choices":[],"prompt_filter_results":[{}]}`, 0},
		{chunkOf(`"role":"assistant","content":""`), 0},
		{chunkOf(`"reasoning_content":"a"`), conv.MarkContent},
		{chunkOf(`"reasoning":"a"`), conv.MarkContent},
		{chunkOf(`"reasoning_details":[{"type":"reasoning.encrypted"}]`), conv.MarkContent},
		{chunkOf(`"content":"a"`), conv.MarkContent},
		{chunkOf(`"content":"b"`), conv.MarkContent},
		{chunkOf(`"content":[{"type":"text","text":"a"}]`), conv.MarkContent},
		{chunkOf(`"refusal":"a"`), conv.MarkContent},
		{callsOf(`{"index":0}`), conv.MarkContent},
		{`{"choices":[{"index":0,"content_filter_offsets":{}}]}`, 0},
		{`{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":1}}]}`, conv.MarkFinish},
		{`{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1}}`, conv.MarkContent | conv.MarkFinish},
		{`{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`, 0},
		{`[DONE]`, conv.MarkEnd},
		{`{"x`, conv.MarkInvalid},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: mark %b, want %b", c.data, got, c.want)
		}
	}
	if u, ok, err := w.Seen(); u != (conv.Usage{Input: 5, Output: 2}) || !ok || err != nil {
		t.Errorf("usage %+v %v, error %v", u, ok, err)
	}
}

func TestWatchErrors(t *testing.T) {
	for _, c := range []struct {
		name, data string
		status     int
	}{
		{"", `{"error":{"message":"m","code":429}}`, 429},
		{"", `[{"error":{"message":"m","code":503}}]`, 503},
		{"", `{"object":"error","message":"m","code":400}`, 400},
		{"error", `boom`, 500},
		{"", `{"choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]}`, 502},
	} {
		var w Watch
		mark := w.Look([]byte(c.name), []byte(c.data))
		if _, _, err := w.Seen(); mark != conv.MarkError || err == nil || err.Status != c.status {
			t.Errorf("%s: mark %b, error %v", c.data, mark, err)
		}
	}
}

func TestLookBody(t *testing.T) {
	for body, want := range map[string]struct {
		usage  conv.Usage
		ok     bool
		status int
	}{
		`{"choices":[{}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`: {conv.Usage{Input: 1, Output: 2}, true, 0},
		`{"choices":[{}],"x_groq":{"usage":{"prompt_tokens":1}}}`:            {conv.Usage{Input: 1}, true, 0},
		`{"choices":[{}]}`:                       {conv.Usage{}, false, 0},
		`[{"error":{"message":"m","code":429}}]`: {conv.Usage{}, false, 429},
		`{"statusCode":429,"message":"slow"}`:    {conv.Usage{}, false, 429},
		`<html>`:                                 {conv.Usage{}, false, 0},
	} {
		u, ok, err := LookBody([]byte(body))
		status := 0
		if err != nil {
			status = err.Status
		}
		if u != want.usage || ok != want.ok || status != want.status {
			t.Errorf("%s: %+v %v %d", body, u, ok, status)
		}
	}
}
