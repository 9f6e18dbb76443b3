package responses

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestWatchMarks(t *testing.T) {
	for _, c := range []struct {
		in   string
		want conv.Mark
	}{
		{created, 0},
		{`{"type":"response.in_progress","response":{}}`, 0},
		{textAdded, 0},
		{`{"type":"response.output_item.added","item":{"type":"reasoning","summary":[],"encrypted_content":"x"}}`, 0},
		{`{"type":"response.output_item.added","item":{"type":"function_call","arguments":""}}`, conv.MarkContent},
		{`{"type":"response.output_item.added","item":{"type":"web_search_call"}}`, conv.MarkContent},
		{textDelta, conv.MarkContent},
		{`{"type":"response.output_text.delta","delta":""}`, 0},
		{`{"type":"response.reasoning_summary_text.delta","delta":"a"}`, conv.MarkContent},
		{`{"type":"response.function_call_arguments.delta","delta":"{"}`, conv.MarkContent},
		{`{"type":"response.refusal.done","refusal":"no"}`, conv.MarkContent},
		{`{"type":"keepalive"}`, 0},
		{`{"type":"response.new_thing"}`, 0},
		{completed, conv.MarkContent | conv.MarkFinish | conv.MarkEnd},
		{bare, conv.MarkFinish | conv.MarkEnd},
		{`{"type":"response.incomplete","response":{"output":[]}}`, conv.MarkFinish | conv.MarkEnd},
		{`{"type":"response.failed","response":{}}`, conv.MarkError},
		{`{"type":"error","message":"oh"}`, conv.MarkError},
		{`{"error":{"message":"oh"}}`, conv.MarkError},
		{"[DONE]", conv.MarkOver},
		{"nonsense", conv.MarkInvalid},
	} {
		if got := new(Watch).Look(nil, []byte(c.in)); got != c.want {
			t.Errorf("%s: %b, want %b", c.in, got, c.want)
		}
	}
}

func TestWatchKeepsUsageAndError(t *testing.T) {
	var w Watch
	for _, in := range []string{created, textDelta, completed} {
		w.Look(nil, []byte(in))
	}
	if u, ok, err := w.Seen(); !ok || err != nil || u != (conv.Usage{Input: 5, CacheRead: 3, CacheWrite: 2, Output: 7, Reasoning: 4}) {
		t.Errorf("%+v %v %v", u, ok, err)
	}
	w = Watch{}
	for _, in := range []string{created, `{"type":"error","code":"rate_limit_exceeded","message":"slow"}`, `{"type":"response.failed","response":{"error":{"message":"again"}}}`} {
		w.Look(nil, []byte(in))
	}
	if _, _, err := w.Seen(); err == nil || err.Status != 429 || err.Message != "slow" || err.Type != "" {
		t.Errorf("%+v", err)
	}
}

func TestLookBody(t *testing.T) {
	if u, ok, err := LookBody([]byte(`{"status":"completed","error":null,` + usage + `}`)); !ok || err != nil || u.Output != 7 {
		t.Errorf("%+v %v %v", u, ok, err)
	}
	for in, status := range map[string]int{
		`{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}`: 429,
		`{"status":"failed","error":{"code":"invalid_prompt","message":"no"}}`:        400,
		`{"status":"failed","error":{"code":"image_too_large","message":"no"}}`:       400,
		`{"status":"failed","error":{"code":"vector_store_timeout","message":"no"}}`:  500,
		`{"status":"failed","error":null}`:                                            502,
		`{"status":"cancelled"}`:                                                      502,
		`{"error":{"message":"oh","type":"server_error"}}`:                            500,
	} {
		if _, _, err := LookBody([]byte(in)); err == nil || err.Status != status || err.Message == "" {
			t.Errorf("%s: %+v", in, err)
		}
	}
	if _, ok, err := LookBody([]byte("<html>")); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}

func TestErrorsHaveTheEnvelopeOfTheProtocol(t *testing.T) {
	got := string(WriteError(nil, &conv.Error{Status: 429, Message: "slow \"down\"", Param: "input"}))
	if want := `{"error":{"message":"slow \"down\"","type":"rate_limit_exceeded","param":"input","code":"rate_limit_exceeded"}}`; got != want {
		t.Error(got)
	}
}
