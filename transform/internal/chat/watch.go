package chat

import (
	"math/bits"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Watch looks at the events of a stream of this protocol that passes
// through untouched. Its zero value is ready.
type Watch struct {
	Usage    conv.Usage
	HasUsage bool
	Err      *conv.Error // of an error in place of a chunk

	text  conv.Shape
	asked int    // how many answers were asked for; 0 when that is not known
	open  uint64 // those that have begun and not ended, by index
	ended uint64 // those that have ended
	other bool   // something came that is not of this protocol, and may be an answer to its caller
}

// Expect says how many answers were asked for.
func (w *Watch) Expect(n int) { w.asked = n }

// Stopped reports that all the answers that have begun have ended.
func (w *Watch) Stopped() bool { return w.ended != 0 && w.open == 0 }

// Text is the shape of the events that bring text and tell nothing else.
func (w *Watch) Text() *conv.Shape { return &w.text }

// Look tells what one event says about the answer and keeps its usage.
func (w *Watch) Look(name, data []byte) conv.Mark {
	if _, ok := w.text.Match(data); ok {
		return conv.MarkContent
	}
	if isDone(data) {
		if w.open|w.ended == 0 && !w.other { // of no answer
			return conv.MarkOver
		}
		return conv.MarkEnd
	}
	if string(name) == "error" {
		w.Err = ReadError(0, data)
		return conv.MarkError
	}
	text := conv.View(data)
	if !gjson.Valid(text) {
		return conv.MarkInvalid
	}
	k := parseChunk(conv.Body(text))
	if err := k.failure(data); err != nil {
		w.Err = err
		return conv.MarkError
	}
	told := readUsage(&w.Usage, k.usage)
	w.HasUsage = w.HasUsage || told
	w.other = w.other || k.choices == "" && !told
	mark, lit := deltaMark(k.choice.delta)
	stopped := w.follow(k.choices)
	if stopped && w.open == 0 && bits.OnesCount64(w.ended) >= w.asked {
		return mark | conv.MarkFinish
	}
	if !told && !stopped {
		w.text.Learn(data, lit)
	}
	return mark
}

// follow notes which answers begin and end with a chunk, and tells whether one
// of them ends. What a server sends of an answer after its end opens it no more.
func (w *Watch) follow(choices conv.Raw) (stopped bool) {
	for c := choices.Walk(); c.Next(); {
		k := parseChoice(c.Value)
		bit := uint64(1) << min(k.index, 63)
		if k.stop.IsEmpty() {
			w.open |= bit &^ w.ended
		} else {
			w.open &^= bit
			w.ended |= bit
			stopped = true
		}
	}
	return stopped
}

// deltaMark tells whether the delta brings a part of the answer, and the
// string that is that part if it is plain text.
func deltaMark(delta conv.Raw) (mark conv.Mark, lit conv.Str) {
	for c := delta.Walk(); c.Next(); {
		switch c.Key {
		case "content", "reasoning_content", "reasoning", "reasoning_details", "refusal", "tool_calls", "function_call":
			if !c.Value.IsEmpty() {
				mark, lit = conv.MarkContent, c.Value.Str()
			}
		}
	}
	return mark, lit
}

// LookBody tells the usage of a whole answer, and the error of a body that is
// none although its status was good.
func LookBody(body []byte) (u conv.Usage, ok bool, err *conv.Error) {
	text := conv.View(body)
	if !gjson.Valid(text) {
		return u, false, nil
	}
	k := parseChunk(conv.Body(text))
	if err := k.failure(body); err != nil {
		return u, false, err
	}
	ok = readUsage(&u, k.usage)
	return u, ok, nil
}

// Seen gives the usage so far, whether there was any, and the error that came
// in place of an event.
func (w *Watch) Seen() (u conv.Usage, ok bool, failure *conv.Error) {
	return w.Usage, w.HasUsage, w.Err
}
