package named

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// The bounds of the option max_length. A shortened name ends in a hash of the
// whole, which needs some room.
const (
	defaultNameLength = 64
	leastNameLength   = 24
	mostNameLength    = 128
)

// toolName gives tools names that every server takes, and the caller its own
// names back.
type toolName struct{ length int }

func toolNameKind() kind {
	return kind{
		Description: Description{
			Name: "toolname",
			Description: "shortens the names of tools, and replaces what is not a letter, digit, _ or - in them; " +
				"the caller sees its own names in the answer",
			Options: []Option{{
				Name: "max_length", Type: typeInteger, Min: leastNameLength, Max: mostNameLength,
				Description: "the most characters of a name", Default: "64",
			}},
		},
		make: func(v values) (transform.Transformer, []transform.FieldError) {
			return &toolName{length: int(v.integer("max_length", defaultNameLength))}, nil
		},
	}
}

func (t *toolName) Request(_ context.Context, r *transform.Request) error {
	rule := conv.NameRule{Max: t.length, Letter: r.Dialect == transform.Gemini}
	e := newEdit(r.Body)
	var names map[string]string // the caller's by the new ones
	for _, place := range namesInRequest(r.Dialect) {
		e.each(place, func(c cursor) {
			s := e.value(c.value).Str()
			if s.Empty() {
				return
			}
			old := strings.Clone(s.String()) // it outlives the body
			fit := rule.Fit(old)
			if fit == old {
				return
			}
			if names == nil {
				names = make(map[string]string)
			}
			names[fit] = old
			e.replace(c.value, string(conv.Quote(fit)))
		})
	}
	r.Body = e.body()
	if names != nil {
		r.Keep(t, names)
	}
	return nil
}

func (t *toolName) Response(_ context.Context, r *transform.Response) error {
	if names := t.names(r); names != nil && r.Status < http.StatusBadRequest {
		r.Body = names.restore(r.Body)
	}
	return nil
}

func (t *toolName) Stream(_ context.Context, r *transform.Response) transform.Stream {
	if names := t.names(r); names != nil {
		return names
	}
	return nil
}

// names gives what Request has kept, nil when it changed nothing.
func (t *toolName) names(r *transform.Response) *callersNames {
	names, _ := r.Request.Kept(t).(map[string]string)
	if names == nil {
		return nil
	}
	return &callersNames{names: names, places: namesInAnswer(r.Request.Dialect)}
}

// callersNames puts the caller's names of tools back into an answer.
type callersNames struct {
	names  map[string]string
	places []string
}

// Event implements [transform.Stream].
func (n *callersNames) Event(ev transform.Event, emit func(transform.Event)) error {
	if bytes.Contains(ev.Data, []byte(`name"`)) { // few events have one
		if data := n.restore(ev.Data); !bytes.Equal(data, ev.Data) {
			ev = transform.Event{Name: ev.Name, Data: data}
		}
	}
	emit(ev)
	return nil
}

// Close implements [transform.Stream].
func (n *callersNames) Close(func(transform.Event)) error { return nil }

func (n *callersNames) restore(body []byte) []byte {
	e := newEdit(body)
	for _, place := range n.places {
		e.each(place, func(c cursor) {
			if old, ok := n.names[e.value(c.value).Str().String()]; ok {
				e.replace(c.value, string(conv.Quote(old)))
			}
		})
	}
	return e.body()
}
