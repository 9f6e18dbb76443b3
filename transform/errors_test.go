package transform_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// The events are those for which the official clients of each protocol were
// seen to raise an error.
func TestFrameEndsAStreamWithAnError(t *testing.T) {
	e := transform.Error{Status: 503, Code: "overloaded", Message: "too \"much\"\nat once"}
	for _, c := range []struct {
		dialect transform.Dialect
		events  string // their names
		message string // where the client looks for it in the first event
	}{
		{transform.Anthropic, "error", "error.message"},
		{transform.OpenAIChat, "", "error.message"},
		{transform.OpenAIResponses, "error response.failed", "error.message"},
		{transform.OpenAIResponses, "error response.failed", "message"},
		{transform.Gemini, "", "error.message"},
	} {
		var names, data []string
		frame := string(e.Frame(c.dialect))
		for event := range strings.SplitSeq(strings.TrimSuffix(frame, "\n\n"), "\n\n") {
			for line := range strings.SplitSeq(event, "\n") {
				if name, ok := strings.CutPrefix(line, "event: "); ok {
					names = append(names, name)
				}
				if d, ok := strings.CutPrefix(line, "data: "); ok {
					data = append(data, d)
				}
			}
		}
		if got := strings.Join(names, " "); got != c.events || !strings.HasSuffix(frame, "\n\n") {
			t.Errorf("%s: events %q: %q", c.dialect, got, frame)
		}
		if len(data) == 0 || !gjson.Valid(data[0]) || gjson.Get(data[0], c.message).Str != e.Message {
			t.Errorf("%s: %q", c.dialect, frame)
		}
	}
	if code := gjson.Get(string(e.Body(transform.Gemini)), "error.code"); code.Int() != 503 {
		t.Errorf("the code that Gemini's clients look for is %s", code.Raw)
	}
}
