package jsonscan

import (
	"strings"
	"testing"
)

// outline reads a value with a Reader and writes down what it found.
func outline(r *Reader, b *strings.Builder) {
	switch r.Kind() {
	case '{':
		b.WriteByte('{')
		for r.Enter(); r.Next(); {
			b.Write(r.Key())
			b.WriteByte('=')
			outline(r, b)
		}
		b.WriteByte('}')
	case '[':
		b.WriteByte('[')
		for r.Enter(); r.Next(); {
			outline(r, b)
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	case '"':
		b.WriteByte('\'')
		b.Write(r.Str())
		b.WriteByte('\'')
	default:
		b.Write(r.Skip())
	}
}

func TestReader(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b" : [true , null,-1.5e3],"c":{"d":"e"}}`: `{a=1b=[true null -1.5e3 ]c={d='e'}}`,
		`[ ]`:                       `[]`,
		`{ }`:                       `{}`,
		`"a\"b\\"`:                  `'a\"b\\'`,
		` [ "x" , [[]] , {} ] `:     `['x' [[] ] {} ]`,
		`{"\u0061":"\ud83d\ude00"}`: `{\u0061='\ud83d\ude00'}`,
		// What is not well-formed ends early.
		``:            ``,
		`{"a"`:        `{a=}`,
		`{"a":`:       `{a=}`,
		`["unclosed`:  `['unclosed' ]`,
		`"`:           `''`,
		`"a\`:         `'a\'`,
		`{"a":[1,2`:   `{a=[1 2 ]}`,
		`{1:2}`:       `{1:2=}`,
		`[,,1,,]`:     `[1 ]`,
		`{"a":{"b":]`: `{a={b=}}`,
	} {
		var b strings.Builder
		outline(&Reader{Text: []byte(text)}, &b)
		if b.String() != want {
			t.Errorf("%s is read as %s, want %s", text, b.String(), want)
		}
	}
}

func TestReaderSkips(t *testing.T) {
	r := Reader{Text: []byte(`[{"a":["]",{}]}, "x\"]" ,12,"end"]`)}
	var got []string
	for r.Enter(); r.Next(); {
		got = append(got, string(r.Skip()))
	}
	if want := `{"a":["]",{}]}|"x\"]"|12|"end"`; strings.Join(got, "|") != want {
		t.Errorf("skipped %s, want %s", strings.Join(got, "|"), want)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(`{"a":[1,"b",{"c":null}]}`)
	f.Add(`[[["`)
	f.Add(`{"a":]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r := Reader{Text: []byte(text)}
		for depth, last := 0, -1; r.Kind() != 0 && depth < 2*len(text)+2; depth++ {
			if r.Pos < last {
				t.Fatalf("%q: went from %d back to %d", text, last, r.Pos)
			}
			last = r.Pos
			switch r.Kind() {
			case '{', '[':
				r.Enter()
			case '}', ']', ',':
				r.Next()
			case '"':
				r.Key()
			default:
				r.Skip()
			}
			if r.Pos == last {
				t.Fatalf("%q: stands still at %d", text, last)
			}
		}
	})
}
