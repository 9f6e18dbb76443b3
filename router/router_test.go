package router_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/router"
)

func parse(t testing.TB, body string) *router.Request {
	t.Helper()
	r, err := router.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func say(text string) string {
	b, _ := json.Marshal(text)
	return `{"model":"m","messages":[{"role":"user","content":` + string(b) + `}]}`
}

func TestParse(t *testing.T) {
	r := parse(t, `{"messages":[],"stream" : true, "model":"a\/b"}`)
	if r.Model != "a/b" || !r.Stream {
		t.Errorf("model %q, stream %v", r.Model, r.Stream)
	}
	if start, end := r.ModelSpan(); start != 40 || end != 46 {
		t.Errorf("the model stands at %d to %d", start, end)
	}
	for body, want := range map[string]string{
		``:                              "ends at byte 0",
		`[]`:                            "not a JSON object",
		`{"model":"a"`:                  "the text ends",
		`{"model":"a"} {}`:              "something after",
		`{}`:                            "model: required",
		`{"model":1}`:                   "model: must be a string",
		`{"model":null}`:                "model: must be a string",
		`{"model":" "}`:                 "model: must not be empty",
		`{"model":"a","x":1,"model":1}`: "model: named 2 times",
	} {
		_, err := router.Parse([]byte(body))
		if !errors.Is(err, router.ErrBody) || err != nil && body != "" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", body, err, want)
		}
	}
}

func TestLooks(t *testing.T) {
	const plain = `{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[]}`
	for _, test := range []struct {
		name, body string
		look       func(*router.Request) bool
		want       bool
	}{
		{"empty tools are no tools", plain, (*router.Request).HasTools, false},
		{"no images", plain, (*router.Request).HasImages, false},
		{"no thinking", plain, (*router.Request).HasThinking, false},
		{"no web search", plain, (*router.Request).HasWebSearch, false},
		{"tools", `{"model":"m","tools":[{"name":"x"}]}`, (*router.Request).HasTools, true},
		{"old functions", `{"model":"m","functions":[{"name":"x"}]}`, (*router.Request).HasTools, true},
		{"Anthropic image", `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image"}]}]}`, (*router.Request).HasImages, true},
		{"OpenAI image", `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, (*router.Request).HasImages, true},
		{"image in a tool's result", `{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image"}]}]}]}`, (*router.Request).HasImages, true},
		{"image of Responses", `{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}`, (*router.Request).HasImages, true},
		{"image of Gemini", `{"model":"m","contents":[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]}`, (*router.Request).HasImages, true},
		{"document of Gemini", `{"model":"m","contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf"}}]}]}`, (*router.Request).HasImages, false},
		{"reasoning of Responses", `{"model":"m","reasoning":{"effort":"low"}}`, (*router.Request).HasThinking, true},
		{"thinking of Gemini", `{"model":"m","generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}}`, (*router.Request).HasThinking, true},
		{"thinking of Gemini off", `{"model":"m","generationConfig":{"thinkingConfig":{"thinkingBudget":0}}}`, (*router.Request).HasThinking, false},
		{"Google search", `{"model":"m","tools":[{"googleSearch":{}}]}`, (*router.Request).HasWebSearch, true},
		{"thinking on", `{"model":"m","thinking":{"type":"enabled"}}`, (*router.Request).HasThinking, true},
		{"thinking off", `{"model":"m","thinking":{"type":"disabled"}}`, (*router.Request).HasThinking, false},
		{"reasoning effort", `{"model":"m","reasoning_effort":"high"}`, (*router.Request).HasThinking, true},
		{"no reasoning effort", `{"model":"m","reasoning_effort":"none"}`, (*router.Request).HasThinking, false},
		{"web search tool", `{"model":"m","tools":[{"type":"web_search_20250305","name":"web_search"}]}`, (*router.Request).HasWebSearch, true},
		{"web search options", `{"model":"m","web_search_options":{}}`, (*router.Request).HasWebSearch, true},
	} {
		if got := test.look(parse(t, test.body)); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestUserTextIsThatOfTheUserOnly(t *testing.T) {
	r := parse(t, `{"model":"m","system":"S","messages":[
		{"role":"system","content":"S"},{"role":"user","content":"one\n"},{"role":"assistant","content":"A"},
		{"role":"user","content":[{"type":"text","text":"two"},{"type":"image"},{"type":"tool_result","content":"R"},{"type":"tool_result","content":[{"type":"text","text":"R"}]},{"type":"text","text":"三"}]}]}`)
	if got, want := r.UserText(), "one\n\ntwo\n三"; got != want {
		t.Errorf("user text %q, want %q", got, want)
	}
}

func TestUserTextOfEveryProtocol(t *testing.T) {
	for _, body := range []string{
		`{"model":"m","input":"one"}`,
		`{"model":"m","instructions":"S","input":[{"role":"developer","content":"S"},{"type":"message","role":"user","content":[{"type":"input_text","text":"one"}]},{"type":"function_call_output","output":"R"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"A"}]}]}`,
		`{"model":"m","systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"parts":[{"text":"one"}]},{"role":"model","parts":[{"text":"A"}]},{"role":"user","parts":[{"functionResponse":{"response":{"text":"R"}}}]}]}`,
	} {
		if got := parse(t, body).UserText(); got != "one" {
			t.Errorf("%s: user text %q", body, got)
		}
	}
}

func TestTokensCountEverything(t *testing.T) {
	words := strings.Repeat("word ", 1000) // as many tokens
	base := parse(t, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`).Tokens()
	for name, body := range map[string]string{
		"user":            `{"model":"m","messages":[{"role":"user","content":"` + words + `"}]}`,
		"blocks":          `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"` + words + `"}]}]}`,
		"system":          `{"model":"m","system":"` + words + `","messages":[]}`,
		"tools":           `{"model":"m","tools":[{"name":"x","description":"` + words + `"}]}`,
		"tool use":        `{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"a":"` + words + `"}}]}]}`,
		"tool result":     `{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","content":"` + words + `"}]}]}`,
		"arguments":       `{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"` + words + `"}}]}]}`,
		"Chinese":         `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("人工智能模型的上下文窗口是有限的，因此路由器需要估计一个请求有多少个标记。", 40) + `"}]}`,
		"instructions":    `{"model":"m","instructions":"` + words + `"}`,
		"input":           `{"model":"m","input":"` + words + `"}`,
		"items":           `{"model":"m","input":[{"type":"function_call_output","output":"` + words + `"}]}`,
		"prompt":          `{"model":"m","prompt":["` + words + `"]}`,
		"contents":        `{"model":"m","contents":[{"parts":[{"text":"` + words + `"}]}]}`,
		"Gemini's system": `{"model":"m","systemInstruction":{"parts":[{"text":"` + words + `"}]}}`,
		"to be counted":   `{"model":"m","generateContentRequest":{"contents":[{"parts":[{"text":"` + words + `"}]}]}}`,
		"text document":   `{"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","data":"` + words + `"}}]}]}`,
		"Gemini's image":  `{"model":"m","contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"` + strings.Repeat("A", 90_000) + `"}}]}]}`,
		"image":           `{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"data":"` + strings.Repeat("A", 90_000) + `"}}]}]}`,
	} {
		if got := parse(t, body).Tokens() - base; got < 900 || got > 1600 {
			t.Errorf("%s: %d tokens more than nothing, want about 1000", name, got)
		}
	}
}

func TestConditions(t *testing.T) {
	long := say(strings.Repeat("word ", 1000))
	for _, test := range []struct {
		name      string
		condition router.Condition
		body      string
		want      string // why not; "" when it matches
	}{
		{"tokens over", router.Condition{TokenThreshold: 1000}, long, ""},
		{"tokens under", router.Condition{TokenThreshold: 60000}, long, "under 60000"},
		{"keyword in any case", router.Condition{Keywords: []string{"x", "Code Review"}}, say("please do a CODE review"), ""},
		{"keyword, Chinese", router.Condition{Keywords: []string{"代码审查"}}, say("请做代码审查。"), ""},
		{"keyword with pattern characters", router.Condition{Keywords: []string{"a.b"}}, say("aXb"), "none of"},
		{"keyword absent", router.Condition{Keywords: []string{"review"}}, say("hello"), "none of"},
		{"pattern", router.Condition{UserPattern: `\b(calculate|compute)\b`}, say("Please COMPUTE this"), ""},
		{"pattern that minds case", router.Condition{UserPattern: `(?-i)compute`}, say("COMPUTE"), "does not match"},
		{"pattern absent", router.Condition{UserPattern: `\bsolve\b`}, say("dissolve"), "does not match"},
		{"model", router.Condition{ModelPattern: "^M$"}, say(""), ""},
		{"other model", router.Condition{ModelPattern: "gpt"}, say(""), `model "m" does not match "gpt"`},
		{"tools wanted", router.Condition{HasTools: new(true)}, say(""), "has no tools"},
		{"no tools wanted", router.Condition{HasTools: new(false)}, say(""), ""},
		{"images wanted", router.Condition{HasImages: new(true)}, say(""), "has no images"},
		{"no images wanted, but there", router.Condition{HasImages: new(false)}, `{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`, "has images"},
		{"all must hold", router.Condition{Keywords: []string{"a"}, ModelPattern: "x"}, say("a"), "does not match"},
	} {
		t.Run(test.name, func(t *testing.T) {
			rules, err := router.Compile([]router.Rule{{Name: "r", Condition: test.condition, TargetChannel: "c"}})
			if err != nil {
				t.Fatal(err)
			}
			v := rules.Explain(parse(t, test.body))[0]
			if v.Matched != (test.want == "") || !strings.Contains(v.Why, test.want) {
				t.Errorf("matched %v, because %q; want %q", v.Matched, v.Why, test.want)
			}
			_, err = rules.Route(t.Context(), parse(t, test.body))
			if (err == nil) != v.Matched {
				t.Errorf("Explain says %v, Route gives %v", v.Matched, err)
			}
		})
	}
}

func TestTypesSupplyTheirCondition(t *testing.T) {
	const image = `{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`
	for _, test := range []struct {
		kind router.Type
		body string
		want bool
	}{
		{router.Default, say("x"), true},
		{router.LongContext, say("x"), false},
		{router.LongContext, say(strings.Repeat("word ", 60_000)), true},
		{router.Background, `{"model":"claude-haiku-4"}`, true},
		{router.Background, `{"model":"claude-opus-4"}`, false},
		{router.Think, `{"model":"m","thinking":{"type":"adaptive"}}`, true},
		{router.Think, say("x"), false},
		{router.Image, image, true},
		{router.Image, say("x"), false},
		{router.WebSearch, `{"model":"m","tools":[{"type":"function","function":{"name":"WebSearch"}}]}`, true},
		{router.WebSearch, say("x"), false},
	} {
		rules, err := router.Compile([]router.Rule{{Name: "r", Type: test.kind, TargetChannel: "c"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := rules.Explain(parse(t, test.body))[0].Matched; got != test.want {
			t.Errorf("type %s on %.40s: %v, want %v", test.kind, test.body, got, test.want)
		}
	}
}

func TestBigPriorityGoesFirst(t *testing.T) {
	always := func(name string, priority int) router.Rule {
		return router.Rule{Name: name, Type: router.Default, TargetChannel: name, Priority: priority}
	}
	off := always("off", 999)
	off.Disabled = true
	rules, err := router.Compile([]router.Rule{always("low", 1), always("first", 90), off, always("second", 90)})
	if err != nil {
		t.Fatal(err)
	}
	choice, err := rules.Route(t.Context(), parse(t, say("x")))
	if err != nil || choice.Rule != "first" || fmt.Sprint(choice.Channels) != "[first]" {
		t.Errorf("chose %+v, %v", choice, err)
	}
	if got := fmt.Sprint(rules.Targets()); got != "[off first second low]" {
		t.Errorf("targets %s", got)
	}
	if v := rules.Explain(parse(t, say("x")))[0]; v.Name != "off" || v.Why != "disabled" {
		t.Errorf("the disabled rule is explained as %+v", v)
	}
}

func TestCompileListsEveryMistake(t *testing.T) {
	_, err := router.Compile([]router.Rule{
		{TargetChannel: "c", Type: router.Default},
		{Name: "a", Condition: router.Condition{UserPattern: "(", ModelPattern: "[", TokenThreshold: -1, Keywords: []string{""}}},
		{Name: "b", TargetChannel: "c"},
		{Name: "c", TargetChannel: "c", Type: "magic"},
		{Name: "d", TargetChannel: "c", Type: "magic", Condition: router.Condition{TokenThreshold: 1}},
		{Name: "d", TargetChannel: "c", Type: router.Default},
		{Name: "e", TargetChannel: "c", Condition: router.Condition{Keywords: []string{}}},
	})
	for _, want := range []string{
		"Rules[0].Name: required", "Rules[1].TargetChannel: required", "Rules[1].Condition.UserPattern: not a RE2",
		"Rules[1].Condition.ModelPattern: not a RE2", "Rules[1].Condition.TokenThreshold: must not", "Rules[1].Condition.Keywords: must",
		"Rules[2].Condition: a custom rule", `Rules[3].Type: no type "magic"`, `Rules[4].Type: no type "magic"`, `Rules[5].ID: "d"`,
		"Rules[6].Condition.Keywords: must",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	var re *router.RuleError
	if !errors.As(err, &re) || re.Unwrap() == nil {
		t.Error("no RuleError can be found")
	}
}

func TestFirstTakesTheFirstOpinion(t *testing.T) {
	none := router.Func(func(context.Context, *router.Request) (router.Choice, error) {
		return router.Choice{}, fmt.Errorf("nothing: %w", router.ErrNoRoute)
	})
	some := router.Func(func(context.Context, *router.Request) (router.Choice, error) { return router.Choice{Rule: "x"}, nil })
	refuse := router.Func(func(context.Context, *router.Request) (router.Choice, error) {
		return router.Choice{}, errors.New("no")
	})
	if c, err := router.First(nil, none, some, refuse).Route(t.Context(), nil); err != nil || c.Rule != "x" {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := router.First(none, refuse, some).Route(t.Context(), nil); err == nil || errors.Is(err, router.ErrNoRoute) {
		t.Errorf("a refusal became %v", err)
	}
	if _, err := router.First(none).Route(t.Context(), nil); !errors.Is(err, router.ErrNoRoute) {
		t.Errorf("nobody had an opinion, and the error is %v", err)
	}
}

func TestRuleJSON(t *testing.T) {
	var r router.Rule
	const text = `{"name":"Math","type":"custom","condition":{"regex":"\\bsolve\\b"},"targetChannel":"math"}`
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Condition.UserPattern != `\bsolve\b` || r.Priority != router.DefaultPriority || r.Disabled {
		t.Errorf("read %+v", r)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"name":"Math","type":"custom","condition":{"userPattern":"\\bsolve\\b"},"targetChannel":"math","priority":50,"enabled":true}`
	if string(b) != want {
		t.Errorf("written as %s", b)
	}
	if err := json.Unmarshal([]byte(`{"name":"x","priority":0,"enabled":false,"condition":{}}`), &r); err != nil || r.Priority != 0 || !r.Disabled {
		t.Errorf("priority 0 and enabled false gave %+v, %v", r, err)
	}
	for _, bad := range []string{
		`{"name":"x","condition":{"magic":1}}`, `{"name":"x","surprise":1}`, `{"name":1}`,
		`{"name":"x","condition":{"regex":"a","userPattern":"b"}}`,
	} {
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s was read without an error", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"x"}]}]}],"tools":[{}]}`))
	f.Add([]byte(`{"model":"m","messages":{"role":[]},"system":[{"text":1}],"tools":"x","thinking":3}`))
	rules, err := router.Compile([]router.Rule{
		{Name: "a", TargetChannel: "c", Condition: router.Condition{TokenThreshold: 1 << 40, Keywords: []string{"a"}, UserPattern: "b", HasTools: new(true), HasImages: new(false)}},
		{Name: "b", TargetChannel: "c", Type: router.WebSearch},
		{Name: "c", TargetChannel: "c", Type: router.Think},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := router.Parse(body)
		if err != nil {
			return
		}
		if start, end := r.ModelSpan(); start < 0 || end > len(body) || start >= end {
			t.Fatalf("the model stands at %d to %d of %d", start, end, len(body))
		}
		if n := r.Tokens(); n < 0 {
			t.Errorf("%d tokens", n)
		}
		rules.Explain(r)
	})
}

func BenchmarkParse(b *testing.B) {
	for name, size := range map[string]int{"1K": 10, "200K": 2000} {
		b.Run(name, func(b *testing.B) {
			body := []byte(`{"model":"m","stream":true,"messages":[` + strings.Repeat(`{"role":"user","content":[{"type":"text","text":"if err != nil {\n\treturn \"x\", err\n}"}]},`, size) + `{}]}`)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := router.Parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleRules() {
	rules, err := router.Compile([]router.Rule{
		{Name: "reviews", Priority: 90, TargetChannel: "opus", Condition: router.Condition{Keywords: []string{"code review"}}},
		{Name: "rest", Type: router.Default, TargetChannel: "haiku"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	call, _ := router.Parse([]byte(`{"model":"m","messages":[{"role":"user","content":"A Code Review, please."}]}`))
	choice, _ := rules.Route(context.Background(), call)
	fmt.Println(choice.Rule, choice.Channels)
	// Output: reviews [opus]
}

// A caller must not be able to buy hours of work with a short body.
func TestDeepNestingIsCheap(t *testing.T) {
	const depth = 4500
	result := strings.Repeat(`{"type":"tool_result","content":[`, depth)
	blank := strings.Repeat(" ", 1<<20)
	for name, content := range map[string]string{
		"lists":   strings.Repeat("[", depth) + blank + strings.Repeat("]", depth),
		"objects": strings.Repeat(`{"a":`, depth) + `"` + blank + `"` + strings.Repeat("}", depth),
		"results": "[" + result + `"` + blank + `"` + strings.Repeat("]}", depth) + "]",
	} {
		start := time.Now()
		r := parse(t, `{"model":"m","messages":[{"role":"user","content":`+content+`}]}`)
		_, _, _ = r.Tokens(), r.HasImages(), r.UserText()
		if took := time.Since(start); took > 5*time.Second { // it was 8 seconds, and grew with the square
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestTextBelowTheDepthThatIsLookedIntoIsStillCounted(t *testing.T) {
	const words = 4000
	schema := strings.Repeat(`{"a":`, 100) + `"` + strings.Repeat("word ", words) + `"` + strings.Repeat("}", 100)
	if n := parse(t, `{"model":"m","tools":[`+schema+`]}`).Tokens(); n < words || n > 2*words {
		t.Errorf("%d tokens for about %d", n, words)
	}
}
