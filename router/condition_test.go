package router_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/router"
)

// A setting is what a call has besides its body.
type setting func(*router.Request)

func withHeader(name string, values ...string) setting {
	return func(r *router.Request) {
		if r.Header == nil {
			r.Header = make(http.Header)
		}
		r.Header[name] = values
	}
}

func withPath(path string) setting { return func(r *router.Request) { r.Path = path } }

func withMetadata(m map[string]string) setting { return func(r *router.Request) { r.Metadata = m } }

func at(clock string) setting {
	return func(r *router.Request) {
		t, err := time.Parse(time.RFC3339, "2026-03-28T"+clock+":00Z")
		if err != nil {
			panic(err)
		}
		r.Time = t
	}
}

func tools(list string) string { return `{"model":"m","tools":` + list + `,"messages":[]}` }

func oneRule(t testing.TB, c router.Condition, opts ...router.Option) *router.Rules {
	t.Helper()
	rules, err := router.Compile([]router.Rule{{Name: "r", Condition: c, TargetChannel: "c"}}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestEveryCondition(t *testing.T) {
	const image = `{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`
	const thinking = `{"model":"m","thinking":{"type":"adaptive"},"messages":[]}`
	const body = `{"model":"m","metadata":{"user_id":"u-7","tier":"free","n":3,"a.b":"dot"},"messages":[]}`
	night := &router.TimeOfDay{From: "22:00", To: "06:30"}
	goCode := say("Why does this fail?\n```go\nx := 1\n```")
	for _, test := range []struct {
		name      string
		condition router.Condition
		body      string
		with      []setting
		want      string // why not; "" when it matches
	}{
		{"thinking wanted", router.Condition{HasThinking: new(true)}, thinking, nil, ""},
		{"thinking wanted, not asked for", router.Condition{HasThinking: new(true)}, say("x"), nil, "has no reasoning"},
		{"thinking not wanted", router.Condition{HasThinking: new(false)}, thinking, nil, "has reasoning"},
		{"no images", router.Condition{HasImages: new(true)}, say("an image of a cat"), nil, "has no images"},
		{"an image named with escapes", router.Condition{HasImages: new(true)}, strings.Replace(image, `"image"`, `"\u0069mage"`, 1), nil, ""},

		{"Anthropic's tool", router.Condition{ToolName: "^bash$"}, tools(`[{"name":"Bash","input_schema":{}}]`), nil, ""},
		{"Chat's tool", router.Condition{ToolName: "^bash$"}, tools(`[{"type":"function","function":{"name":"bash"}}]`), nil, ""},
		{"Chat's custom tool", router.Condition{ToolName: "^bash$"}, tools(`[{"type":"custom","custom":{"name":"bash"}}]`), nil, ""},
		{"an old function", router.Condition{ToolName: "^bash$"}, `{"model":"m","functions":[{"name":"bash"}]}`, nil, ""},
		{"Responses' tool", router.Condition{ToolName: "^bash$"}, tools(`[{"type":"function","name":"bash"}]`), nil, ""},
		{"Gemini's second tool", router.Condition{ToolName: "^bash$"}, tools(`[{"functionDeclarations":[{"name":"a"},{"name":"bash"}]}]`), nil, ""},
		{"Gemini's tool in snake case", router.Condition{ToolName: "^bash$"}, tools(`[{"function_declarations":[{"name":"bash"}]}]`), nil, ""},
		{"a provider's own tool", router.Condition{ToolName: "code_interpreter"}, tools(`[{"type":"code_interpreter"}]`), nil, ""},
		{"Gemini's own tool", router.Condition{ToolName: "codeExecution"}, tools(`[{"codeExecution":{}}]`), nil, ""},
		{"a server of tools", router.Condition{ToolName: "github"}, tools(`[{"type":"mcp","server_label":"github"}]`), nil, ""},
		{"another tool", router.Condition{ToolName: "^bash$"}, tools(`[{"name":"bash2"}]`), nil, "no tool has a name"},
		{"no tool to match", router.Condition{ToolName: "."}, say("bash"), nil, "has no tools"},

		{"header", router.Condition{Header: map[string]string{"x-team": "^core$"}}, say("x"), []setting{withHeader("X-Team", "Core")}, ""},
		{"second value of a header", router.Condition{Header: map[string]string{"X-Team": "core"}}, say("x"), []setting{withHeader("X-Team", "web", "core")}, ""},
		{"other header", router.Condition{Header: map[string]string{"X-Team": "core"}}, say("x"), []setting{withHeader("X-Team", "web")}, "the header X-Team does not match"},
		{"no header", router.Condition{Header: map[string]string{"X-Team": ""}}, say("x"), nil, "there is no header X-Team"},
		{"any header", router.Condition{Header: map[string]string{"X-Team": ""}}, say("x"), []setting{withHeader("X-Team", "")}, ""},
		{"both headers", router.Condition{Header: map[string]string{"A": "1", "B": "2"}}, say("x"), []setting{withHeader("A", "1"), withHeader("B", "1")}, "header B"},

		{"path", router.Condition{Path: "^/v1/messages$"}, say("x"), []setting{withPath("/v1/messages")}, ""},
		{"other path", router.Condition{Path: "^/v1/messages$"}, say("x"), []setting{withPath("/v1/messages/x")}, `path "/v1/messages/x" does not match`},

		{"metadata of the host", router.Condition{Metadata: map[string]string{"plan": "gold"}}, say("x"), []setting{withMetadata(map[string]string{"plan": "Gold"})}, ""},
		{"metadata of the body", router.Condition{Metadata: map[string]string{"user_id": "^u-"}}, body, nil, ""},
		{"metadata that is a number", router.Condition{Metadata: map[string]string{"n": "^3$"}}, body, nil, ""},
		{"metadata with a dot in its name", router.Condition{Metadata: map[string]string{"a.b": "dot"}}, body, nil, ""},
		{"metadata of the host wins", router.Condition{Metadata: map[string]string{"tier": "free"}}, body, []setting{withMetadata(map[string]string{"tier": "paid"})}, "the metadata tier does not match"},
		{"no metadata", router.Condition{Metadata: map[string]string{"plan": "."}}, body, nil, "there is no metadata plan"},

		{"at night", router.Condition{TimeOfDay: night}, say("x"), []setting{at("23:59")}, ""},
		{"after midnight", router.Condition{TimeOfDay: night}, say("x"), []setting{at("00:00")}, ""},
		{"in the last minute", router.Condition{TimeOfDay: night}, say("x"), []setting{at("06:29")}, ""},
		{"when it is over", router.Condition{TimeOfDay: night}, say("x"), []setting{at("06:30")}, "it is 06:30, not from 22:00 to 06:30"},
		{"before it begins", router.Condition{TimeOfDay: night}, say("x"), []setting{at("21:59")}, "it is 21:59"},
		{"by day", router.Condition{TimeOfDay: &router.TimeOfDay{From: "09:00", To: "17:00"}}, say("x"), []setting{at("09:00")}, ""},
		{"until the end of the day", router.Condition{TimeOfDay: &router.TimeOfDay{From: "20:00", To: "24:00"}}, say("x"), []setting{at("23:59")}, ""},
		{"in Shanghai", router.Condition{TimeOfDay: &router.TimeOfDay{From: "09:00", To: "17:00", Zone: "Asia/Shanghai"}}, say("x"), []setting{at("01:30")}, ""},
		{"not in Shanghai", router.Condition{TimeOfDay: &router.TimeOfDay{From: "09:00", To: "17:00", Zone: "Asia/Shanghai"}}, say("x"), []setting{at("12:00")}, "it is 20:00, not from 09:00 to 17:00 in Asia/Shanghai"},
		// In Berlin the clock goes from 02:00 to 03:00 that night.
		{"when the clock is put forward", router.Condition{TimeOfDay: &router.TimeOfDay{From: "03:00", To: "04:00", Zone: "Europe/Berlin"}}, say("x"), []setting{func(r *router.Request) { r.Time = time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC) }}, ""},

		{"words enough", router.Condition{MinWordCount: 3}, say("one, two three"), nil, ""},
		{"too few words", router.Condition{MinWordCount: 4}, say("one, two three"), nil, "3 words, under 4"},
		{"too many words", router.Condition{MaxWordCount: 2}, say("one, two three"), nil, "3 words, over 2"},
		{"words within bounds", router.Condition{MinWordCount: 3, MaxWordCount: 3}, say("- one two\n - three"), nil, ""},
		{"Chinese words", router.Condition{MinWordCount: 8, MaxWordCount: 8}, say("请用Go写排序，谢谢"), nil, ""},
		{"Korean words", router.Condition{MinWordCount: 2, MaxWordCount: 2}, say("안녕하세요 여러분"), nil, ""},

		{"category", router.Condition{ContentCategory: router.OneOf{router.Coding}}, goCode, nil, ""},
		{"other category", router.Condition{ContentCategory: router.OneOf{router.Creative, router.Writing}}, goCode, nil, "category: coding, not creative or writing"},
		{"complexity", router.Condition{ComplexityLevel: router.OneOf{router.Simple}}, say("What time is it?"), nil, ""},
		{"other complexity", router.Condition{ComplexityLevel: router.OneOf{router.Complex, router.VeryComplex}}, say("What time is it?"), nil, "complexity: simple, not complex or very_complex"},
		{"intent", router.Condition{Intent: router.OneOf{router.Debug, router.Review}}, goCode, nil, ""},
		{"other intent", router.Condition{Intent: router.OneOf{router.Review}}, say("What time is it?"), nil, "intent: question, not review"},
		{"language", router.Condition{ProgrammingLanguage: router.OneOf{"rust", "go"}}, goCode, nil, ""},
		{"other language", router.Condition{ProgrammingLanguage: router.OneOf{"rust"}}, goCode, nil, "programming language: go, not rust"},
		{"no language", router.Condition{ProgrammingLanguage: router.OneOf{"rust"}}, say("What time is it?"), nil, "programming language: none, not rust"},
		{"code", router.Condition{HasCode: new(true)}, goCode, nil, ""},
		{"no code", router.Condition{HasCode: new(true)}, say("We filed a class action against the import company."), nil, "has no code"},
		{"code not wanted", router.Condition{HasCode: new(false)}, goCode, nil, "has code"},

		{"keyword in a prompt", router.Condition{Keywords: []string{"once upon"}}, `{"model":"m","prompt":"Once upon a time"}`, nil, ""},
		{"keyword in the first turn", router.Condition{Keywords: []string{"audit"}}, `{"model":"m","messages":[{"role":"user","content":"AUDIT it"},{"role":"assistant","content":"Which?"},{"role":"user","content":"That."}]}`, nil, ""},
		{"keyword that only the model said", router.Condition{Keywords: []string{"which"}}, `{"model":"m","messages":[{"role":"user","content":"audit"},{"role":"assistant","content":"Which?"}]}`, nil, "none of"},
		{"keyword with signs that are letters", router.Condition{Keywords: []string{"kelvin"}}, say("at 3 \u212Aelvin"), nil, ""},
		{"keyword in circles", router.Condition{Keywords: []string{"ⓐⓑ"}}, say("see ⒶⒷ"), nil, ""},
		{"keyword in Greek", router.Condition{Keywords: []string{"ΣΊΣΥΦΟΣ"}}, say("ο σίσυφος"), nil, ""},
		{"keyword over an escape", router.Condition{Keywords: []string{"a\"b\nc"}}, say("A\"B\nC"), nil, ""},
		{"pattern over lines", router.Condition{UserPattern: `one.*three`}, say("one two\nthree"), nil, "does not match"},
		{"pattern over lines, asked for", router.Condition{UserPattern: `(?s)one.*three`}, say("one two\nthree"), nil, ""},
		{"pattern at the beginning", router.Condition{UserPattern: `^please`}, say("Please do"), nil, ""},
		{"pattern not at the beginning", router.Condition{UserPattern: `^please`}, say("Now please do"), nil, "does not match"},
	} {
		t.Run(test.name, func(t *testing.T) {
			view := func() *router.Request {
				r := parse(t, test.body)
				for _, set := range test.with {
					set(r)
				}
				return r
			}
			rules := oneRule(t, test.condition)
			v := rules.Explain(view())[0]
			if v.Matched != (test.want == "") || !strings.Contains(v.Why, test.want) {
				t.Errorf("matched %v, because %q; want %q", v.Matched, v.Why, test.want)
			}
			if _, err := rules.Route(t.Context(), view()); (err == nil) != v.Matched {
				t.Errorf("Explain says %v, Route gives %v", v.Matched, err)
			}
		})
	}
}

func TestFunctionsOfTheHost(t *testing.T) {
	paid := router.WithFunc("paid", func(r *router.Request) bool { return r.Header.Get("X-Plan") == "paid" })
	rules := oneRule(t, router.Condition{CustomFunction: "paid"}, paid)
	r := parse(t, say("x"))
	if v := rules.Explain(r)[0]; v.Matched || v.Why != `the function "paid" says no` {
		t.Errorf("without the header: %+v", v)
	}
	withHeader("X-Plan", "paid")(r)
	if v := rules.Explain(r)[0]; !v.Matched {
		t.Errorf("with the header: %+v", v)
	}
	_, err := router.Compile([]router.Rule{{Name: "r", Condition: router.Condition{CustomFunction: "poor"}, TargetChannel: "c"}}, paid)
	if err == nil || !strings.Contains(err.Error(), `Rules[0].Condition.CustomFunction: no function "poor"; there are ["paid"]`) {
		t.Errorf("an unknown function gives %v", err)
	}
}

func TestSecretsOfTheCallAreNotExplained(t *testing.T) {
	r := parse(t, say("x"))
	withHeader("Authorization", "Bearer sk-secret")(r)
	withMetadata(map[string]string{"token": "sk-secret"})(r)
	v := oneRule(t, router.Condition{
		Header: map[string]string{"Authorization": "^Basic"}, Metadata: map[string]string{"token": "^pk-"},
	}).Explain(r)[0]
	if v.Matched || strings.Contains(v.Why, "secret") {
		t.Errorf("explained as %q", v.Why)
	}
}

func TestExplainNamesEveryConditionThatDoesNotHold(t *testing.T) {
	v := oneRule(t, router.Condition{
		ModelPattern: "gpt", HasTools: new(true), HasImages: new(false), Keywords: []string{"review"}, TokenThreshold: 9999,
	}).Explain(parse(t, say("x")))[0]
	for _, part := range []string{`model "m" does not match "gpt"`, "the call has no tools", `none of ["review"]`, "under 9999"} {
		if !strings.Contains(v.Why, part) {
			t.Errorf("%q does not say %q", v.Why, part)
		}
	}
	if strings.Contains(v.Why, "images") {
		t.Errorf("%q speaks of images, of which there are none, as is asked", v.Why)
	}
}

func TestGeminiIsNotMini(t *testing.T) {
	rules, err := router.Compile([]router.Rule{{Name: "r", Type: router.Background, TargetChannel: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]bool{
		"gemini-2.5-pro": false, "minimax-m2": false, "elite": false, "claude-opus-4": false,
		"gemini-2.5-flash": true, "gpt-4o-mini": true, "o4-mini-2025": true, "claude-haiku-4": true, "Gemini-2.5-Flash-Lite": true,
	} {
		if got := rules.Explain(parse(t, `{"model":"`+model+`"}`))[0].Matched; got != want {
			t.Errorf("%s for background work: %v", model, got)
		}
	}
}

func TestMistakesInConditionsAreListed(t *testing.T) {
	_, err := router.Compile([]router.Rule{{Name: "r", TargetChannel: "c", Condition: router.Condition{
		ToolName: "(", Path: "[", Header: map[string]string{"bad name": "x", "X-B": "*"}, Metadata: map[string]string{"": "x"},
		CustomFunction: "f", ContentCategory: router.OneOf{"prose"}, ComplexityLevel: router.OneOf{}, HasCode: new(true),
		Intent: router.OneOf{router.Debug, "fix"}, ProgrammingLanguage: router.OneOf{"golang"}, MinWordCount: -1, MaxWordCount: -2,
		TimeOfDay: &router.TimeOfDay{From: "9:00", To: "24:01", Zone: "Mars/Olympus"},
	}}})
	for _, want := range []string{
		"ToolName: not a RE2 pattern", "Path: not a RE2 pattern", `Header["bad name"]: not a valid name`, `Header["X-B"]: not a RE2 pattern`,
		"Metadata: must name at least one, and none must be empty", `CustomFunction: no function "f"; none was given`,
		`ContentCategory: no category "prose"; there are coding, technical, writing, analysis, research, creative, conversation, general`,
		"ComplexityLevel: must name at least one value", `Intent[1]: no intent "fix"; there are debug, review`,
		`ProgrammingLanguage: no programming language "golang"; there are c, cpp, csharp`, "MinWordCount: must not be negative",
		"MaxWordCount: must not be negative", "TimeOfDay.From: must be a time of day", "TimeOfDay.To: must be a time of day",
		"TimeOfDay.Zone: must be the name of a time zone",
	} {
		if err == nil || !strings.Contains(err.Error(), "Rules[0].Condition."+want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestToolNames(t *testing.T) {
	for body, want := range map[string]string{
		tools(`[{"name":"a"},{"type":"function","function":{"name":"b"}},{"type":"web_search"},{"functionDeclarations":[{"name":"c"},{"name":"d"}]},{"googleSearch":{}}]`): "a b web_search c d googleSearch",
		tools(`[]`):         "",
		tools(`{}`):         "",
		tools(`[7,"x",{}]`): "",
		say("x"):            "",
	} {
		if got := strings.Join(parse(t, body).ToolNames(), " "); got != want {
			t.Errorf("%s offers %q, want %q", body, got, want)
		}
	}
	for tool, want := range map[string]bool{`{"googleSearchRetrieval":{}}`: true, `{"enterpriseWebSearch":{}}`: true, `{"type":"web_search_preview"}`: true, `{"name":"search"}`: false} {
		if got := parse(t, tools("["+tool+"]")).HasWebSearch(); got != want {
			t.Errorf("%s searches the web: %v", tool, got)
		}
	}
}

func TestACallWithoutATimeIsMadeNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where it is midnight, at first
		rules := oneRule(t, router.Condition{TimeOfDay: &router.TimeOfDay{From: "00:00", To: "00:01", Zone: "UTC"}})
		r := parse(t, say("x"))
		if !rules.Explain(r)[0].Matched {
			t.Error("at midnight, the rule does not match")
		}
		time.Sleep(time.Minute)
		if !rules.Explain(r)[0].Matched {
			t.Error("a minute later, the same call has another time")
		}
		if rules.Explain(parse(t, say("x")))[0].Matched {
			t.Error("a minute later, the rule matches a new call")
		}
	})
}
