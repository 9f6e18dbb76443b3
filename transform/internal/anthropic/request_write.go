package anthropic

import (
	"strings"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// newVersion is the first version of the API without sampling parameters.
const newVersion = "2026-10-21"

// maxUser is how many characters the id of the end user may have.
const maxUser = 256

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	w := writer{Writer: conv.Writer{Buf: dst, Req: r, Lose: lose}, model: modelOf(r.Model)}
	w.limit()
	w.think()
	turns := w.turns()
	if len(turns) == 0 {
		turns = w.onlySystem()
	}
	w.Raw(`{"model":`)
	w.Quoted(r.Model)
	w.Member(`,"max_tokens":`, w.max)
	w.form()
	w.system(r.System[:len(r.System)-w.moved])
	w.messages(turns)
	w.tools()
	w.settings()
	return append(w.Buf, '}'), nil
}

type writer struct {
	conv.Writer
	model    model
	max      string      // tokens of the answer
	thinking string      // raw JSON of the member; "" for none
	on       bool        // reasoning was asked for
	effort   conv.Effort // "" for none
	schema   []byte      // that the answer must fit
	words    conv.Str    // that ask for a form of the answer
	calls    conv.Calls  // of the assistant's turn at hand
	answered conv.Calls  // those of them that have a result
	moved    int         // system parts at the end that became a user turn
}

// system writes the leading system text, and what asks for a form of the
// answer after it.
func (w *writer) system(parts []conv.Part) {
	kept := make([]conv.Part, 0, len(parts)+1)
	for i := range parts {
		switch p := &parts[i]; {
		case p.Kind != conv.Text:
			w.Lose("system", conv.WhySysText)
		case !p.Text.IsSpace():
			kept = append(kept, *p)
		}
	}
	kept = appendText(kept, w.words)
	if len(kept) > 0 {
		w.Raw(`,"system":`)
		w.content(nil, kept)
	}
}

func (w *writer) settings() {
	r := w.Req
	w.sampling()
	w.stops()
	w.user()
	w.Member(`,"thinking":`, w.thinking)
	w.outputConfig()
	if r.Stream {
		w.Raw(`,"stream":true`)
	}
}

// user writes the id of the end user, which must not name a person.
func (w *writer) user() {
	user, name := w.Req.User, w.Req.Names.User
	w.Req.Place(w.Lose, func(s *conv.Setting) bool {
		if s.Key != conv.SafetyIdentifier || !user.Empty() || !s.Value.IsString() {
			return false
		}
		user, name = s.Value.Str(), s.Field
		return true
	})
	switch id := user.String(); {
	case id == "":
	case utf8.RuneCountInString(id) > maxUser:
		w.Lose(name, "no more than 256 characters are taken")
	case strings.Contains(id, "@") || strings.HasPrefix(id, "+"):
		w.Lose(name, "addresses and telephone numbers are refused here")
	default:
		w.Member(`,"metadata":{"user_id":`, string(user))
		w.Raw("}")
	}
}

func (w *writer) outputConfig() {
	if w.effort == "" && w.schema == nil {
		return
	}
	w.Raw(`,"output_config":{`)
	if w.effort != "" {
		w.Raw(`"effort":"` + string(w.effort) + `"`)
	}
	if w.schema != nil {
		if w.effort != "" {
			w.Raw(",")
		}
		w.Raw(`"format":{"type":"json_schema","schema":`)
		w.Buf = append(w.Buf, w.schema...)
		w.Raw("}")
	}
	w.Raw("}")
}

func (w *writer) stops() {
	n := 0
	for _, stop := range w.Req.Stop {
		if stop.IsSpace() {
			w.Lose(w.Req.Names.Stop, "a stop sequence of nothing but white space is not allowed here")
			continue
		}
		if n++; n == 1 {
			w.Raw(`,"stop_sequences":[`)
		} else {
			w.Raw(",")
		}
		w.Str(stop)
	}
	if n > 0 {
		w.Raw("]")
	}
}
