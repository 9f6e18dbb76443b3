package transform_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestImagesInSystemMessagesAreReported(t *testing.T) {
	const image = `{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}`
	const chat = `{"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"s"},` + image + `]},` +
		`{"role":"user","content":"a"},{"role":"system","content":[` + image + `]},{"role":"user","content":"b"}]}`
	for channel, want := range map[transform.Dialect][]string{
		transform.Anthropic:       {"system"},
		transform.OpenAIResponses: {"messages", "messages[2]"},
		transform.Gemini:          {"messages"},
	} {
		r := &transform.Request{Dialect: transform.OpenAIChat, Header: http.Header{}, Model: "m", Body: []byte(chat)}
		if err := transform.Translate(transform.OpenAIChat, channel).Request(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		for _, field := range want {
			if !slices.Contains(r.Losses, transform.Loss{Field: field, Why: "system messages hold text only"}) {
				t.Errorf("%s: %s is not among %v", channel, field, r.Losses)
			}
		}
	}
	r := &transform.Request{Dialect: transform.OpenAIResponses, Header: http.Header{}, Model: "m", Body: []byte(`{"model":"m","input":[` +
		`{"role":"user","content":"a"},{"role":"system","content":[{"type":"input_image","image_url":"https://x.test/i.png"}]}]}`)}
	if err := transform.Translate(transform.OpenAIResponses, transform.OpenAIChat).Request(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if len(r.Losses) != 1 || r.Losses[0].Field != "input[1]" {
		t.Errorf("lost %v", r.Losses)
	}
}
