package responses

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Watch looks at the events of a stream of this protocol that passes
// through untouched. Its zero value is ready.
type Watch struct {
	Usage    conv.Usage
	HasUsage bool
	Err      *conv.Error // of an event that tells one

	ending ending
}

// Look tells what one event says about the answer and keeps its usage. The
// mark by which other protocols end a stream is no end here: it does not tell
// how the answer ended.
func (w *Watch) Look(name, data []byte) conv.Mark {
	text := conv.View(data)
	if strings.TrimSpace(text) == "[DONE]" {
		return conv.MarkOver
	}
	if !gjson.Valid(text) {
		w.ending.broken = true
		return conv.MarkInvalid
	}
	ev := parseEvent(name, conv.Body(text))
	if err := ev.failure(data); err != nil {
		w.HasUsage = readUsage(&w.Usage, ev.response.Get("usage")) || w.HasUsage // it is billed all the same
		if w.Err == nil {
			w.Err = err
		}
		return conv.MarkError
	}
	w.ending.keep = true
	w.ending.note(&ev)
	switch ev.kind {
	case "response.completed", "response.incomplete":
		told := readUsage(&w.Usage, ev.response.Get("usage"))
		w.HasUsage = w.HasUsage || told
		w.ending = ending{} // nobody needs it any more
		mark := conv.MarkFinish | conv.MarkEnd
		if !ev.response.Get("output").IsEmpty() {
			mark |= conv.MarkContent
		}
		return mark
	case "response.output_item.added", "response.output_item.done":
		return itemMark(ev.item)
	}
	if !ev.delta.Empty() || !ev.whole.Empty() {
		return conv.MarkContent
	}
	return 0
}

// End gives the last event of an answer that is complete and does not say so;
// no data when it is not. The estimate of its usage may be nil.
func (w *Watch) End(estimate *conv.Usage) (name string, data []byte) {
	if w.Err != nil || !w.ending.complete() {
		return "", nil
	}
	return "response.completed", w.ending.event(estimate)
}

// itemMark: messages and reasoning begin empty, all other items tell
// something with their start.
func itemMark(item conv.Raw) conv.Mark {
	switch item.Get("type") {
	case "":
		return 0
	case `"message"`:
		if item.Get("content").IsEmpty() {
			return 0
		}
	case `"reasoning"`:
		if item.Get("summary").IsEmpty() && item.Get("content").IsEmpty() {
			return 0
		}
	}
	return conv.MarkContent
}

// LookBody tells the usage of a whole answer, and the error of a body that is
// none although its status was good: an answer that failed is told as such
// only inside.
func LookBody(body []byte) (u conv.Usage, ok bool, err *conv.Error) {
	text := conv.View(body)
	if !gjson.Valid(text) {
		return u, false, nil
	}
	v := conv.Body(text)
	ok = readUsage(&u, v.Get("usage"))
	return u, ok, failure(v)
}

// Seen gives the usage so far, whether there was any, and the error that came
// in place of an event.
func (w *Watch) Seen() (u conv.Usage, ok bool, failure *conv.Error) {
	return w.Usage, w.HasUsage, w.Err
}
