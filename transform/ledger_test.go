package transform_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// What a Ledger knows is the same whether it gets event by event, or from a
// Reader what that serves, however that is read, and whoever asks in between.
func TestLedgerOfAReaderKnowsWhatOneOfItsEventsDoes(t *testing.T) {
	kinds := map[string]*answer{
		"short":     {id: "one", text: plainly(whole, 6), stop: "end"},
		"long":      {id: "one", text: plainly(strings.Repeat(whole, 400), 60), stop: "end"},
		"huge":      {id: "one", text: plainly(strings.Repeat(whole, 2500), 40_000), stop: "end"},
		"reasoning": {id: "one", reasoning: plainly("What is it?", 3), text: plainly(whole, 6), stop: "end"},
		"tool":      {id: "one", text: plainly(whole, 6), tool: true, stop: "end"},
	}
	for _, d := range transform.Dialects() {
		for kind, a := range kinds {
			events := frames(d, a)
			for _, part := range []int{1, len(events) / 3, len(events) / 2, len(events) - 3, len(events)} {
				stream := ": a comment\n\n" + strings.Join(events[:part], ": another\n\n")
				byEvent := transform.NewLedger(d)
				if _, err := read(t, stream, byEvent); err != nil {
					t.Fatal(err)
				}
				for _, size := range []int{7, 3000, 1 << 20} {
					for _, asked := range []bool{false, true} {
						l := remembered(t, d, stream, size, asked)
						if got, want := knows(l), knows(byEvent); got != want {
							t.Fatalf("%s, %s, %d events read by %d bytes, asked %v: it knows\n%s, and not\n%s", d, kind, part, size, asked, got, want)
						}
					}
				}
			}
		}
	}
}

// remembered gives the Ledger of a Reader whose stream was read.
func remembered(t *testing.T, d transform.Dialect, stream string, size int, asked bool) *transform.Ledger {
	t.Helper()
	l := transform.NewLedger(d)
	r := transform.NewReader(transform.NewScanner(strings.NewReader(stream), 0), nil)
	r.Remember(l)
	if err := r.Fill(); err != nil { // as for an answer that has to prove itself
		t.Fatal(err)
	}
	for buf := make([]byte, size); ; {
		_, err := r.Read(buf)
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		if asked {
			l.InText()
		}
	}
}

func knows(l *transform.Ledger) string {
	ok, why := l.CanGoOn()
	return fmt.Sprint(ok, why, l.Over(), l.InText(), " ", l.Text())
}
