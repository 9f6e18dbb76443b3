package conv

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestNearEffort(t *testing.T) {
	for _, c := range []struct {
		effort Effort
		known  []Effort
		want   Effort
	}{
		{EffortMinimal, []Effort{EffortLow, EffortHigh}, EffortLow},
		{EffortMedium, []Effort{EffortLow, EffortHigh, EffortMax}, EffortLow},
		{EffortXHigh, []Effort{EffortLow, EffortHigh, EffortMax}, EffortHigh},
		{EffortMax, []Effort{EffortLow, EffortMedium}, EffortMedium},
		{EffortHigh, nil, EffortHigh},
		{"", []Effort{EffortLow}, ""},
	} {
		if got := c.effort.Near(c.known...); got != c.want {
			t.Errorf("%s among %v: got %s, want %s", c.effort, c.known, got, c.want)
		}
	}
}

func TestInputSchema(t *testing.T) {
	for _, c := range []struct {
		tool Tool
		want string
	}{
		{Tool{}, EmptySchema},
		{Tool{Schema: `{}`}, EmptySchema},
		{Tool{Schema: `{"type":"object"}`}, `{"type":"object"}`},
		{Tool{Schema: `{"properties":{"a":{}}}`}, `{"type":"object","properties":{"a":{}}}`},
		{Tool{Freeform: true}, FreeformSchema},
	} {
		if got := c.tool.InputSchema(); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.tool, got, c.want)
		}
	}
}

func TestFreeformInput(t *testing.T) {
	for args, want := range map[string]string{
		`{"input":"ls -l"}`:            "ls -l",
		` { "input" : "a\nb" } `:       "a\nb",
		`{"input":""}`:                 "",
		`{"path":"a"}`:                 `{"path":"a"}`,
		`ls -l`:                        "ls -l",
		``:                             "",
		`{"input":"ls -`:               "ls -",
		`{"input":"ls \`:               "ls ",
		`{"input":"a\u00`:              "a",
		`{"input":"ls"`:                "ls",
		`{"input":"`:                   "",
		"{\"input\":\"a\nb\tc\"}":      "a\nb\tc",
		`{"input":"a\qb"}`:             `{"input":"a\qb"}`,
		`{"input":`:                    `{"input":`,
		`{"_raw":"{\"input\":\"ls -"}`: "ls -",
		`{"_raw":"ls"}`:                "ls",
	} {
		if got := FreeformInput(args); got.String() != want || !gjson.Valid(string(got)) {
			t.Errorf("%s: got %s, want %q", args, got, want)
		}
	}
}

func TestFormatInstruction(t *testing.T) {
	f := Format{Kind: FormatSchema, Schema: `{"type":"object"}`}
	if got := f.Instruction().String(); !strings.HasSuffix(got, `: {"type":"object"}`) {
		t.Errorf("schema: %s", got)
	}
	f = Format{Kind: FormatJSON}
	if got := f.Instruction(); !gjson.Valid(string(got)) || !strings.Contains(got.String(), "JSON") {
		t.Errorf("object: %s", got)
	}
}

func TestStateSurvivesInToolID(t *testing.T) {
	state := State{Kind: Thought, Value: `"a+/=\u0000\"b"`}
	id := Str(AppendToolID(nil, WithState(`"call.1"`, &state, "0abcdef")))
	if !safeID(id.Inner()) {
		t.Fatalf("the id %s has other characters than protocols take", id)
	}
	bare, got := CutState(id)
	if want := Str(AppendToolID(nil, `"call.1"`)); bare != want {
		t.Errorf("id %s, want %s", bare, want)
	}
	if !got.For(Thought, "0abcdef") || !got.Value.Same(state.Value) {
		t.Errorf("state %+v", got)
	}
}

func TestMissingResult(t *testing.T) {
	if p := Missing(`"x"`); p.Kind != ToolResult || p.ID != `"x"` || !p.IsError || !gjson.Valid(string(p.Content[0].Text)) {
		t.Errorf("%+v", p)
	}
}

func TestMessagePath(t *testing.T) {
	r := Request{}
	if got := r.MessagePath(&Message{Index: 3}); got != "messages[3]" {
		t.Error(got)
	}
	r.Names.Messages = "input"
	if got := r.MessagePath(&Message{Index: 3}); got != "input[3]" {
		t.Error(got)
	}
}
