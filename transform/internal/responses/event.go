package responses

import "github.com/dctx-team/routex/transform/internal/conv"

// An event is one of a stream, with the members that matter found in one
// pass.
type event struct {
	kind     string // without quotes
	sequence int64  // number of the event; -1 when it is not told
	output   int64  // index of the item; -1 when it is not told
	part     int64  // index of the part in the item, or of the part of a summary
	delta    conv.Str
	whole    conv.Str // of an event that tells that a text is complete
	item     conv.Raw
	response conv.Raw
	err      bool
}

// parseEvent reads the event's data. Its name tells its type where the data
// does not.
func parseEvent(name []byte, v conv.Raw) event {
	ev := event{sequence: -1, output: -1}
	if !v.IsObject() {
		return ev
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "type":
			ev.kind = c.Value.Str().Inner()
		case "sequence_number":
			ev.sequence = c.Value.Count()
		case "output_index":
			ev.output = c.Value.Count()
		case "content_index", "summary_index":
			ev.part = c.Value.Count()
		case "delta":
			ev.delta = c.Value.Str()
		case "text", "refusal", "arguments", "input":
			ev.whole = c.Value.Str()
		case "item":
			ev.item = c.Value
		case "response":
			ev.response = c.Value
		case "error":
			ev.err = !c.Value.IsEmpty()
		}
	}
	if ev.kind == "" {
		ev.kind = conv.View(name)
	}
	return ev
}

// failure returns the error that came in place of the rest of the answer.
func (ev *event) failure(data []byte) *conv.Error {
	switch ev.kind {
	case "error":
		return ReadError(0, data)
	case "response.failed", "response.cancelled":
		if e := failure(ev.response); e != nil {
			return e
		}
		return &conv.Error{Status: 502, Message: "the provider gave up"}
	}
	if ev.err {
		return ReadError(0, data)
	}
	return nil
}
