package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Watch looks at the events of a stream of this protocol that passes
// through untouched. Its zero value is ready.
type Watch struct {
	Usage    conv.Usage
	HasUsage bool
	Err      *conv.Error // of an error in place of a chunk

	text conv.Shape
}

// Look tells what one event says about the answer and keeps its usage.
func (w *Watch) Look(_, data []byte) conv.Mark {
	if _, ok := w.text.Match(data); ok {
		return conv.MarkContent
	}
	if isDone(data) {
		return conv.MarkEnd
	}
	text := conv.View(data)
	if !gjson.Valid(text) {
		return conv.MarkInvalid
	}
	v := conv.Body(text)
	choice := firstChoice(v)
	if err := chunkError(data, v, choice); err != nil {
		w.Err = err
		return conv.MarkError
	}
	told := readUsage(&w.Usage, chunkUsage(v))
	w.HasUsage = w.HasUsage || told
	mark, lit := deltaMark(choice)
	if !choice.Get("finish_reason").IsEmpty() {
		return mark | conv.MarkFinish
	}
	if !told {
		w.text.Learn(data, lit)
	}
	return mark
}

// deltaMark tells whether the choice brings a part of the answer, and the
// string that is that part if it is plain text.
func deltaMark(choice conv.Raw) (mark conv.Mark, lit conv.Str) {
	delta := choice.Get("delta")
	if !delta.IsObject() {
		delta = choice.Get("message")
	}
	for c := delta.Walk(); c.Next(); {
		switch c.Key {
		case "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call":
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
	v := conv.Body(text)
	if err := chunkError(body, v, firstChoice(v)); err != nil {
		return u, false, err
	}
	ok = readUsage(&u, v.Get("usage"))
	return u, ok, nil
}
