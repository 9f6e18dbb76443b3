package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dctx-team/routex/internal/jsonscan"
)

func TestObjectReadsTheTopLevel(t *testing.T) {
	const text = ` {"model" : "gpt-4o", "n":-1.5e+3,"stream":true,"x":null, "messages":[{"a":"]}\"{"}],"mod\u0065l2":"\\"} `
	members, err := jsonscan.Object([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		got = append(got, m.Key+"="+text[m.Start:m.End])
	}
	want := []string{`model="gpt-4o"`, `n=-1.5e+3`, `stream=true`, `x=null`, `messages=[{"a":"]}\"{"}]`, `model2="\\"`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("members:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestObjectRefusesWhatItCannotRead(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             ``,
		"only space":        ` `,
		"array":             `[]`,
		"string":            `"model"`,
		"unclosed":          `{"a":1`,
		"unclosed string":   `{"a":"b`,
		"escaped end quote": `{"a":"b\"}`,
		"unclosed array":    `{"a":[1,2}`[:9],
		"no comma":          `{"a":1 "b":2}`,
		"trailing comma":    `{"a":1,}`,
		"leading comma":     `{,"a":1}`,
		"no colon":          `{"a" 1}`,
		"no value":          `{"a":}`,
		"bare word":         `{"a":nope}`,
		"bad number":        `{"a":1.2.3}`,
		"unquoted name":     `{a:1}`,
		"trailing data":     `{"a":1} x`,
		"second object":     `{"a":1}{"b":2}`,
	} {
		if _, err := jsonscan.Object([]byte(text), nil); err == nil {
			t.Errorf("%s: %s was read without an error", name, text)
		}
	}
}

func TestObjectLeavesNestedValuesToOthers(t *testing.T) {
	// Brackets balance; what is between them is the provider's to judge.
	if _, err := jsonscan.Object([]byte(`{"a":[1,,2,{nope}]}`), nil); err != nil {
		t.Errorf("a malformed nested value was judged: %v", err)
	}
}

func TestString(t *testing.T) {
	for text, want := range map[string]string{`{"a":"x"}`: "x", `{"a":"\u00e9\n"}`: "é\n", `{"a":""}`: ""} {
		m, err := jsonscan.Object([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := jsonscan.String([]byte(text), m[0]); !ok || got != want {
			t.Errorf("String of %s = %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{`{"a":1}`, `{"a":null}`, "{\"a\":\"\xff\"}", `{"a":"\x"}`, "{\"a\":\"\n\"}"} {
		m, err := jsonscan.Object([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := jsonscan.String([]byte(text), m[0]); ok {
			t.Errorf("String of %q = %q, want no string", text, got)
		}
	}
}

// Whatever encoding/json takes for an object is read, with the same members.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[{"b":"\\\""}],"c":-0.1e9}`, `{"":{}}`, `{"a":"\ud800"}`, `{"a":1`, `{"a":"\"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members, err := jsonscan.Object(text, nil)
		if err == nil {
			for _, m := range members {
				if m.Start < 0 || m.End <= m.Start || m.End > len(text) {
					t.Fatalf("member %q spans %d to %d of %d bytes", m.Key, m.Start, m.End, len(text))
				}
			}
		}
		d := json.NewDecoder(bytes.NewReader(text))
		if open, derr := d.Token(); derr != nil || open != json.Delim('{') || !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		if err != nil {
			t.Fatalf("valid JSON was refused: %v\n%q", err, text)
		}
		for _, m := range members {
			key, _ := d.Token()
			var value json.RawMessage
			if derr := d.Decode(&value); derr != nil {
				t.Fatal(derr)
			}
			if key != m.Key {
				t.Errorf("name %q, encoding/json reads %q", m.Key, key)
			}
			if !bytes.Equal(value, text[m.Start:m.End]) {
				t.Errorf("value of %q is %q, encoding/json reads %q", m.Key, text[m.Start:m.End], value)
			}
		}
		if d.More() {
			t.Errorf("members are missing after the first %d", len(members))
		}
	})
}

func BenchmarkObject(b *testing.B) {
	body := []byte(`{"model":"claude","max_tokens":1024,"messages":[` +
		strings.Repeat(`{"role":"user","content":[{"type":"text","text":"`+strings.Repeat(`func main() {\n\tprintln(\"hi\")\n}\n`, 60)+`"}]},`, 99) +
		`{}],"stream":true}`)
	var room [16]jsonscan.Member
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsonscan.Object(body, room[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestNestingHasALimit(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(`{"x":` + strings.Repeat(`{"y":[`, depth/2) + strings.Repeat("]}", depth/2) + `}`)
	}
	if err := jsonscan.Check(nested(jsonscan.MaxDepth)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := jsonscan.Check(nested(jsonscan.MaxDepth + 2)); !errors.Is(err, jsonscan.ErrDeep) {
		t.Errorf("over the limit: %v", err)
	}
	if jsonscan.Deep(nested(jsonscan.MaxDepth - 2)) {
		t.Error("a value below the limit is deep")
	}
	if !jsonscan.Deep([]byte(strings.Repeat("[", 8<<20))) {
		t.Error("a value over the limit is not deep")
	}
	if jsonscan.Deep([]byte(`"` + strings.Repeat("[", 8<<20) + `"`)) {
		t.Error("brackets in a string are counted")
	}
}

func TestTextNestedOverTheLimitIsNotValid(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	if !jsonscan.Valid(nested(jsonscan.MaxDepth)) || jsonscan.Valid(nested(jsonscan.MaxDepth+1)) {
		t.Error("the limit is not where it should be")
	}
	if jsonscan.Valid(`{"a":`) || jsonscan.Valid("") {
		t.Error("half a value is valid")
	}
	if jsonscan.Valid(strings.Repeat("[", 16<<20)) {
		t.Error("a text over the limit is valid")
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\"\\\n\r\t\x00\x1f\x7f<>&\u2028\ufffd\xff模型\xe6\xa8")
	f.Fuzz(func(t *testing.T, s string) {
		b := jsonscan.AppendString([]byte("x"), s)
		var got string
		if err := json.Unmarshal(b[1:], &got); err != nil {
			t.Fatalf("%q becomes %s: %v", s, b, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
		if string(jsonscan.AppendString([]byte("x"), []byte(s))) != string(b) {
			t.Errorf("%q is another string as bytes", s)
		}
	})
}
