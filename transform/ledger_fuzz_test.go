package transform_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// FuzzLedger takes streams of all kinds, also such as no provider sends. What
// goes on with them is JSON, and says what was missing.
func FuzzLedger(f *testing.F) {
	for i, d := range transform.Dialects() {
		for _, kind := range []string{"text", "reasoning", "tool", "escaped"} {
			events := frames(d, first(kind))
			f.Add(uint8(i), []byte(strings.Join(events, "")))
			f.Add(uint8(i), []byte(strings.Join(events[:len(events)/2], "")))
		}
	}
	f.Add(uint8(2), []byte(`data: {"type":"response.output_text.delta","output_index":9,"content_index":3,"delta":"a"}`+"\n\n"+`data: {"type":"response.output_text.delta","delta":"b"}`+"\n\n"))
	f.Add(uint8(2), []byte(`data: {"type":"response.output_item.added","output_index":99999999999,"item":{}}`+"\n\n"+`data: {"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"a"}]}}`+"\n\n"))
	f.Add(uint8(0), []byte(`data: {"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"a"}}`+"\n\n"))
	f.Fuzz(func(t *testing.T, n uint8, stream []byte) {
		d := transform.Dialects()[int(n)%4]
		l := transform.NewLedger(d)
		defer l.Release()
		sc := transform.NewScanner(strings.NewReader(string(stream)), 0)
		for ev, err := sc.Next(); err == nil; ev, err = sc.Next() {
			if ev.Data != nil && !gjson.ValidBytes(ev.Data) {
				continue // the Watch leaves them out
			}
			ev = transform.Event{Name: []byte(string(ev.Name)), Data: []byte(string(ev.Data))}
			_ = l.Event(ev, func(transform.Event) {})
			clear(ev.Data) // the memory is used again
		}
		if ok, _ := l.CanGoOn(); !ok || !utf8.ValidString(l.Text()) {
			return
		}
		r, err := l.Resume([]byte(ask1(d)), transform.Splice)
		if err != nil {
			t.Fatal(err)
		}
		text := l.Text() + "the rest"
		sc = transform.NewScanner(strings.NewReader(strings.Join(frames(d, &answer{id: "two", text: plainly(text, 11), stop: "end"}), "")), 0)
		var said strings.Builder
		check := func(ev transform.Event) {
			for _, path := range []string{"delta.text", "choices.0.delta.content", "candidates.0.content.parts.0.text"} {
				said.WriteString(gjson.GetBytes(ev.Data, path).Str)
			}
			if string(ev.Name) == "response.output_text.delta" {
				said.WriteString(gjson.GetBytes(ev.Data, "delta").Str)
			}
			if !gjson.ValidBytes(ev.Data) && string(ev.Data) != "[DONE]" {
				t.Errorf("no JSON: %s", ev.Data)
			}
		}
		s := transform.Then(r, l)
		for ev, err := sc.Next(); err == nil; ev, err = sc.Next() {
			if err := s.Event(ev, check); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
		if err := s.Close(check); err != nil || said.String() != "the rest" {
			t.Errorf("%q behind %q: %v", said.String(), text, err)
		}
	})
}
