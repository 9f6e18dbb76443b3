package anthropic

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// DefaultMaxTokens stands in for max_tokens, which this protocol demands,
// when the caller sets no limit. Older models allow less.
const (
	DefaultMaxTokens    = "8192"
	DefaultMaxTokensOld = "4096"
)

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	w := writer{buf: dst, req: r, lose: lose}
	w.raw(`{"model":`)
	w.buf = conv.AppendQuoted(w.buf, r.Model)
	w.raw(`,"max_tokens":`)
	w.raw(maxTokens(r))
	turns := w.turns()
	if len(turns) == 0 {
		turns = w.onlySystem()
	}
	w.system(r.System[:len(r.System)-w.moved])
	w.messages(turns)
	w.tools()
	w.settings()
	return append(w.buf, '}'), nil
}

type writer struct {
	buf   []byte
	req   *conv.Request
	lose  conv.Lose
	calls conv.Calls // of the assistant's turn at hand
	moved int        // system parts at the end that became a user turn
}

func (w *writer) raw(s string)   { w.buf = append(w.buf, s...) }
func (w *writer) str(s conv.Str) { w.buf = append(w.buf, s...) }

// text writes a string member's value; absent text gives an empty string.
func (w *writer) text(s conv.Str) {
	if s == "" {
		s = `""`
	}
	w.str(s)
}

func maxTokens(r *conv.Request) string {
	if r.MaxTokens != "" {
		return r.MaxTokens
	}
	for _, old := range [...]string{"claude-2", "claude-3-opus", "claude-3-sonnet", "claude-3-haiku"} {
		if strings.HasPrefix(r.Model, old) {
			return DefaultMaxTokensOld
		}
	}
	return DefaultMaxTokens
}

func (w *writer) system(parts []conv.Part) {
	kept := make([]conv.Part, 0, len(parts))
	for _, p := range parts {
		if p.Kind == conv.Text && !p.Text.IsSpace() {
			kept = append(kept, p)
		}
	}
	if len(kept) > 0 {
		w.raw(`,"system":`)
		w.content(nil, kept)
	}
}

func (w *writer) tools() {
	r := w.req
	if len(r.Tools) == 0 {
		if r.Choice.Mode != conv.ChoiceUnset && r.Choice.Mode != conv.ChoiceAuto && r.Choice.Mode != conv.ChoiceNone {
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
}

func (w *writer) tool(t *conv.Tool) {
	w.raw(`{"name":`)
	w.text(t.Name)
	if t.Description != "" {
		w.raw(`,"description":`)
		w.str(t.Description)
	}
	w.raw(`,"input_schema":`)
	w.schema(t.Schema)
	if t.Strict != "" {
		w.raw(`,"strict":`)
		w.raw(t.Strict)
	}
	w.raw("}")
}

// schema writes the schema of a tool's input, which must say that it is an
// object.
func (w *writer) schema(schema string) {
	switch raw := conv.Raw(schema); {
	case raw.IsEmpty():
		w.raw(conv.EmptySchema)
	case raw.Get("type") == "":
		w.raw(`{"type":"object",`)
		w.raw(schema[1:])
	default:
		w.raw(schema)
	}
}

func (w *writer) choice() {
	r := w.req
	mode := r.Choice.Mode
	parallelOff := r.NoParallel && mode != conv.ChoiceNone
	if mode == conv.ChoiceUnset && !parallelOff {
		return
	}
	w.raw(`,"tool_choice":{"type":`)
	switch mode {
	case conv.ChoiceAny:
		w.raw(`"any"`)
	case conv.ChoiceNone:
		w.raw(`"none"`)
	case conv.ChoiceTool:
		w.raw(`"tool","name":`)
		w.text(r.Choice.Name)
	default:
		w.raw(`"auto"`)
	}
	if parallelOff {
		w.raw(`,"disable_parallel_tool_use":true`)
	}
	w.raw("}")
}

func (w *writer) settings() {
	r := w.req
	w.temperature()
	w.number(`,"top_p":`, r.TopP)
	w.number(`,"top_k":`, r.TopK)
	w.stops()
	if r.User != "" {
		w.raw(`,"metadata":{"user_id":`)
		w.str(r.User)
		w.raw("}")
	}
	if r.Stream {
		w.raw(`,"stream":true`)
	}
}

func (w *writer) number(member, value string) {
	if value != "" {
		w.raw(member)
		w.raw(value)
	}
}

func (w *writer) temperature() {
	t := w.req.Temperature
	if f, err := strconv.ParseFloat(t, 64); err == nil && f > 1 {
		w.lose("temperature", "the highest temperature here is 1: "+t+" became 1")
		t = "1"
	}
	w.number(`,"temperature":`, t)
}

func (w *writer) stops() {
	n := 0
	for _, stop := range w.req.Stop {
		if stop.IsSpace() {
			w.lose(w.stopName(), "a stop sequence of nothing but white space is not allowed here")
			continue
		}
		if n++; n == 1 {
			w.raw(`,"stop_sequences":[`)
		} else {
			w.raw(",")
		}
		w.str(stop)
	}
	if n > 0 {
		w.raw("]")
	}
}

func (w *writer) stopName() string {
	if name := w.req.Names.Stop; name != "" {
		return name
	}
	return "stop_sequences"
}
