package router_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dctx-team/routex/router"
)

// A pattern holds for exactly the texts that Go's own engine matches, however
// it was found out.
func FuzzPatterns(f *testing.F) {
	for _, pattern := range []string{
		`\b(calculate|compute|solve|equation)\b`, `^gpt-`, `-mini$`, `^gpt-4o$`, `haiku|mini`, `(foo|ba[rz])+ qux`, `a.*b`, `[a-c]x`,
		`(?-i)Foo`, `(?-i)[fF]oo`, `(?-i)[ab]c`, `(?-i)[ab]`, `\bK\b`, `s\b`, `colou?r`, `x{2,3}`, `(?m)^fix`, `\Bed\b`, `^$`, ``, `é`, `[éè]t`, `\d{4}`, `代码|审查`,
		`(?i:a)(?-i:B)`, `a|b|`, `\bsudo rm\b|^drop\b`, `\x{212a}elvin`, `.`, `[^a]`, `[^\x00-\x{10FFFF}]`, `(a|b)(c|d)(e|f)`, `\.`, `\b\.`,
		`(?s)a.b`, `a$|b`, `(^a|b$)`, `ſ`, `\bſolve`, `日本`, "a\uFFFDb", `(fix|solve).*(this|that)`, `\bfoo\b.{0,9}\bqux`, `(ab|cd)+x(ef|gh)`,
	} {
		for _, text := range []string{
			"", "please SOLVE this", "resolved", "GPT-4o", "gpt-4o-mini", "foobaz qux", "a\nb", "Kelvin \u212Aelvin k", "ſolve", "été ÈT", "Bc A", "fix\nfix",
			"请审查代码", "a.b", "color Colour", "1999", "\xff\xfe", "Foo foo", "xx", "dropped", "a\xffb",
		} {
			f.Add(pattern, text)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := regexp.Compile("(?i)" + pattern)
		if err != nil || pattern == "" || len(pattern) > 200 || !utf8.ValidString(text) {
			return
		}
		rules := oneRule(t, router.Condition{UserPattern: pattern})
		r := parse(t, say(text))
		if text = r.UserText(); rules.Explain(r)[0].Matched != re.MatchString(text) {
			t.Errorf("UserPattern %q on %q: %v", pattern, text, !re.MatchString(text))
		}
		short := new(router.Request)
		short.Model, short.Path = text, text
		if oneRule(t, router.Condition{ModelPattern: pattern}).Explain(short)[0].Matched != re.MatchString(text) {
			t.Errorf("ModelPattern %q on %q: %v", pattern, text, !re.MatchString(text))
		}
	})
}

// A keyword holds for exactly the texts that contain it in some case.
func FuzzKeywords(f *testing.F) {
	f.Add("Review", "sql", "please review the SQL")
	f.Add("s", "代", "请看代码 ſ")
	f.Add("İstanbul", "ß", "istanbul STRASSE ẞ")
	f.Add("go to", "\u212A", "gogo tok")
	f.Add("ａＢ", "é", "ＡＢ É E\u0301")
	f.Fuzz(func(t *testing.T, one, other, text string) {
		if strings.TrimSpace(one) == "" || strings.TrimSpace(other) == "" || !utf8.ValidString(one+" "+other+" "+text) {
			return
		}
		rules := oneRule(t, router.Condition{Keywords: []string{one, other}})
		r := parse(t, say(text))
		want := regexp.MustCompile("(?i)" + regexp.QuoteMeta(one) + "|" + regexp.QuoteMeta(other)).MatchString(r.UserText())
		if got := rules.Explain(r)[0].Matched; got != want {
			t.Errorf("%q or %q in %q: %v", one, other, r.UserText(), got)
		}
	})
}

// Many rules look for their words in one pass; each must get its own.
func TestManyRulesFindTheirOwnWords(t *testing.T) {
	var list []router.Rule
	var words []string
	for a := range strings.FieldsSeq("a b of to sql go re code codec review reviewer view 代 代码 码审 代码审查 naïve NAÏVE") {
		for _, b := range []string{"", "s", " x", "-审"} {
			words = append(words, a+b)
			list = append(list, router.Rule{Name: a + b, TargetChannel: "c", Condition: router.Condition{Keywords: []string{a + b}}})
			list = append(list, router.Rule{Name: a + b + " as a word", TargetChannel: "c", Condition: router.Condition{UserPattern: `\b` + regexp.QuoteMeta(a+b) + `\b`}})
		}
	}
	rules, err := router.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(words, "the reviewers codec", "of to", "代码审查 x", "", "nothing", strings.Repeat("code ", 50)+"views", strings.Join(words, " ")) {
		r := parse(t, say(text))
		for i, v := range rules.Explain(r) {
			pattern := list[i].Condition.UserPattern
			if pattern == "" {
				pattern = regexp.QuoteMeta(list[i].Condition.Keywords[0])
			}
			if want := regexp.MustCompile("(?i)" + pattern).MatchString(text); v.Matched != want {
				t.Errorf("rule %q on %.40q: %v", v.Name, text, v.Matched)
			}
		}
	}
}

// The text of the user is what a full parser of JSON would find.
func FuzzUserText(f *testing.F) {
	for _, body := range []string{
		`{"model":"m","messages":[{"role":"user","content":"a\nb\u00e9\ud83d\ude00\ud800\/\"\\"},{"content":[{"type":"text","text":"c"}],"role":"user"}]}`,
		`{"model":"m","input":["a",{"role":"user","content":[{"type":"input_text","text":"b\tc"}]},{"type":"function_call_output","output":"x"}]}`,
		`{"model":"m","contents":[{"parts":[{"text":"a"},{"text":""}]},{"role":"model","parts":[{"text":"b"}]}],"prompt":["x","y"]}`,
		`{"model":"m","prompt":"` + strings.Repeat(`long text without end\n`, 30) + `"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := router.Parse(body)
		if err != nil || !json.Valid(body) || !utf8.Valid(body) {
			return
		}
		var call map[string]json.RawMessage
		if json.Unmarshal(body, &call) != nil {
			return
		}
		var want []string
		for _, list := range []string{"messages", "input", "contents", "prompt"} {
			want = append(want, userTexts(call[list])...)
		}
		if call["content"] != nil || call["generateContentRequest"] != nil {
			return
		}
		if got := r.UserText(); got != strings.Join(want, "\n") {
			t.Errorf("the user's text is %q, want %q", got, strings.Join(want, "\n"))
		}
		if n := r.Words(); n < 0 || n > len(r.UserText()) {
			t.Errorf("%d words", n)
		}
	})
}

// userTexts reads messages with encoding/json.
func userTexts(list json.RawMessage) []string {
	var one string
	if list != nil && json.Unmarshal(list, &one) == nil {
		return nonEmpty(one)
	}
	var messages []json.RawMessage
	_ = json.Unmarshal(list, &messages)
	var out []string
	for _, raw := range messages {
		if json.Unmarshal(raw, &one) == nil {
			out = append(out, nonEmpty(one)...)
			continue
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(raw, &m) != nil {
			continue
		}
		role, isText := "", m["role"] == nil || m["role"][0] == '"'
		_ = json.Unmarshal(m["role"], &role)
		switch {
		case m["parts"] != nil:
			if isText && (role == "" || role == "user") {
				out = append(out, partTexts(m["parts"])...)
			}
		case m["output"] == nil && role == "user":
			out = append(out, partTexts(m["content"])...)
		}
	}
	return out
}

func partTexts(content json.RawMessage) []string {
	var one string
	if content != nil && json.Unmarshal(content, &one) == nil {
		return nonEmpty(one)
	}
	var parts []json.RawMessage
	_ = json.Unmarshal(content, &parts)
	var out []string
	for _, raw := range parts {
		if json.Unmarshal(raw, &one) == nil {
			out = append(out, nonEmpty(one)...)
			continue
		}
		var p map[string]json.RawMessage
		if json.Unmarshal(raw, &p) != nil || p["text"] == nil {
			continue
		}
		kind := ""
		if p["type"] != nil && json.Unmarshal(p["type"], &kind) != nil {
			continue
		}
		if slices.Contains([]string{"", "text", "input_text"}, kind) && json.Unmarshal(p["text"], &one) == nil {
			out = append(out, nonEmpty(one)...)
		}
	}
	return out
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Analysis takes any text, in bounded time and with known answers.
func FuzzAnalysis(f *testing.F) {
	for _, text := range []string{
		"Fix `x := 1;` please", "```go\nfunc main() {}\n```", "```", "请写一首诗？", "<system-reminder>a</system-reminder>b", "1. a\n2) b\n- c\n",
		"\xff\xfe", strings.Repeat("a\n", 5000), strings.Repeat("`", 99), "、", "ſ\u212A", strings.Repeat("please ", 2000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body, err := json.Marshal(map[string]any{"model": "m", "messages": []any{map[string]any{"role": "user", "content": text}}})
		if err != nil {
			return
		}
		a := parse(t, string(body)).Analysis()
		_, err = router.Compile([]router.Rule{{Name: "r", TargetChannel: "c", Condition: router.Condition{
			ContentCategory: router.OneOf{a.Category}, ComplexityLevel: router.OneOf{a.Complexity}, Intent: router.OneOf{a.Intent},
			ProgrammingLanguage: a.Languages,
		}}})
		if err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	})
}
