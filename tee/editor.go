package tee

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// An editor takes out of the records what their destination may not get, and
// gives them to its sink. It makes copies, in memory that it uses again.
type editor struct {
	next  BatchSink
	limit int // bytes of a body; 0 for no bodies
	paths pathRedactor

	records []Record
	batch   []*Record
	bodies  []byte    // of the batch, those that were changed
	scratch [2][]byte // for the steps of an edit, in turns
	turn    int       // of scratch
}

// newEditor makes the editor of a destination that is valid.
func newEditor(d *Destination) *editor {
	e := &editor{next: d.Sink, limit: int(max(d.BodyLimit, 0))}
	for _, path := range d.Redact {
		parts, _ := parsePath(path)
		e.paths.paths = append(e.paths.paths, parts)
	}
	return e
}

// WriteBatch gives the edited records to the sink.
func (e *editor) WriteBatch(ctx context.Context, records []*Record) error {
	if cap(e.bodies) > maxBuffer {
		e.bodies, e.scratch = nil, [2][]byte{}
	}
	e.bodies, e.batch = e.bodies[:0], e.batch[:0]
	e.records = slices.Grow(e.records[:0], len(records))[:len(records)]
	var broken error
	for i, r := range records {
		e.records[i] = *r
		if err := e.edit(&e.records[i]); err != nil {
			broken = err
		}
		e.batch = append(e.batch, &e.records[i])
	}
	err := e.next.WriteBatch(ctx, e.batch)
	clear(e.records)
	if err == nil && broken != nil {
		return &PartialError{Taken: len(records), Err: broken}
	}
	return err
}

// Close closes the sink.
func (e *editor) Close(ctx context.Context) error { return closeSink(ctx, e.next) }

// edit leaves the bodies out when they make it, or what puts a streamed answer
// together, panic.
func (e *editor) edit(r *Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Request, r.Response, r.Streamed, r.Error = nil, nil, nil, ""
			err = fmt.Errorf("tee: the bodies of call %s could not be read: %v", r.TraceID, p)
		}
	}()
	if r.Error != "" { // some providers repeat the key there
		r.Error = gjson.ParseBytes(scrub(nil, jsonscan.AppendString(nil, r.Error), false)).Str
	}
	answer := r.Response
	if e.limit > 0 {
		answer = r.Answer()
	}
	r.Request, r.RequestCut = e.body(r.Request, r.RequestCut)
	r.Response, r.ResponseCut = e.body(answer, r.ResponseCut)
	r.Streamed, r.fit = nil, true
	return nil
}

// body gives what the destination gets of a body: what was configured and
// credentials are taken out before it is cut.
func (e *editor) body(text json.RawMessage, cut bool) (json.RawMessage, bool) {
	if e.limit == 0 || len(text) == 0 {
		return nil, false
	}
	b := []byte(text)
	if len(b) > e.limit+slack {
		b, cut = e.step(b, func(buf, b []byte) []byte { return beginning(buf, b, e.limit+slack) }), true
	}
	if !oneLine(b) {
		b = e.step(b, appendUnfit)
	}
	if bytes.Contains(b, escapedASCII) {
		b = e.step(b, plainEscapes)
	}
	if len(e.paths.paths) > 0 {
		b = e.step(b, e.paths.redactBody)
	}
	b = e.step(b, func(buf, b []byte) []byte { return scrub(buf, b, cut) })
	b = e.step(b, func(buf, b []byte) []byte {
		short, shorter := shorten(buf, b, e.limit)
		cut = cut || shorter
		return short
	})
	if same(b, text) {
		return text, cut
	}
	start := len(e.bodies)
	e.bodies = append(e.bodies, b...)
	return e.bodies[start:len(e.bodies):len(e.bodies)], cut
}

// slack is how much more of a body is looked at than is given away, so that
// nothing that is taken out is met in the middle.
const slack = 4 << 10

// beginning gives a string with the first bytes of a body.
func beginning(buf, body []byte, n int) []byte {
	if body[0] == '"' && gjson.ValidBytes(body) {
		body = []byte(gjson.ParseBytes(body).Str)
	}
	return jsonscan.AppendString(buf, body[:runeStart(body, n)])
}

// runeStart is the first place before n, or n, where a character begins.
func runeStart(text []byte, n int) int {
	if n >= len(text) {
		return len(text)
	}
	for i := n; i > max(0, n-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return n // it is no UTF-8
}

// step gives b as f changes it, or b when f gives that back.
func (e *editor) step(b []byte, f func(buf, b []byte) []byte) []byte {
	changed := f(e.scratch[e.turn][:0], b)
	if same(changed, b) {
		return b
	}
	e.scratch[e.turn] = changed
	e.turn ^= 1
	return changed
}

// same reports that a and b are the same memory.
func same(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// shorten gives a JSON text of not much more than limit bytes: text itself, or
// a string with the beginning of what it says.
func shorten(buf, text []byte, limit int) (short []byte, cut bool) {
	if len(text) <= limit {
		return text, false
	}
	said := text
	if text[0] == '"' {
		if said = []byte(gjson.ParseBytes(text).Str); len(said) <= limit {
			return text, false
		}
	}
	return jsonscan.AppendString(buf, said[:runeStart(said, limit)]), true
}
