package conv

import (
	"strings"
	"testing"
)

// walk compares, all the way down, what a cursor that knows the ends finds
// with what one finds that looks for them.
func walk(t *testing.T, r *Reader, v Raw) {
	known, plain := r.Walk(v), v.Walk()
	for plain.Next() {
		if !known.Next() || known.Key != plain.Key || known.Value != plain.Value {
			t.Fatalf("%.80q, not %.80q", known.Value, plain.Value)
		}
		walk(t, r, known.Value)
	}
	if known.Next() {
		t.Fatalf("%.80q is too much", known.Value)
	}
}

func TestEndsThatAreKnown(t *testing.T) {
	long := strings.Repeat(`x\"]}\\`, 60)
	for _, text := range []string{
		`{}`, `{"a":[1,{"b":"` + long + `"},[["` + long + `"]],[]],"c":{"d":{},"e":["` + long + `",{"f":"` + long + `"}]}}`,
		`{"a":["` + long + `",{"b":["` + long + `"]}`, // not closed
		`{"a":["` + long + `"]}]}]`,
	} {
		r := &Reader{}
		if err := r.Members([]byte(text), func(*Path, *Cursor) error { return nil }); err != nil {
			t.Fatal(err)
		}
		walk(t, r, Body(r.ends.text))
	}
}

func TestEndsOfAnotherTextAreNotKnown(t *testing.T) {
	r := &Reader{ends: findEnds(`{"a":["` + strings.Repeat("x", 300) + `"]}`)}
	walk(t, r, Raw(strings.Clone(`{"other":["`+strings.Repeat("y", 10)+`"],"b":{}}`)))
}

func FuzzEnds(f *testing.F) {
	f.Add(`{"a":[{"b":"c"},["` + strings.Repeat("d", 300) + `"]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		body := Body(text)
		if !body.IsObject() {
			return
		}
		r := &Reader{ends: findEnds(string(body))}
		for _, end := range r.ends.list {
			if end.to > len(body) {
				t.Fatalf("an end beyond the text: %v", end)
			}
		}
		c := r.Walk(body)
		for c.Next() { // it moves on, whatever the text
			for in := r.Walk(c.Value); in.Next(); {
			}
		}
	})
}
