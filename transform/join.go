package transform

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A join finds out whether the text of an answer goes on with a text that the
// caller has, and where.
type join struct {
	state joinState
	old   string
	why   string // it does not; "" while it may

	same  conv.Match // of old, or of its beginning
	space conv.Match // of the white space that old ends with
	held  []conv.Str // text that waits until it is known what it is

	continued bool // the answer counts only what it adds
}

type joinState uint8

const (
	beginning joinState = iota // Continue: what has come may be old anew
	spacing                    // Continue: white space is repeated that was asked for without
	repeating                  // Splice: what has come is in old
	joined
)

// How much of the beginning of a text tells that it begins anew, in bytes.
const (
	anewLong  = 32
	anewShort = 12 // of a text that has no more
	// A continuation that begins so far like the text, and then differs,
	// would be one by chance: sooner it begins anew in other words.
	anewDoubt = 4
)

func newJoin(old string, mode ResumeMode) join {
	j := join{old: old}
	switch {
	case old == "":
		j.state = joined
	case mode == Splice:
		j.splice()
	default:
		j.same = conv.NewMatch(beginOf(old))
		j.space = conv.NewMatch(old[len(trimmed(old)):])
	}
	return j
}

// trimmed gives the text as it can be sent for a model to go on with.
func trimmed(text string) string { return strings.TrimRightFunc(text, unicode.IsSpace) }

func beginOf(text string) string {
	n := min(len(text), anewLong)
	for n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return text[:n]
}

func (j *join) splice() { j.state, j.same = repeating, conv.NewMatch(j.old) }

func (j *join) fail(why string) { j.why = why }

// text takes a piece of the answer and gives what of it the caller lacks.
func (j *join) text(piece conv.Str, emit func(conv.Str)) {
	if piece.Empty() || j.why != "" {
		return
	}
	switch j.state {
	case beginning:
		j.begin(piece, emit)
	case spacing:
		j.match(&j.space, piece, "it does not repeat the white space before it", emit)
	case repeating:
		j.match(&j.same, piece, "it says something else", emit)
	case joined:
		emit(piece)
	}
}

// match takes a piece that is to repeat what the caller has.
func (j *join) match(m *conv.Match, piece conv.Str, why string, emit func(conv.Str)) {
	rest, ok := m.Take(piece)
	if !ok {
		j.fail(why)
		return
	}
	if m.Done() {
		j.state = joined
		if !rest.Empty() {
			emit(rest)
		}
	}
}

// begin finds out whether the answer goes on or begins anew, as that of a
// server does which takes no heed of what it is to go on with.
func (j *join) begin(piece conv.Str, emit func(conv.Str)) {
	j.held = append(j.held, conv.Str(strings.Clone(string(piece))))
	_, same := j.same.Take(piece)
	switch {
	case same && !j.same.Done():
		return
	case same && !j.tellsAnew():
		j.fail("it may begin anew, or repeat itself")
		return
	case same:
		j.splice()
	case len(beginOf(j.old))-j.same.Left() >= anewDoubt:
		j.fail("it seems to begin anew in other words")
		return
	default:
		j.state, j.continued = spacing, true
		if j.space.Done() {
			j.state = joined
		}
	}
	held := j.held
	j.held = nil
	for _, piece := range held {
		j.text(piece, emit)
	}
}

// tellsAnew reports that the beginning of the text is one that it would not
// repeat by itself.
func (j *join) tellsAnew() bool {
	begin := beginOf(j.old)
	return len(begin) >= anewShort && !strings.Contains(j.old[1:], begin)
}

// tool: a call can follow what the caller has, but not a part of it.
func (j *join) tool() {
	if j.state == beginning && j.held == nil {
		j.state, j.continued = joined, true
		return
	}
	if j.state != joined {
		j.fail("it calls a tool before it has said what the caller has")
	}
}

// end: nothing more may come if nothing was missing.
func (j *join) end(stop conv.StopReason) {
	switch {
	case j.state == joined:
	case j.state == beginning && j.held == nil && j.space.Done() && stop != conv.StopRefusal:
		j.state, j.continued = joined, true
	default:
		j.fail("it ends before it has said what the caller has")
	}
}
