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
	dialect Dialect
	marks   conv.Mark
	skipped int
	pieces  int
	hold    bool
	held    *Event
}

// ErrHeld is given by a [Watch] that holds an error event of the provider.
var ErrHeld = errors.New("transform: the provider sent an error")

// NewWatch watches a stream of the dialect.
func NewWatch(d Dialect) *Watch {
	return &Watch{look: codecOf(d).watcher(), dialect: d}
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

// Event passes ev on, unless it is none of the dialect.
func (w *Watch) Event(ev Event, emit func(Event)) error {
	if ev.Data != nil {
		mark := conv.MarkInvalid
		if !jsonscan.Deep(ev.Data) {
			mark = w.look.Look(ev.Name, ev.Data)
		}
		if mark&conv.MarkInvalid != 0 {
			w.skipped++
			return nil
		}
		if mark&conv.MarkError != 0 && w.hold { // the stream has not said it yet
			w.held = &Event{Name: bytes.Clone(ev.Name), Data: bytes.Clone(ev.Data), Raw: bytes.Clone(ev.Raw)}
			return ErrHeld
		}
		w.marks |= mark
		if mark&conv.MarkContent != 0 {
			w.pieces++
		}
	}
	emit(ev)
	return nil
}

// Close supplies the end mark of an answer that is complete without it, and
// gives [ErrTruncated] for one that is not.
func (w *Watch) Close(emit func(Event)) error {
	switch {
	case w.marks&(conv.MarkEnd|conv.MarkError) != 0:
		return nil
	case w.marks&conv.MarkFinish != 0:
		w.marks |= conv.MarkEnd
		if c := codecOf(w.dialect); c.endData != "" {
			emit(Event{Name: []byte(c.endName), Data: []byte(c.endData)})
		}
		return nil
	}
	return ErrTruncated
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
	_, _, err := w.look.Seen()
	return (*Error)(err)
}

// Usage is the usage seen so far; ok tells whether the provider sent any.
func (w *Watch) Usage() (u Usage, ok bool) {
	seen, ok, _ := w.look.Seen()
	return Usage(seen), ok
}

// Look reads the usage of a whole answer, and the error that a provider may
// have put into one that claims success.
func Look(d Dialect, body []byte) (u Usage, ok bool, failure *Error) {
	seen, ok, err := codecOf(d).lookBody(body)
	return Usage(seen), ok, (*Error)(err)
}
