package sim

import (
	"bytes"
	"net/http"
	"strings"
)

// A tape records what a handler answers at once, to be played in its own time.
type tape struct {
	header http.Header
	status int
	frames [][]byte // as they were flushed
}

func newTape() *tape { return &tape{header: make(http.Header)} }

func (t *tape) Header() http.Header { return t.header }

func (t *tape) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
}

func (t *tape) Write(p []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	t.frames = append(t.frames, bytes.Clone(p))
	return len(p), nil
}

func (t *tape) Flush() {}

// whole is all that was written.
func (t *tape) whole() []byte { return bytes.Join(t.frames, nil) }

// parts joins what was written so that each part brings one of the pieces of
// the text, the first with what comes before it, the last with what comes after
// it.
func (t *tape) parts(pieces []string) [][]byte {
	out := make([][]byte, 0, len(pieces))
	var part []byte
	for _, frame := range t.frames {
		if len(out) < len(pieces) && len(part) > 0 && bytes.Contains(part, []byte(pieces[len(out)])) && brings(frame, pieces, len(out)+1) {
			out, part = append(out, part), nil
		}
		part = append(part, frame...)
	}
	return append(out, part)
}

// brings reports that the frame has a piece, if there is such a one.
func brings(frame []byte, pieces []string, n int) bool {
	return n < len(pieces) && strings.Contains(string(frame), pieces[n])
}
