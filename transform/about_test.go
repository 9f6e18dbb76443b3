package transform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestAboutAWholeAnswer(t *testing.T) {
	tests := map[string]struct {
		dialect   transform.Dialect
		body      string
		id, model string
		reasons   []string
	}{
		"anthropic":        {transform.Anthropic, `{"id":"msg_1","model":"claude","stop_reason":"end_turn","content":[{"text":"\"id\":\"no\""}]}`, "msg_1", "claude", []string{"end_turn"}},
		"chat":             {transform.OpenAIChat, `{"id":"c","model":"gpt","choices":[{"index":1,"finish_reason":"length"},{"index":0,"finish_reason":"stop"}]}`, "c", "gpt", []string{"length", "stop"}},
		"responses":        {transform.OpenAIResponses, `{"id":"resp","model":"gpt","status":"completed"}`, "resp", "gpt", []string{"completed"}},
		"responses, short": {transform.OpenAIResponses, `{"id":"resp","model":"gpt","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}`, "resp", "gpt", []string{"max_output_tokens"}},
		"gemini":           {transform.Gemini, `{"responseId":"r","modelVersion":"g","candidates":[{"finishReason":"STOP"}]}`, "r", "g", []string{"STOP"}},
		"nothing is said":  {transform.OpenAIChat, `{"choices":[{"finish_reason":null}]}`, "", "", nil},
		"nonsense":         {transform.Gemini, `[1]`, "", "", nil},
		"of other types":   {transform.Anthropic, `{"stop_reason":{"a":1}}`, "", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := transform.ReadAbout(tt.dialect, []byte(tt.body))
			if a.ID != tt.id || a.Model != tt.model || !slices.Equal(a.FinishReasons, tt.reasons) {
				t.Errorf("it is about %q %q %q", a.ID, a.Model, a.FinishReasons)
			}
		})
	}
}

func TestAboutAStream(t *testing.T) {
	reasons := map[transform.Dialect]string{
		transform.Anthropic: "end_turn", transform.OpenAIChat: "stop", transform.OpenAIResponses: "completed", transform.Gemini: "STOP",
	}
	ids := map[transform.Dialect]string{transform.Anthropic: "m", transform.OpenAIChat: "c", transform.OpenAIResponses: "resp_1"}
	for d, data := range unended {
		in := framed(d, data)
		if d == transform.OpenAIResponses {
			in += "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":4,\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"status\":\"completed\",\"output\":[]}}\n\n"
		}
		a := transform.NewAbout(d)
		out, err := read(t, in, a)
		if err != nil || out != in {
			t.Errorf("%s: %v: the stream is changed: %q", d, err, out)
		}
		if a.ID != ids[d] || !slices.Equal(a.FinishReasons, []string{reasons[d]}) {
			t.Errorf("%s: it is about %q, ended by %q", d, a.ID, a.FinishReasons)
		}
	}
	a := transform.NewAbout(transform.OpenAIChat)
	many := strings.Repeat(`data: {"choices":[{"index":0,"finish_reason":"a"},{"index":1,"finish_reason":"b"}]}`+"\n\n", 1000)
	for i := range 1000 {
		many += `data: {"choices":[{"index":` + strings.Repeat("1", i%8+1) + `,"finish_reason":"x"}]}` + "\n\n"
	}
	if _, err := read(t, many, a); err != nil || len(a.FinishReasons) > 64 || a.FinishReasons[0] != "a" {
		t.Errorf("%v: %d reasons", err, len(a.FinishReasons))
	}
}

func ExampleReadAbout() {
	a := transform.ReadAbout(transform.Anthropic, []byte(`{"id":"msg_1","model":"claude-opus-4","stop_reason":"end_turn"}`))
	fmt.Println(a.ID, a.Model, a.FinishReasons)
	// Output: msg_1 claude-opus-4 [end_turn]
}
