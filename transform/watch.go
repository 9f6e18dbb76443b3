package transform

import (
	"bytes"
	"errors"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Watch is a [Stream] that changes nothing and knows how far the answer is.
// It leaves out what is no event of the dialect, supplies the end mark of a
// complete answer that lacks it, and tells a truncated one at the end.
type Watch struct {
	look    watcher
	text    *conv.Shape // of the data of events that bring nothing but text; nil when runs of them are not wanted, or not known
	frame   conv.Shape  // of such events as a whole
	dialect Dialect
	marks   conv.Mark
	skipped int
	pieces  int
	input   int64 // an estimate of its tokens; 0 for none
	after   int   // events that brought nothing, after the answer was complete
	hold    bool
	held    *Event
	done    func()     // nil for none; see AfterComplete
	last    conv.Usage // when the stream had ended
	hasLast bool
}

// ErrHeld is given by a [Watch] that holds an error event of the provider.
var ErrHeld = errors.New("transform: the provider sent an error")

// maxAfter is how many events that bring nothing a complete answer may be
// followed by. A stream that goes on so has no end.
const maxAfter = 8

var errNoEnd = errors.New("transform: the stream goes on without its end mark")

// NewWatch watches a stream of the dialect.
func NewWatch(d Dialect) *Watch {
	return &Watch{look: codecOf(d).watcher(), dialect: d}
}

// Expect says how many answers the call asks for, where it may ask for several
// in one: one that has ended is not the end of all.
func (w *Watch) Expect(n int) {
	if c, ok := w.look.(counter); ok {
		c.Expect(n)
	}
}

// Translated says that the stream is for a caller of another dialect. How an
// answer may end in one dialect only, such as in a call that is none, is then an
// error of the provider, as it is for the translation.
func (w *Watch) Translated() {
	if s, ok := w.look.(stricter); ok {
		s.Strict()
	}
}

// HoldFailure makes the Watch keep an error event of the provider to itself and
// give [ErrHeld] instead: the answer may be saved before anybody sees it.
func (w *Watch) HoldFailure() { w.hold = true }

// Held gives the error event that was held, a copy, or false when there is
// none.
func (w *Watch) Held() (Event, bool) {
	if w.held == nil {
		return Event{}, false
	}
	return *w.held, true
}

// Event passes ev on, unless it is none of the dialect. It gives an error when
// a complete answer is followed by signs of life and nothing else.
func (w *Watch) Event(ev Event, emit func(Event)) error {
	var mark conv.Mark
	if ev.Data != nil {
		mark = conv.MarkInvalid
		if !jsonscan.Deep(ev.Data) {
			mark = w.look.Look(ev.Name, ev.Data)
		}
	}
	switch {
	case mark.Has(conv.MarkInvalid):
		w.skipped++
		return nil
	case mark.Has(conv.MarkError) && w.marks.Has(conv.MarkEnd): // of another answer
		w.skipped++
		return nil
	case mark.Has(conv.MarkError) && w.hold: // the stream has not said it yet
		w.held = &Event{Name: bytes.Clone(ev.Name), Data: bytes.Clone(ev.Data), Raw: bytes.Clone(ev.Raw)}
		return ErrHeld
	case mark.Has(conv.MarkOver) && !w.Ended():
		if err := w.Close(emit); err != nil { // a reader would take the answer for whole
			return err
		}
	case mark == 0 && w.Complete() && !w.Ended():
		if w.after++; w.after > maxAfter {
			return errNoEnd
		}
	}
	if mark.Has(conv.MarkEnd) && !w.Ended() { // whatever still comes is of another answer
		w.last, w.hasLast, _ = w.look.Seen()
	}
	w.marks |= mark
	if mark.Has(conv.MarkContent) {
		w.pieces++
		w.after = 0
		if w.text != nil && ev.Raw != nil {
			w.frame.Frame(ev.Raw, ev.Data, w.text)
		}
	}
	if w.done != nil && w.Complete() {
		w.done()
	}
	emit(ev)
	return nil
}

// run does what Event does for all events at the begin of stream that are known
// by their shape, and tells how many there are and how long they are together.
func (w *Watch) run(stream []byte) (size, events int) {
	if w.Complete() || w.Ended() {
		return 0, 0
	}
	size, events = w.frame.Run(stream)
	w.pieces += events // of a stream that has begun: the shape is that of a piece
	return size, events
}

// Close supplies the end mark of an answer that is complete without it, and
// gives [ErrTruncated] for one that is not.
func (w *Watch) Close(emit func(Event)) error {
	switch {
	case w.marks&(conv.MarkEnd|conv.MarkError) != 0:
		return nil
	case w.marks&conv.MarkFinish != 0, w.fewer():
		w.marks |= conv.MarkFinish | conv.MarkEnd
		if c := codecOf(w.dialect); c.endData != "" {
			emit(Event{Name: []byte(c.endName), Data: []byte(c.endData)})
		}
		return nil
	}
	if e, ok := w.look.(ender); ok {
		if name, data := e.End(w.estimate()); data != nil {
			w.marks |= conv.MarkFinish | conv.MarkEnd
			emit(Event{Name: []byte(name), Data: data})
			return nil
		}
	}
	return ErrTruncated
}

// fewer reports that all the answers that came are whole: not every provider
// gives as many as it is asked for.
func (w *Watch) fewer() bool {
	c, ok := w.look.(counter)
	return ok && c.Stopped()
}

// AfterComplete makes the Watch call f for every event from that on which
// completes the answer.
func (w *Watch) AfterComplete(f func()) { w.done = f }

// EstimateInput says about how many tokens the request has. A last event that
// the Watch supplies then tells an estimate of the usage, marked as such where
// the dialect has it in the event that is missing.
func (w *Watch) EstimateInput(tokens int64) { w.input = tokens }

func (w *Watch) estimate() *conv.Usage {
	if w.input == 0 {
		return nil
	}
	return &conv.Usage{Input: w.input, Output: int64(w.pieces)}
}

// Begun reports that a part of the answer itself has come.
func (w *Watch) Begun() bool { return w.marks&conv.MarkContent != 0 }

// Complete reports that the whole answer has come, its end mark perhaps not.
func (w *Watch) Complete() bool { return w.marks&(conv.MarkFinish|conv.MarkEnd) != 0 }

// Ended reports that the stream has said its last: its end mark or an error.
func (w *Watch) Ended() bool { return w.marks&(conv.MarkEnd|conv.MarkError) != 0 }

// Skipped is the number of events left out because they were invalid.
func (w *Watch) Skipped() int { return w.skipped }

// Pieces is the number of events that brought a part of the answer: about its
// tokens, when the provider does not tell them.
func (w *Watch) Pieces() int { return w.pieces }

// Failure is the error that the provider sent inside the stream, or nil.
func (w *Watch) Failure() *Error {
	if w.held == nil && !w.marks.Has(conv.MarkError) {
		return nil
	}
	_, _, err := w.look.Seen()
	return (*Error)(err)
}

// Usage is the usage seen so far; ok tells whether the provider sent any.
func (w *Watch) Usage() (u Usage, ok bool) {
	if w.hasLast {
		return Usage(w.last), true
	}
	seen, ok, _ := w.look.Seen()
	return Usage(seen), ok
}

// Look reads the usage of a whole answer, and the error that a provider may
// have put into one that claims success.
func Look(d Dialect, body []byte) (u Usage, ok bool, failure *Error) {
	seen, ok, err := codecOf(d).lookBody(body)
	return Usage(seen), ok, (*Error)(err)
}
