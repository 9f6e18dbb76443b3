package transform_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dctx-team/routex/transform"
)

var errCut = errors.New("cut")

// attempt streams text of a channel through what stands before the ledger.
func attempt(t *testing.T, w way, text string, cut bool, last ...transform.Stream) (string, error) {
	t.Helper()
	var s transform.Stream = transform.NewWatch(w.channel)
	if w.caller != w.channel {
		r, _ := w.send(t, ask1(w.caller))
		s = transform.Then(s, transform.Translate(w.caller, w.channel).Stream(t.Context(), &transform.Response{Request: r, Status: 200, Header: http.Header{}}))
	}
	for _, l := range last {
		s = transform.Then(s, l)
	}
	var in io.Reader = strings.NewReader(text)
	if cut {
		in = io.MultiReader(in, iotest.ErrReader(errCut))
	}
	r := transform.NewReader(transform.NewScanner(in, 0), s)
	defer r.Release()
	out, err := io.ReadAll(r)
	return string(out), err
}

const whole = "The \"quick\" brown fox,\n\njumps över 😀 the lazy dog \u2014 and 日本 too.\n"

// rest is the answer of a channel that goes on with what it was sent.
func rest(t *testing.T, sent string) string {
	t.Helper()
	body, err := transform.Prefill(chat, []byte(ask1(chat)), sent)
	if err != nil {
		t.Fatal(err)
	}
	said := lines("data: " + string(body))[0].Get("messages.@reverse.0.content").Str
	after, ok := strings.CutPrefix(whole, said)
	if !ok {
		t.Fatalf("%q was sent", said)
	}
	return after
}

// cutters cut the second answer in ways that the first is not cut.
var cutters = map[string]func(string) []string{
	"as a whole":   func(s string) []string { return plainly(s, 1<<10) },
	"one by one":   func(s string) []string { return plainly(s, 1) },
	"by seven":     func(s string) []string { return plainly(s, 7) },
	"escaped by 1": func(s string) []string { return escaped(s, 1) },
	"escaped by 5": func(s string) []string { return escaped(s, 5) },
}

// first is the answer that breaks off.
func first(kind string) *answer {
	a := &answer{id: "one", text: plainly(whole, 6), input: 10, output: 20, stop: "end"}
	switch kind {
	case "reasoning":
		a.reasoning = plainly("What is it that they want?", 5)
	case "tool":
		a.tool = true
	case "length":
		a.stop = "length"
	case "escaped":
		a.text = escaped(whole, 5)
	}
	return a
}

// resumed goes on with what out was handed out, by the channel second.
func resumed(t *testing.T, l *transform.Ledger, w way, mode transform.ResumeMode, a answer, cutter string) (string, error) {
	t.Helper()
	text := whole
	if mode == transform.Continue {
		text = rest(t, l.Text())
	}
	a.id, a.text = "two", cutters[cutter](text)
	r, err := l.Resume([]byte(ask1(w.caller)), mode)
	if err != nil {
		t.Fatal(err)
	}
	r.AddOutput(100)
	out, err := attempt(t, w, strings.Join(frames(w.channel, &a), ""), false, r, l)
	if r.Joined() != (err == nil) {
		t.Errorf("joined: %v, error: %v", r.Joined(), err)
	}
	return out, err
}

// Streams that are cut at each of their events are whole again, whoever goes
// on with them.
func TestResumeAtEveryEvent(t *testing.T) {
	for _, kind := range []string{"text", "reasoning", "tool", "length", "escaped"} {
		a := first(kind)
		for _, caller := range transform.Dialects() {
			for _, channel := range transform.Dialects() {
				if caller != channel && kind != "reasoning" && kind != "tool" {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s over %s", kind, caller, channel), func(t *testing.T) {
					events := frames(channel, a)
					uncut, err := attempt(t, way{caller: caller, channel: channel}, strings.Join(events, ""), false)
					if err != nil {
						t.Fatal(err)
					}
					want := readStrictly(t, caller, uncut)
					went := 0
					for n := range len(events) {
						went += resumeAt(t, way{caller: caller, channel: channel}, events[:n], a, want)
					}
					if went < len(a.text)-1 { // once it was cut inside of a character
						t.Errorf("it went on from %d places only", went)
					}
				})
			}
		}
	}
}

// resumeAt goes on with a stream that was cut after some events, in all ways,
// and gives how many were possible.
func resumeAt(t *testing.T, w way, events []string, a *answer, want told) (went int) {
	t.Helper()
	for i, mode := range []transform.ResumeMode{transform.Splice, transform.Continue} {
		l := transform.NewLedger(w.caller)
		before, err := attempt(t, w, strings.Join(events, ""), true, l)
		if !errors.Is(err, errCut) {
			t.Fatalf("after %d: %v", len(events), err)
		}
		if ok, _ := l.CanGoOn(); !ok || l.Text() == "" && mode == transform.Continue {
			l.Release()
			continue
		}
		went = 1
		want := want
		if before == "" {
			want.id, want.model = "", ""
		}
		second := transform.Dialects()[(len(events)+i)%4]
		cutter := []string{"as a whole", "one by one", "by seven", "escaped by 1", "escaped by 5"}[(len(events)+3*i)%5]
		after, err := resumed(t, l, way{caller: w.caller, channel: second}, mode, *a, cutter)
		if err != nil {
			t.Fatalf("%s, mode %d, %s, after %d events, %q: %v", second, mode, cutter, len(events), l.Text(), err)
		}
		got := readStrictly(t, w.caller, before+after)
		if mode == transform.Continue {
			got.output -= 100
		}
		if before == "" {
			got.id, got.model = "", ""
		}
		if got != want {
			t.Fatalf("%s, mode %d, %s, after %d events:\n got %+v\nwant %+v\n%s-----\n%s", second, mode, cutter, len(events), got, want, before, after)
		}
		if l.Text() != whole {
			t.Fatalf("the ledger has %q", l.Text())
		}
		if ok, why := l.CanGoOn(); ok || why == "" {
			t.Fatalf("a whole answer can go on")
		}
		l.Release()
	}
	return went
}

// The connection may break inside of an event, too.
func TestResumeAtEveryByte(t *testing.T) {
	a := first("text")
	a.text = plainly(whole, 25)
	for _, d := range transform.Dialects() {
		text := strings.Join(frames(d, a), "")
		uncut, _ := attempt(t, way{caller: d, channel: d}, text, false)
		want := readStrictly(t, d, uncut)
		for n := 0; n < len(text); n += 3 {
			l := transform.NewLedger(d)
			before, _ := attempt(t, way{caller: d, channel: d}, text[:n], true, l)
			if ok, _ := l.CanGoOn(); !ok || l.Text() == "" {
				continue
			}
			after, err := resumed(t, l, way{caller: d, channel: d}, transform.ResumeMode(n%2), *a, "by seven")
			if err != nil {
				t.Fatalf("%s at %d: %v", d, n, err)
			}
			got := readStrictly(t, d, before+after)
			got.output = want.output
			if got != want {
				t.Fatalf("%s at %d: got %+v, want %+v", d, n, got, want)
			}
			l.Release()
		}
	}
}

// An answer may break off again and again.
func TestResumeTwice(t *testing.T) {
	a := first("text")
	for _, d := range transform.Dialects() {
		events := frames(d, a)
		for n := range events {
			for m := range events {
				l := transform.NewLedger(d)
				stream, _ := attempt(t, way{caller: d, channel: d}, strings.Join(events[:n], ""), true, l)
				if ok, _ := l.CanGoOn(); !ok || l.Text() == "" {
					continue
				}
				r, err := l.Resume([]byte(ask1(d)), transform.Splice)
				if err != nil {
					t.Fatal(err)
				}
				second, _ := attempt(t, way{caller: d, channel: d}, strings.Join(events[:m], ""), true, r, l)
				stream += second
				if ok, _ := l.CanGoOn(); !ok {
					continue
				}
				third, err := resumed(t, l, way{caller: d, channel: gemini}, transform.Continue, *a, "by seven")
				if err != nil {
					t.Fatal(err)
				}
				if got := readStrictly(t, d, stream+third); got.text != whole || got.stop != "end" {
					t.Fatalf("%s at %d and %d: %+v", d, n, m, got)
				}
			}
		}
	}
}

// Long streams are looked at in pieces.
func TestLongStreamsGoOn(t *testing.T) {
	const piece = "many words \\\"quoted\\\" and 日本 \\ud83d\\ude00 "
	for _, d := range transform.Dialects() {
		a := &answer{id: "one", text: strings.Split(strings.Repeat(piece+"|", 1000), "|"), input: 10, output: 20, stop: "end"}
		events := frames(d, a)
		l := transform.NewLedger(d)
		before, _ := attempt(t, way{caller: d, channel: d}, strings.Join(events[:800], ""), true, l)
		r, err := l.Resume([]byte(ask1(d)), transform.Splice)
		if err != nil {
			t.Fatal(err)
		}
		after, err := attempt(t, way{caller: d, channel: d}, strings.Join(events, ""), false, r, l)
		if err != nil {
			t.Fatal(err)
		}
		if got := readStrictly(t, d, before+after); got.text != strings.Repeat(strings.NewReplacer(`\"`, `"`, `\ud83d\ude00`, "😀").Replace(piece), 1000) {
			t.Errorf("%s: the text has %d bytes", d, len(got.text))
		}
		l.Release()
	}
}

func TestAnswersThatAreTooLongAreNotRemembered(t *testing.T) {
	l := transform.NewLedger(chat)
	ev := transform.Event{Data: []byte(chunk(`{"content":"`+strings.Repeat("x", 10_000)+`"}`, ""))}
	for range 200 {
		_ = l.Event(ev, func(transform.Event) {})
	}
	if ok, why := l.CanGoOn(); ok || why != "the answer is too long" {
		t.Error(ok, why)
	}
}

func TestLedgerChangesNothing(t *testing.T) {
	const in = ": hi\r\n\r\nid: 3\nevent: x\ndata:1\n\n\n\ndata: 2\r\n\r\n"
	if got, err := read(t, in, transform.NewLedger(chat)); got != in || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func BenchmarkLedger(b *testing.B) {
	for _, d := range transform.Dialects() {
		begin, event, _ := eventsOf(d)
		data, _ := strings.CutPrefix(strings.TrimSpace(event), "data: ")
		ev := transform.Event{Data: []byte(data), Raw: []byte(event)}
		b.Run(string(d), func(b *testing.B) {
			l := transform.NewLedger(d)
			emit := func(transform.Event) {}
			_, _ = io.Copy(io.Discard, transform.NewReader(transform.NewScanner(bytes.NewReader([]byte(begin)), 0), l))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if n++; n == 5000 { // an answer of that many events
					n = 0
					l.Release()
					l = transform.NewLedger(d)
				}
				_ = l.Event(ev, emit)
			}
		})
	}
}
