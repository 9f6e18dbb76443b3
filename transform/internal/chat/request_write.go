package chat

import (
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

const (
	maxStops = 4  // stop sequences that the protocol takes
	maxUser  = 64 // characters of the user's id
)

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose. A stream is always asked to tell its
// usage.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	w := writer{buf: dst, req: r, lose: lose}
	w.raw(`{"model":`)
	w.buf = conv.AppendQuoted(w.buf, r.Model)
	w.raw(`,"messages":[`)
	w.system()
	w.messages()
	w.raw("]")
	w.tools()
	w.settings()
	if r.Stream {
		w.raw(`,"stream":true,"stream_options":{"include_usage":true}`)
	}
	return append(w.buf, '}'), nil
}

type writer struct {
	buf   []byte
	req   *conv.Request
	lose  conv.Lose
	any   bool       // a message was written
	calls conv.Calls // of the last assistant message
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// text writes a string member's value; absent text gives an empty string.
func (w *writer) text(s conv.Str) {
	if s == "" {
		s = `""`
	}
	w.raw(string(s))
}

func (w *writer) settings() {
	r := w.req
	w.limit()
	if isReasoning(r.Model) {
		w.unsampled()
	} else {
		w.number(`,"temperature":`, r.Temperature)
		w.number(`,"top_p":`, r.TopP)
		w.stops()
	}
	if r.TopK != "" {
		w.lose("top_k", "the other protocol has no top_k")
	}
	w.user()
}

func (w *writer) number(member, value string) {
	if value != "" {
		w.raw(member)
		w.raw(value)
	}
}

func (w *writer) limit() {
	if takesCompletionTokens(w.req.Model) {
		w.number(`,"max_completion_tokens":`, w.req.MaxTokens)
	} else {
		w.number(`,"max_tokens":`, w.req.MaxTokens)
	}
}

// unsampled reports the settings that models which reason reject. 1 is what
// they do anyhow.
func (w *writer) unsampled() {
	const why = "models that reason reject it"
	if t := conv.Raw(w.req.Temperature); t != "" && t.Float() != 1 {
		w.lose("temperature", why)
	}
	if t := conv.Raw(w.req.TopP); t != "" && t.Float() != 1 {
		w.lose("top_p", why)
	}
	if len(w.req.Stop) > 0 {
		w.lose(w.stopName(), why)
	}
}

func (w *writer) stopName() string {
	if name := w.req.Names.Stop; name != "" {
		return name
	}
	return "stop"
}

func (w *writer) stops() {
	stops := w.req.Stop
	if len(stops) > maxStops {
		w.lose(w.stopName(), "no more than four stop sequences are taken: the first four were kept")
		stops = stops[:maxStops]
	}
	for i, stop := range stops {
		if i == 0 {
			w.raw(`,"stop":[`)
		} else {
			w.raw(",")
		}
		w.text(stop)
	}
	if len(stops) > 0 {
		w.raw("]")
	}
}

func (w *writer) user() {
	user := w.req.User
	switch {
	case user == "":
	case len(user) > maxUser && utf8.RuneCountInString(user.String()) > maxUser:
		name := w.req.Names.User
		if name == "" {
			name = "user"
		}
		w.lose(name, "no more than 64 characters are taken")
	default:
		w.raw(`,"user":`)
		w.text(user)
	}
}

func (w *writer) tools() {
	r := w.req
	if len(r.Tools) == 0 {
		if m := r.Choice.Mode; m == conv.ChoiceAny || m == conv.ChoiceTool {
			w.lose("tool_choice", "there are no tools to choose from")
		}
		return
	}
	w.raw(`,"tools":[`)
	for i := range r.Tools {
		if i > 0 {
			w.raw(",")
		}
		w.tool(&r.Tools[i])
	}
	w.raw("]")
	w.choice()
	if r.NoParallel {
		w.raw(`,"parallel_tool_calls":false`)
	}
}

func (w *writer) tool(t *conv.Tool) {
	w.raw(`{"type":"function","function":{"name":`)
	w.text(t.Name)
	if t.Description != "" {
		w.raw(`,"description":`)
		w.text(t.Description)
	}
	w.raw(`,"parameters":`)
	if conv.Raw(t.Schema).IsEmpty() {
		w.raw(conv.EmptySchema)
	} else {
		w.raw(t.Schema)
	}
	w.number(`,"strict":`, t.Strict)
	w.raw(`}}`)
}

func (w *writer) choice() {
	switch c := w.req.Choice; c.Mode {
	case conv.ChoiceAuto:
		w.raw(`,"tool_choice":"auto"`)
	case conv.ChoiceAny:
		w.raw(`,"tool_choice":"required"`)
	case conv.ChoiceNone:
		w.raw(`,"tool_choice":"none"`)
	case conv.ChoiceTool:
		w.raw(`,"tool_choice":{"type":"function","function":{"name":`)
		w.text(c.Name)
		w.raw(`}}`)
	}
}
