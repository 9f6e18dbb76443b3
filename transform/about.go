package transform

import (
	"bytes"

	"github.com/tidwall/gjson"
)

// An About is what an answer tells of itself besides its content. As a [Stream]
// it changes nothing and reads it from the events that pass.
type About struct {
	ID            string   // by the provider's name; "" when it gives none
	Model         string   // that answered; "" when it is not said
	FinishReasons []string // in the provider's words, one of each answer

	dialect Dialect
	ended   []int64 // the answers whose reasons are there, by their number
}

// maxAnswers bounds the answers whose ends are remembered.
const maxAnswers = 64

// NewAbout reads a stream of the dialect.
func NewAbout(d Dialect) *About { return &About{dialect: d} }

// ReadAbout reads a whole answer.
func ReadAbout(d Dialect, body []byte) *About {
	a := NewAbout(d)
	root := gjson.ParseBytes(body)
	switch d {
	case Anthropic:
		a.named(root, "id", "model")
		a.end(0, root.Get("stop_reason"))
	case OpenAIResponses:
		a.response(root)
	default:
		a.choices(root)
	}
	return a
}

// Event reads an event and passes it on.
func (a *About) Event(ev Event, emit func(Event)) error {
	if len(ev.Data) > 0 && ev.Data[0] == '{' {
		a.look(ev.Data)
	}
	emit(ev)
	return nil
}

// Close has nothing to add.
func (a *About) Close(func(Event)) error { return nil }

// look leaves alone what is only a part of the content.
func (a *About) look(data []byte) {
	switch a.dialect {
	case Anthropic:
		if a.ID == "" && bytes.Contains(data, []byte(`"message_start"`)) {
			a.named(gjson.GetBytes(data, "message"), "id", "model")
		} else if bytes.Contains(data, []byte(`"message_delta"`)) {
			a.end(0, gjson.GetBytes(data, "delta.stop_reason"))
		}
	case OpenAIResponses:
		if bytes.Contains(data, []byte(`"response"`)) {
			a.response(gjson.GetBytes(data, "response"))
		}
	default:
		if a.ID == "" || a.Model == "" || bytes.Contains(data, []byte(`inish`)) {
			a.choices(gjson.ParseBytes(data))
		}
	}
}

// choices reads an answer, or a piece of one, of Chat Completions or Gemini.
func (a *About) choices(root gjson.Result) {
	list, index, reason := "choices", "index", "finish_reason"
	if a.dialect == Gemini {
		a.named(root, "responseId", "modelVersion")
		list, reason = "candidates", "finishReason"
	} else {
		a.named(root, "id", "model")
	}
	root.Get(list).ForEach(func(_, choice gjson.Result) bool {
		a.end(choice.Get(index).Int(), choice.Get(reason))
		return true
	})
}

// response reads one of the Responses API, which may have just begun.
func (a *About) response(r gjson.Result) {
	a.named(r, "id", "model")
	switch status := r.Get("status"); status.String() {
	case "", "in_progress", "queued":
	case "incomplete":
		if why := r.Get("incomplete_details.reason"); why.String() != "" {
			a.end(0, why)
			return
		}
		fallthrough
	default:
		a.end(0, status)
	}
}

func (a *About) named(r gjson.Result, id, model string) {
	if a.ID == "" {
		a.ID = r.Get(id).String()
	}
	if a.Model == "" {
		a.Model = r.Get(model).String()
	}
}

// end notes why an answer ended. Some say it with every piece.
func (a *About) end(index int64, reason gjson.Result) {
	if reason.Type != gjson.String || reason.Str == "" {
		return
	}
	for i, known := range a.ended {
		if known == index {
			a.FinishReasons[i] = reason.Str
			return
		}
	}
	if len(a.ended) < maxAnswers {
		a.ended, a.FinishReasons = append(a.ended, index), append(a.FinishReasons, reason.Str)
	}
}
