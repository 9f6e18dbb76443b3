package sim

import (
	"bytes"
	"net/http"
)

// A tape records what a handler answers at once, to be played in its own time.
type tape struct {
	header http.Header
	status int
	text   bytes.Buffer
	ends   []int // of what was written at once, in text
}

func newTape() *tape {
	t := &tape{header: make(http.Header), ends: make([]int, 0, mostPieces+8)}
	t.text.Grow(4 << 10)
	return t
}

func (t *tape) Header() http.Header { return t.header }

func (t *tape) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
}

func (t *tape) Write(p []byte) (int, error) { return t.WriteString(string(p)) }

func (t *tape) WriteString(s string) (int, error) {
	t.WriteHeader(http.StatusOK)
	t.text.WriteString(s)
	t.ends = append(t.ends, t.text.Len())
	return len(s), nil
}

func (t *tape) Flush() {}

// whole is all that was written.
func (t *tape) whole() []byte { return t.text.Bytes() }

// parts cuts what was written so that each part brings one of the pieces of the
// text, the first with what comes before it, the last with what comes after it.
func (t *tape) parts(pieces []string) [][]byte {
	out := make([][]byte, 0, len(pieces))
	all, begin, brought := t.text.Bytes(), 0, 0
	for i, end := range t.ends {
		from := 0
		if i > 0 {
			from = t.ends[i-1]
		}
		if brought == len(pieces) || !bytes.Contains(all[from:end], []byte(pieces[brought])) {
			continue
		}
		if brought > 0 {
			out = append(out, all[begin:from])
			begin = from
		}
		brought++
	}
	return append(out, all[begin:])
}
