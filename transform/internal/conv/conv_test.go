package conv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestRawMalformed(t *testing.T) {
	for _, text := range []string{"", "{", "[", `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `[1,`, `["\`, `["\\\"`, `[[[`, `{"a":{"b":[`, `{a}`, `{:}`, `[:]`, `{"a":}`, "\xff", `"`} {
		r := Body(text)
		n := 0
		for c := r.Walk(); c.Next(); n++ {
			if n > len(text) {
				t.Fatalf("%q: the cursor does not end", text)
			}
		}
		_, _, _ = r.Get("a"), r.Str().String(), r.Count()
	}
}

func TestRawGet(t *testing.T) {
	v := Body(" {\"a\\u0062\" : {\"x\":[1,{\"y\":\"]}\\\"\"}]} ,\n\"n\":null,\"f\":-1.5e2,\"t\":true } ")
	if got := v.Get("ab").Get("x"); got != `[1,{"y":"]}\""}]` {
		t.Errorf("nested value: %s", got)
	}
	if got := v.Get("n"); got != "" {
		t.Errorf("a null member is there: %q", got)
	}
	if f := v.Get("f"); f.Float() != -150 || f.Count() != 0 || !f.IsNumber() {
		t.Errorf("number: %s", f)
	}
	if got := Raw("[]").Get("x"); got != "" || Raw("3").Walk().Index != 0 {
		t.Errorf("values that are no objects have members: %q", got)
	}
	for _, empty := range []Raw{"", "null", "{}", "[ ]", `""`, `{"a":null}`} {
		if !empty.IsEmpty() {
			t.Errorf("%s is not empty", empty)
		}
	}
	for _, full := range []Raw{"0", "[null]", `" "`, `{"a":0}`, "false"} {
		if full.IsEmpty() {
			t.Errorf("%s is empty", full)
		}
	}
}

func TestCount(t *testing.T) {
	for in, want := range map[Raw]int64{"12": 12, "12.9": 12, "-3": 0, "1e3": 1000, "1e99": maxCount, "9223372036854775807": maxCount, "x": 0, "": 0, `"5"`: 0} {
		if got := in.Count(); got != want {
			t.Errorf("%s counts %d, want %d", in, got, want)
		}
	}
}

func TestStr(t *testing.T) {
	for _, s := range []string{"", "plain", "a\"b\\c\n\r\t\x00\x1f", "ü€😀", "\xff\xfea", "</script>"} {
		lit := Quote(s)
		if want := strings.ToValidUTF8(strings.ReplaceAll(s, "\xff", "\ufffd"), "\ufffd"); !gjson.Valid(string(lit)) || lit.String() != want {
			t.Errorf("%q: the literal %s reads %q", s, lit, lit.String())
		}
	}
	for in, want := range map[Str]Str{
		`"a "`: `"a"`, `"a\n\t"`: `"a"`, `"a\u0020"`: `"a"`, `"a\\n"`: `"a\\n"`, `"a"`: `"a"`, `""`: `""`, "": "",
		`" \n "`: `""`, `"aü"`: `"aü"`, `"a\u00a0"`: `"a"`, `"a\\ "`: `"a\\"`,
	} {
		if got := in.TrimRight(); got != want {
			t.Errorf("TrimRight(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[Str]bool{"": true, `""`: true, `" \n\r\t\f"`: true, `"\u0020"`: true, `"\u00a0"`: true, "\"\u00a0\"": true, `"a"`: false, `"\\n"`: false, `" ü"`: false, `"\u0061"`: false} {
		if got := in.IsSpace(); got != want {
			t.Errorf("IsSpace(%s) = %v", in, got)
		}
	}
	if !Str(`"a\u0062"`).Same(`"ab"`) || Str(`"a"`).Same(`"b"`) {
		t.Error("Same compares the writing, not the text")
	}
	if lit, ok := CutError(`"[tool_error]\n"`); !ok || lit != `"\n"` {
		t.Errorf("CutError: %s %v", lit, ok)
	}
}

func TestCalls(t *testing.T) {
	var c Calls
	for i := range 3 * fewCalls {
		c.Add(Quote(fmt.Sprint("call", i)))
		for j := range 3 * fewCalls {
			if got, want := c.Has(Quote(fmt.Sprint("call", j))), j <= i; got != want {
				t.Fatalf("of %d calls, call %d is known: %v", i+1, j, got)
			}
		}
	}
	if !c.Has(`"\u0063all1"`) {
		t.Error("an id that is written otherwise is not known")
	}
	if c.Clear(); c.Has(`"call1"`) {
		t.Error("a cleared set knows a call")
	}
}

func TestToolID(t *testing.T) {
	a, b := AppendToolID(nil, `"a.b"`), AppendToolID(nil, `"a:b"`)
	if string(a) == string(b) || string(a) != string(AppendToolID(nil, `"a\u002eb"`)) {
		t.Errorf("ids %s and %s must differ, and always be the same", a, b)
	}
	for _, id := range []Str{"", `""`, `"ü"`, `"a b\n"`} {
		if got := AppendToolID(nil, id); len(got) < 3 || !safeID(string(got[1:len(got)-1])) {
			t.Errorf("%s became %s", id, got)
		}
	}
}

func TestShape(t *testing.T) {
	var s Shape
	event := func(text string) []byte { return []byte(`{"a":"` + text + `","b":1}`) }
	if _, ok := s.Match(event("x")); ok {
		t.Error("a shape that has learned nothing matches")
	}
	data := event("some text")
	s.Learn(data, Str("elsewhere"))
	s.Learn(data, Raw(View(data)).Get("a").Str())
	for text, want := range map[string]bool{
		"x": true, `12345678\n`: true, "1234567\x01": false, `a"b`: false, `\`: false, "": false, "üüüüüüüü": true,
		`\u12g4`: false, `\u123`: false, `\u00fF12345678`: true, `\q`: false, "12345678\x7f": true,
	} {
		lit, ok := s.Match(event(text))
		if ok != want || ok && lit != Str(`"`+text+`"`) {
			t.Errorf("%q: %s %v", text, lit, ok)
		}
		if ok && !gjson.ValidBytes(event(text)) {
			t.Errorf("%q matches and is not valid", text)
		}
	}
	if _, ok := s.Match([]byte(`{"a":"x","b":2}`)); ok {
		t.Error("another event matches")
	}
}

func FuzzShape(f *testing.F) {
	f.Add([]byte(`a\nb`))
	f.Fuzz(func(t *testing.T, text []byte) {
		lit := append(append([]byte{'"'}, text...), '"')
		if got, want := plain(text) == len(text), gjson.ValidBytes(lit); got != want {
			t.Errorf("%q: plain %v, valid %v", lit, got, want)
		}
	})
}

func TestPath(t *testing.T) {
	root := Path{}
	messages := root.Field("messages")
	third := messages.At(2)
	role := third.Field("role")
	if got := role.Fail("bad").Error(); got != "messages[2].role: bad" {
		t.Errorf("path: %s", got)
	}
	if got := root.Fail("bad").Error(); got != "bad" {
		t.Errorf("root: %s", got)
	}
	if got := (&Error{Message: "m"}).Error(); got != "m" {
		t.Errorf("error: %s", got)
	}
}
