package gemini

import (
	"math/bits"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Watch looks at the events of a stream of this protocol that passes
// through untouched. Its zero value is ready.
type Watch struct {
	Usage    conv.Usage
	HasUsage bool
	Err      *conv.Error // of an error in place of a chunk

	strict      bool   // see Strict
	asked       int    // how many candidates were asked for; 0 when that is not known
	open, ended uint64 // those that have begun and not ended, and those that have, if there are several
}

// Strict makes an answer that ends in a malformed call an error, as it is in a
// protocol that has no reason for it.
func (w *Watch) Strict() { w.strict = true }

// Expect says how many candidates were asked for.
func (w *Watch) Expect(n int) { w.asked = n }

// Stopped reports that all the candidates that have begun have ended.
func (w *Watch) Stopped() bool { return w.ended != 0 && w.open == 0 }

// follow notes which candidates begin and end with a chunk, and tells whether
// all of them have. What comes of one after its end opens it no more.
func (w *Watch) follow(v conv.Raw) (stopped bool) {
	list := v.Get("candidates")
	for c := list.Walk(); list.IsArray() && c.Next(); {
		bit := uint64(1) << min(c.Value.Get("index").Count(), 63)
		if c.Value.Get("finishReason").IsEmpty() {
			w.open |= bit &^ w.ended
			continue
		}
		w.open &^= bit
		w.ended |= bit
	}
	return w.open == 0 && bits.OnesCount64(w.ended) >= w.asked
}

// Look tells what one event says about the answer and keeps its usage.
func (w *Watch) Look(_, data []byte) conv.Mark {
	if isDone(data) {
		return conv.MarkOver
	}
	text := conv.View(data)
	if !gjson.Valid(text) {
		return conv.MarkInvalid
	}
	v := conv.Body(text)
	if !v.IsArray() {
		return w.chunk(data, v)
	}
	var mark conv.Mark
	for c := v.Walk(); c.Next(); {
		mark |= w.chunk([]byte(c.Value), c.Value)
	}
	return mark
}

func (w *Watch) chunk(data []byte, v conv.Raw) (mark conv.Mark) {
	k := parseChunk(v)
	if err := k.failure(data); err != nil {
		w.Err = err
		return conv.MarkError
	}
	if readUsage(&w.Usage, k.usage) {
		w.HasUsage = true
	}
	for c := k.parts.Walk(); k.parts.IsArray() && c.Next(); {
		if p := parsePiece(c.Value); !p.text.Empty() || !p.call.IsNull() || !p.signature.Empty() || p.lost != "" {
			mark = conv.MarkContent
		}
	}
	stopped := !k.stop.IsEmpty()
	if err := k.broken(); err != nil && w.strict {
		w.Err = err
		return conv.MarkError
	}
	if w.asked > 1 {
		stopped = w.follow(v)
	}
	if stopped || k.blocked() {
		mark |= conv.MarkFinish
	}
	return mark
}

// LookBody tells the usage of a whole answer, and the error of a body that is
// none although its status was good. The body may be the list of a stream's
// chunks.
func LookBody(body []byte) (u conv.Usage, ok bool, err *conv.Error) {
	text := conv.View(body)
	if !gjson.Valid(text) {
		return u, false, nil
	}
	var w Watch
	w.Look(nil, body)
	return w.Usage, w.HasUsage, w.Err
}

// Seen gives the usage so far, whether there was any, and the error that came
// in place of an event.
func (w *Watch) Seen() (u conv.Usage, ok bool, failure *conv.Error) {
	return w.Usage, w.HasUsage, w.Err
}
