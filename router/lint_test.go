package router_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

func findings(list []router.Finding) string {
	var out []string
	for _, f := range list {
		line := fmt.Sprintf("%s %s %s", f.Rule, f.Kind, f.Field)
		if f.By != "" {
			line += "by " + f.By
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func when(name string, c router.Condition) router.Rule {
	return router.Rule{Name: name, Condition: c, TargetChannel: "c"}
}

func TestRulesThatCanNeverMatch(t *testing.T) {
	for name, test := range map[string]struct {
		condition router.Condition
		want      string
	}{
		"words":              {router.Condition{MinWordCount: 9, MaxWordCount: 8}, "condition.minWordCount"},
		"words that fit":     {router.Condition{MinWordCount: 8, MaxWordCount: 8}, ""},
		"tools":              {router.Condition{HasTools: new(false), ToolName: "x"}, "condition.hasTools"},
		"tools that fit":     {router.Condition{HasTools: new(true), ToolName: "x"}, ""},
		"no time":            {router.Condition{TimeOfDay: &router.TimeOfDay{From: "09:00", To: "09:00"}}, "condition.timeOfDay"},
		"no time either":     {router.Condition{TimeOfDay: &router.TimeOfDay{From: "24:00", To: "00:00"}}, "condition.timeOfDay"},
		"all night":          {router.Condition{TimeOfDay: &router.TimeOfDay{From: "22:00", To: "06:00"}}, ""},
		"the host":           {router.Condition{Header: map[string]string{"host": "x"}}, `condition.header["Host"]`},
		"no such text":       {router.Condition{UserPattern: `a[^\x00-\x{10FFFF}]`}, "condition"},
		"no such model":      {router.Condition{ModelPattern: `[^\x00-\x{10FFFF}]|a[^\x00-\x{10FFFF}]`}, "condition"},
		"a pattern for what": {router.Condition{UserPattern: `a|[^\x00-\x{10FFFF}]`}, ""},
	} {
		want := ""
		if test.want != "" {
			want = "r neverMatches " + test.want
		}
		if got := findings(router.Lint([]router.Rule{when("r", test.condition)}, nil)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestRulesThatAnEarlierOneShadows(t *testing.T) {
	type c = router.Condition
	day := func(from, to, zone string) *router.TimeOfDay {
		return &router.TimeOfDay{From: from, To: to, Zone: zone}
	}
	for _, test := range []struct {
		name           string
		earlier, later c
		want           bool
	}{
		{"the same", c{ModelPattern: "gpt", HasTools: new(true)}, c{ModelPattern: "gpt", HasTools: new(true)}, true},
		{"one condition more", c{ModelPattern: "gpt"}, c{ModelPattern: "gpt", HasTools: new(true)}, true},
		{"one condition less", c{ModelPattern: "gpt", HasTools: new(true)}, c{ModelPattern: "gpt"}, false},
		{"the other way round", c{HasTools: new(true)}, c{HasTools: new(false)}, false},
		{"more tokens", c{TokenThreshold: 10}, c{TokenThreshold: 20}, true},
		{"fewer tokens", c{TokenThreshold: 20}, c{TokenThreshold: 10}, false},
		{"narrower words", c{MinWordCount: 5, MaxWordCount: 50}, c{MinWordCount: 6, MaxWordCount: 40}, true},
		{"wider words", c{MinWordCount: 5, MaxWordCount: 50}, c{MinWordCount: 6}, false},
		{"fewer keywords", c{Keywords: []string{"a", "b"}}, c{Keywords: []string{"B"}}, true},
		{"more keywords", c{Keywords: []string{"a"}}, c{Keywords: []string{"a", "b"}}, false},
		{"longer keywords", c{Keywords: []string{"review"}}, c{Keywords: []string{"Code REVIEW", "reviewer"}}, true},
		{"a pattern of longer words", c{Keywords: []string{"review"}}, c{UserPattern: `\breviews? this\b`}, true},
		{"a pattern that asks for the keyword", c{Keywords: []string{"review"}}, c{UserPattern: `review.*\d+`}, true},
		{"a pattern of other words", c{Keywords: []string{"review"}}, c{UserPattern: `\breview|look\b`}, false},
		{"a keyword, after it as a word", c{UserPattern: `\breview\b`}, c{Keywords: []string{"review"}}, false},
		{"a keyword around the word", c{UserPattern: `\breview\b`}, c{Keywords: []string{"a review of"}}, false}, // it is, but that does not show
		{"the beginning of a longer word", c{UserPattern: `\brevi`}, c{UserPattern: `\breview\b`}, true},
		{"a model by its beginning", c{ModelPattern: "^claude-"}, c{ModelPattern: "^claude-(opus|haiku)"}, true},
		{"a model by what is in it", c{ModelPattern: "^claude-"}, c{ModelPattern: "claude-opus"}, false},
		{"a model by its end", c{ModelPattern: "mini$"}, c{ModelPattern: "^gpt-4o-mini$"}, true},
		{"a model by both", c{ModelPattern: "^gpt-4o$"}, c{ModelPattern: "^gpt-4o-mini$"}, false},
		{"minding case", c{ModelPattern: "(?-i)GPT"}, c{ModelPattern: "gpt-4"}, false},
		{"any model", c{ModelPattern: ".*"}, c{HasTools: new(true)}, true},
		{"some model", c{ModelPattern: "."}, c{HasTools: new(true)}, false},
		{"fewer intents", c{Intent: router.OneOf{router.Debug, router.Review}}, c{Intent: router.OneOf{router.Review}}, true},
		{"more intents", c{Intent: router.OneOf{router.Debug}}, c{Intent: router.OneOf{router.Debug, router.Review}}, false},
		{"an intent, a category", c{Intent: router.OneOf{router.Conversation}}, c{ContentCategory: router.OneOf{router.Conversation}}, false},
		{"any complexity", c{ComplexityLevel: router.OneOf{router.Simple, router.Moderate, router.Complex, router.VeryComplex}}, c{HasTools: new(true)}, true},
		{"a language more than needed", c{ProgrammingLanguage: router.OneOf{"go", "c"}}, c{ProgrammingLanguage: router.OneOf{"go"}}, true},
		{"tools by name", c{HasTools: new(true)}, c{ToolName: "bash"}, true},
		{"a name of a tool", c{ToolName: "bash"}, c{HasTools: new(true)}, false},
		{"a header with any value", c{Header: map[string]string{"x-a": ""}}, c{Header: map[string]string{"X-A": "^1$"}}, true},
		{"a header that need not be there", c{Header: map[string]string{"X-A": ""}}, c{HasTools: new(true)}, false},
		{"another header", c{Header: map[string]string{"X-A": "1"}}, c{Header: map[string]string{"X-B": "1"}}, false},
		{"more headers", c{Header: map[string]string{"X-A": "1"}}, c{Header: map[string]string{"X-A": "^1", "X-B": "2"}}, true},
		{"metadata, not a header", c{Header: map[string]string{"A": "1"}}, c{Metadata: map[string]string{"A": "1"}}, false},
		{"a part of the day", c{TimeOfDay: day("22:00", "06:00", "")}, c{TimeOfDay: day("23:00", "05:00", "")}, true},
		{"another part of the day", c{TimeOfDay: day("22:00", "06:00", "")}, c{TimeOfDay: day("05:00", "07:00", "")}, false},
		{"another zone", c{TimeOfDay: day("22:00", "06:00", "")}, c{TimeOfDay: day("23:00", "05:00", "UTC")}, false},
		{"the whole day", c{TimeOfDay: day("00:00", "24:00", "")}, c{TimeOfDay: day("23:00", "05:00", "UTC")}, true},
		{"a function", c{CustomFunction: "f"}, c{CustomFunction: "f"}, false}, // it may answer otherwise
		{"code", c{HasCode: new(true)}, c{HasCode: new(true), ProgrammingLanguage: router.OneOf{"go"}}, true},
	} {
		fn := router.WithFunc("f", func(*router.Request) bool { return true })
		got := findings(router.Lint([]router.Rule{when("e", test.earlier), when("l", test.later)}, nil, fn))
		want := ""
		if test.want {
			want = "l shadowed by e"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", test.name, got, want)
		}
	}
}

func TestWhichRuleComesFirstDecidesWhatIsShadowed(t *testing.T) {
	rest := router.Rule{Name: "rest", Type: router.Default, TargetChannel: "c"}
	first, off := rest, rest
	first.Name, first.Priority = "first", 9
	off.Name, off.Priority, off.Disabled = "off", 99, true
	got := findings(router.Lint([]router.Rule{when("a", router.Condition{HasTools: new(true)}), rest, off, first}, nil))
	if want := "a shadowed by first\nrest shadowed by first"; got != want {
		t.Errorf("found\n%s, want\n%s", got, want)
	}
	deny := router.Rule{Name: "deny", Type: router.Think, Deny: "no"}
	if got := findings(router.Lint([]router.Rule{deny, {Name: "think", Type: router.Think, TargetChannel: "c"}}, nil)); got != "think shadowed by deny" {
		t.Errorf("after a rule that denies: %s", got)
	}
}

func TestTargetsThatCannotBeUsed(t *testing.T) {
	channels := []router.ChannelInfo{{ID: "1", Name: "on"}, {ID: "2", Name: "off", Disabled: true}}
	rules := []router.Rule{
		{Name: "a", Type: router.Think, TargetChannel: "on"},
		{Name: "b", Type: router.Image, TargetChannel: "2"},
		{Name: "c", Type: router.WebSearch, Targets: []router.Target{{Channel: "1", Weight: 1}, {Channel: "off"}, {Channel: "gone"}}},
		{Name: "d", Type: router.LongContext, Shadow: "away"},
		{Name: "e", Type: router.Default, TargetModel: "m"},
		{Name: "f", Type: router.Default, TargetChannel: "gone", Disabled: true},
	}
	want := "b disabledTarget targetChannel\nc disabledTarget targets[1].channel\nc unknownTarget targets[2].channel\nd unknownTarget shadow"
	if got := findings(router.Lint(rules, channels)); got != want {
		t.Errorf("found\n%s, want\n%s", got, want)
	}
	if got := findings(router.Lint(rules, nil)); got != "" {
		t.Errorf("without channels, found\n%s", got)
	}
	if got := findings(router.Lint(rules[:1], []router.ChannelInfo{})); got != "a unknownTarget targetChannel" {
		t.Errorf("with no channel, found %s", got)
	}
}

func TestTypesThatSayNothing(t *testing.T) {
	rules := []router.Rule{
		{Name: "a", Type: router.Think, TargetChannel: "c", Condition: router.Condition{Keywords: []string{"plan"}}},
		{Name: "b", Type: router.LongContext, TargetChannel: "c", Condition: router.Condition{TokenThreshold: 90000}},
		{Name: "c", Type: router.Default, TargetChannel: "c", Condition: router.Condition{HasTools: new(true)}},
		{Name: "d", Type: router.Custom, TargetChannel: "c", Condition: router.Condition{ModelPattern: "x"}},
		{Name: "e", Type: router.Image, TargetChannel: "c", Condition: router.Condition{HasImages: new(false)}},
	}
	if got, want := findings(router.Lint(rules, nil)), "a typeUnused type\nc typeUnused type\ne typeUnused type"; got != want {
		t.Errorf("found\n%s, want\n%s", got, want)
	}
}

func TestLintTellsMistakesToo(t *testing.T) {
	got := router.Lint([]router.Rule{
		{Name: "bad", TargetChannel: "c", Condition: router.Condition{UserPattern: "("}},
		{Name: "rest", Type: router.Default, TargetChannel: "c"},
		{Name: "late", Type: router.Default, TargetChannel: "c"},
	}, nil)
	if want := "bad invalid condition.userPattern\nlate shadowed by rest"; findings(got) != want {
		t.Errorf("found\n%s, want\n%s", findings(got), want)
	}
}

// A rule that is said to be shadowed, or never to match, must never be the
// first that matches, whatever the call.
func TestLintClaimsNothingThatIsNotSo(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	patterns := []string{"a", "b", "ab", "^a", "b$", `\ba\b`, "a|b", ".*", "a.*b", "ba+", "[ab]a", "^ab$", "(?-i)A"}
	texts := []string{"a", "b", "A", "ab", "ba", "a b", "aab", "b a ab", "", "c", "bab", "A B"}
	claims := 0
	for range 3000 {
		condition := func() (c router.Condition) {
			if random.IntN(3) == 0 {
				c.UserPattern = pick(patterns...)
			}
			if random.IntN(3) == 0 {
				c.ModelPattern = pick(patterns...)
			}
			if random.IntN(4) == 0 {
				c.Keywords = []string{pick("a", "b", "ab"), pick("a", "ba")}
			}
			if random.IntN(4) == 0 {
				c.HasTools = new(random.IntN(2) == 0)
			}
			if random.IntN(5) == 0 {
				c.ToolName = pick(patterns...)
			}
			if random.IntN(5) == 0 {
				c.MinWordCount, c.MaxWordCount = random.IntN(3), random.IntN(3)
			}
			if random.IntN(5) == 0 {
				c.Header = map[string]string{pick("X", "Y"): pick(patterns...)}
			}
			if random.IntN(5) == 0 {
				c.TimeOfDay = &router.TimeOfDay{From: pick("00:00", "06:00", "12:00"), To: pick("06:00", "12:00", "24:00")}
			}
			return c
		}
		rules, err := router.Compile([]router.Rule{
			{Name: "0", Type: router.Default, Condition: condition(), TargetChannel: "c"},
			{Name: "1", Type: router.Default, Condition: condition(), TargetChannel: "c"},
			{Name: "2", Type: router.Default, Condition: condition(), TargetChannel: "c"},
		})
		if err != nil {
			t.Fatal(err)
		}
		var dead []string
		for _, f := range rules.Lint(nil) {
			if f.Kind == router.Shadowed || f.Kind == router.NeverMatches {
				dead = append(dead, f.Rule)
				claims++
			}
		}
		for range 30 {
			body := `{"model":"` + pick(texts[:4]...) + `","tools":[` + pick("", `{"name":"a"}`, `{"name":"ba"},{"name":"c"}`) + `],"messages":[{"role":"user","content":"` + pick(texts...) + `"}]}`
			r := parse(t, body)
			withHeader("X", pick(texts...))(r)
			at(pick("00:00", "05:59", "06:00", "11:00", "12:00", "23:00"))(r)
			if choice, err := rules.Route(t.Context(), r); err == nil && slices.Contains(dead, choice.Rule) {
				t.Fatalf("rule %s matched %s, though Lint says\n%+v", choice.Rule, body, rules.Lint(nil))
			}
		}
	}
	if claims < 500 {
		t.Errorf("only %d claims were put to the test", claims)
	}
}
