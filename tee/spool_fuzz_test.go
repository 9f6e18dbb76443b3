package tee

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Whatever is in a segment, reading it ends, and finds every whole line.
func FuzzSpoolReader(f *testing.F) {
	line := func(model string) []byte {
		return endLine((&Record{Model: model}).AppendJSON(make([]byte, lineHead)), 0)
	}
	good := line("good")
	f.Add([]byte{}, []byte{})
	f.Add(good, good)
	f.Add(good[:len(good)/2], []byte("\n\n"))
	f.Add(endLine(append(make([]byte, lineHead), "not a record"...), 0), good[:9])
	f.Add([]byte("00000000 \n"), []byte(strings.Repeat("x", 10_000)))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		data := slices.Concat(before, []byte("\n"), line("mine"), after)
		models, broken := readAll(t, data)
		if !slices.Contains(models, "mine") {
			t.Errorf("a whole line between %q and %q was not read", before, after)
		}
		if lines := bytes.Count(data, []byte("\n")); len(models)+int(broken) != lines {
			t.Errorf("%d records and %d broken ones in %d lines", len(models), broken, lines)
		}
	})
}

func FuzzSpoolAck(f *testing.F) {
	f.Add([]byte("x"), int64(1))
	f.Fuzz(func(t *testing.T, junk []byte, offset int64) {
		g := &segment{number: 1}
		dir := t.TempDir()
		write(t, g.path(dir, "ack"), append(junk, '\n'))
		if err := g.ack(dir, offset); err != nil {
			t.Fatal(err)
		}
		if got := readAck(g.path(dir, "ack")); offset > 0 && got != offset || got < 0 {
			t.Errorf("after %q, %d is read as %d", junk, offset, got)
		}
	})
}
