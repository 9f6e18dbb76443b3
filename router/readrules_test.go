package router_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

// guide has the rules of the user's guide.
const guide = `{"rules":[
	{"name":"Long Context to Gemini","type":"longContext","condition":{"tokenThreshold":60000},"targetChannel":"gemini-channel-id","targetModel":"gemini-2.5-pro","priority":100,"enabled":true},
	{"name":"Code Review to Opus","type":"custom","condition":{"keywords":["code review","review this","analyze code"]},"targetChannel":"claude-opus-id","priority":90,"enabled":true},
	{"name":"Math Questions","type":"custom","condition":{"regex":"\\b(calculate|compute|solve|equation)\\b"},"targetChannel":"math-specialist-id","priority":85}
]}`

func TestTheRulesOfTheGuide(t *testing.T) {
	list, err := router.ReadRules([]byte(guide))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := router.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("The quick brown fox jumps over the lazy dog. ", 8000) // about 80,000 tokens
	for _, test := range []struct{ body, channel, model string }{
		{say(long), "gemini-channel-id", "gemini-2.5-pro"},
		{say(long + " review this"), "gemini-channel-id", "gemini-2.5-pro"},
		{say("Please REVIEW THIS and solve it."), "claude-opus-id", ""},
		{say("A code  review"), "", ""},
		{say("Solve the equation."), "math-specialist-id", ""},
		{say("Compute\nit"), "math-specialist-id", ""},
		{say("He dissolved the computer."), "", ""},
		{say("Hello!"), "", ""},
		{talk("Analyze code for me.", "Which?", "This one."), "claude-opus-id", ""},
		{talk("Which?", "Shall I analyze code or solve it?", "Neither."), "", ""},
	} {
		choice, err := rules.Route(t.Context(), parse(t, test.body))
		if test.channel == "" {
			if !errors.Is(err, router.ErrNoRoute) {
				t.Errorf("%.60s goes to %v", test.body, choice.Channels)
			}
			continue
		}
		if err != nil || choice.Channels[0] != test.channel || choice.Model != test.model {
			t.Errorf("%.60s goes to %v as %q (%v), want %s as %q", test.body, choice.Channels, choice.Model, err, test.channel, test.model)
		}
	}
}

// fullRules has every member that a rule can have.
const fullRules = `[{"id":"i","name":"n","type":"custom","condition":{"tokenThreshold":1,"keywords":["k"],"userPattern":"u","modelPattern":"m",
	"hasTools":false,"hasImages":true,"hasThinking":true,"toolName":"t","customFunction":"f","contentCategory":"coding","complexityLevel":["simple","complex"],
	"hasCode":true,"programmingLanguage":["go"],"intent":"debug","minWordCount":2,"maxWordCount":3,"header":{"X-A":"a"},"path":"p",
	"metadata":{"k":"v"},"timeOfDay":{"from":"22:00","to":"06:30","zone":"Europe/Berlin"}},
	"targets":[{"channel":"a","weight":0},{"channel":"b"}],"targetModel":"tm","shadow":"s","priority":0,"strict":true,"enabled":false},
	{"name":"d","type":"default","deny":"No.","condition":null}]`

func TestEveryMemberOfARuleIsRead(t *testing.T) {
	f := router.WithFunc("f", func(*router.Request) bool { return true })
	got, err := router.ReadRules([]byte(fullRules), f)
	if err != nil {
		t.Fatal(err)
	}
	want := []router.Rule{{
		ID: "i", Name: "n", Type: router.Custom, Condition: router.Condition{
			TokenThreshold: 1, Keywords: []string{"k"}, UserPattern: "u", ModelPattern: "m", HasTools: new(false), HasImages: new(true),
			HasThinking: new(true), ToolName: "t", CustomFunction: "f", ContentCategory: router.OneOf{"coding"},
			ComplexityLevel: router.OneOf{"simple", "complex"}, HasCode: new(true), ProgrammingLanguage: router.OneOf{"go"},
			Intent: router.OneOf{"debug"}, MinWordCount: 2, MaxWordCount: 3, Header: map[string]string{"X-A": "a"}, Path: "p",
			Metadata: map[string]string{"k": "v"}, TimeOfDay: &router.TimeOfDay{From: "22:00", To: "06:30", Zone: "Europe/Berlin"},
		},
		Targets: []router.Target{{Channel: "a"}, {Channel: "b", Weight: 1}}, TargetModel: "tm", Shadow: "s", Strict: true, Disabled: true,
	}, {Name: "d", Type: router.Default, Deny: "No.", Priority: router.DefaultPriority}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v, want\n%+v", got, want)
	}
	v := reflect.ValueOf(got[0].Condition)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test leaves out %s", v.Type().Field(i).Name)
		}
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := router.ReadRules(b, f); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
}

func TestEveryMistakeInAFileIsListed(t *testing.T) {
	for text, want := range map[string][]string{
		`[`:                        {"not JSON: line 1, column 1: unexpected end of JSON input"},
		"{\n  \"rules\" [}":        {"not JSON: line 2, column 11: invalid character '[' after object key"},
		`7`:                        {"rules: must be an array of rules"},
		`{}`:                       {"rules: must be an array of rules"},
		`{"rules":null}`:           {"rules: must be an array of rules"},
		`{"rule":[]}`:              {"rule: there is no such member; did you mean rules?", "rules: must be an array"},
		`{"rules":[],"version":1}`: {"version: there is no such member; there are rules"},
		`[7]`:                      {"rules[0]: must be an object, not a number"},
		`[{"name":"a","type":"default","targetChannel":"c"},{"name":"a","type":"default","targetChannel":"c"}]`: {`rules[1].id: "a" is the ID of Rules[0] too`},
		`[{"name":1,"condition":[],"targets":{},"priority":"high","enabled":"yes","deny":true,"strict":0,"colour":"red"}]`: {
			"rules[0].name: must be a string, not a number", "rules[0].condition: must be an object, not an array", "rules[0].targets: must be an array, not an object",
			"rules[0].priority: must be a whole number, not a string", "rules[0].enabled: must be true or false, not a string",
			"rules[0].deny: must be the message for the caller", "rules[0].strict: must be true or false, not a number",
			"rules[0].colour: there is no such member; there are id, name, type, condition",
		},
		`[{"name":"a","targetChannel":"c","condition":{"keyword":["x"],"Intents":"debug","minWords":3,"userPatern":"x","zzz":1,"regxe":"x"}}]`: {
			"rules[0].condition.keyword: there is no such member; did you mean keywords?", "rules[0].condition.Intents: there is no such member; did you mean intent?",
			"rules[0].condition.minWords: there is no such member; there are tokenThreshold", "rules[0].condition.userPatern: there is no such member; did you mean userPattern?",
			"rules[0].condition.zzz: there is no such member; there are", "rules[0].condition.regxe: there is no such member; did you mean regex?",
		},
		`[{"name":"a","targetChannel":"c","condition":{"userPattern":"(","modelPattern":"[","tokenThreshold":-5,"keywords":["x",7],"intent":["debug","x"],"timeOfDay":{"from":"25:00","to":9},"header":{"X-A":"(","X-B":1}}}]`: {
			"rules[0].condition.userPattern: not a RE2 pattern", "rules[0].condition.modelPattern: not a RE2 pattern", "rules[0].condition.tokenThreshold: must not be negative",
			"rules[0].condition.keywords[1]: must be a string, not a number", `rules[0].condition.intent[1]: no intent "x"`, "rules[0].condition.timeOfDay.from: must be a time of day",
			"rules[0].condition.timeOfDay.to: must be a string, not a number", `rules[0].condition.header["X-A"]: not a RE2 pattern`, `rules[0].condition.header["X-B"]: must be a string, not a number`,
		},
		`[{"name":"a","targetChannel":"c","condition":{"tokenThreshold":0,"minWordCount":1.5,"userPattern":"","regex":"x","hasTools":"no"}},{"name":"b","targetChannel":"c","condition":{"regex":"a","userPattern":"b"}}]`: {
			"rules[0].condition.tokenThreshold: must be at least 1; leave it out instead", "rules[0].condition.minWordCount: must be a whole number, not 1.5",
			"rules[0].condition.userPattern: must not be empty; leave it out instead", "rules[0].condition.hasTools: must be true or false, not a string",
			"rules[1].condition.regex: another name of userPattern, which differs",
		},
		`[{"name":"a","name":"b","type":"default","targets":[{"chanel":"x"},{"channel":"y","weight":-1},7]}]`: {
			"rules[0].name: is there more than once", "rules[0].targets[0].chanel: there is no such member; did you mean channel?", "rules[0].targets[0].channel: required",
			"rules[0].targets[1].weight: must not be negative", "rules[0].targets[2]: must be an object, not a number",
		},
		`[{"name":"a","type":"fancy","targetChannel":"c","condition":{"customFunction":"f"}}]`: {`rules[0].type: no type "fancy"`, `rules[0].condition.customFunction: no function "f"; none was given`},
	} {
		rules, err := router.ReadRules([]byte(text))
		if err == nil || rules != nil {
			t.Errorf("%s gives %v", text, rules)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		for _, w := range want {
			found := false
			for _, line := range lines {
				found = found || strings.HasPrefix(line, w)
			}
			if !found {
				t.Errorf("%s: the error lacks %q:\n%v", text, w, err)
			}
		}
		if len(lines) != len(want) {
			t.Errorf("%s: %d mistakes, want %d:\n%v", text, len(lines), len(want), err)
		}
		if bad, ok := errors.AsType[*router.FileError](err); !ok || bad.Unwrap() == nil {
			t.Errorf("%s: no FileError can be found in %v", text, err)
		}
	}
}

// The path of a mistake is where its author finds it, and one hides no other.
func TestEachMistakeHasThePathInTheFile(t *testing.T) {
	_, err := router.ReadRules([]byte(`[
		{"name":"a","targetModel":"m","condition":{"regex":"(","header":{"":"x","X-A":"(","X B":""},"metadata":{"":"","k":"("}}},
		{"name":"","targetModel":"m","type":"default"},
		{"name":"","targetModel":"m","type":"default"}
	]`))
	var got []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			if at, ok := errors.AsType[*router.FileError](e); ok {
				got = append(got, at.Path)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		`rules[0].condition.header`, `rules[0].condition.header["X B"]`, `rules[0].condition.header["X-A"]`,
		`rules[0].condition.metadata`, `rules[0].condition.metadata["k"]`, `rules[0].condition.regex`, `rules[1].name`, `rules[2].name`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestKindsOfMistakes(t *testing.T) {
	for text, want := range map[string]error{`{"colour":1}`: router.ErrNoMember, `{"name":1}`: router.ErrType} {
		var r router.Rule
		if err := json.Unmarshal([]byte(text), &r); !errors.Is(err, want) || errors.Is(err, router.ErrNoMember) && errors.Is(err, router.ErrType) {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

// What is read can be written and read again, and is the same; what is not
// gives a reason.
func FuzzReadRules(f *testing.F) {
	for _, s := range []string{guide, fullRules, `[]`, `{"rules":[{"name":"x","name":"y"}]}`, `[{"name":"a","targets":[{"weight":9}]}]`, `[null,{"condition":{"header":{"":""}}}]`} {
		f.Add([]byte(s))
	}
	fn := router.WithFunc("f", func(*router.Request) bool { return true })
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, err := router.ReadRules(data, fn)
		if (err == nil) != (rules != nil) {
			t.Fatalf("%d rules, %v", len(rules), err)
		}
		if err != nil {
			return
		}
		compiled, err := router.Compile(rules, fn)
		if err != nil {
			t.Fatalf("read, but not compiled: %v", err)
		}
		compiled.Lint([]router.ChannelInfo{})
		compiled.Explain(parse(t, say("x")))
		written, err := json.Marshal(rules)
		if err != nil {
			t.Fatal(err)
		}
		again, err := router.ReadRules(written, fn)
		if err != nil || !reflect.DeepEqual(again, rules) {
			t.Errorf("%s\nis written as\n%s\nand read as\n%+v, %v", data, written, again, err)
		}
	})
}
