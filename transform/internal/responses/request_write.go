package responses

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// custom is the flavor of servers that are merely compatible.
const custom = "custom"

const (
	minTokens = 16 // the least max_output_tokens that the protocol takes
	maxUser   = 64 // characters of the user's id
)

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose. Nothing is left at the provider: what
// the model reasons is asked for in its encrypted form instead.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	if f := &r.Format; f.Kind == conv.FormatSchema && r.Target.Flavor != custom && !openai.HasObject(f.Schema) {
		lose(r.Names.Format, "only an object can be asked for here: it was asked for in words")
		said := *r
		said.System = append(slices.Clip(r.System), conv.Part{Kind: conv.Text, Text: f.Instruction()})
		said.Format = conv.Format{}
		r = &said
	}
	w := writer{Writer: conv.Writer{Buf: dst, Req: r, Lose: lose}, model: openai.ModelOf(r.Model)}
	w.reasons = w.model.Reasons || r.Target.Flavor == custom && !w.model.Plain
	w.freeforms()
	w.Raw(`{"model":`)
	w.Quoted(r.Model)
	w.input()
	w.tools()
	w.settings()
	w.Raw(`,"store":false`)
	// Models that do not reason reject the wish.
	if w.model.Reasons || w.stateful || w.reasons && r.Thinking.Mode == conv.ThinkingOn {
		w.Raw(`,"include":["reasoning.encrypted_content"]`)
	}
	if r.Stream {
		w.Raw(`,"stream":true`)
	}
	return append(w.Buf, '}'), nil
}

type writer struct {
	conv.Writer
	model    openai.Model
	reasons  bool       // the model does, or the server takes the wish for it
	any      bool       // an item was written
	stateful bool       // one of them was reasoning
	results  conv.Calls // the calls that have a result
	calls    conv.Calls // those written so far
	answered conv.Calls // those whose result was written
	texts    conv.Calls // those among them of tools that take text
	freeform conv.Calls // names of the tools that take text
}

func (w *writer) settings() {
	r := w.Req
	w.limit()
	if w.model.Reasons {
		w.unsampled()
	} else {
		w.Member(`,"temperature":`, r.Temperature)
		w.Member(`,"top_p":`, r.TopP)
	}
	if r.TopK != "" {
		w.Lose(r.Names.TopK, "the other protocol has no top_k")
	}
	if len(r.Stop) > 0 {
		w.Lose(r.Names.Stop, "the other protocol has no stop sequences")
	}
	w.endUser()
	w.thinking()
	w.text(w.place())
}

func (w *writer) limit() {
	limit := w.model.Limit(w.Req.MaxTokens)
	if limit != "" && conv.Limit(limit) < minTokens {
		w.Lose(w.Req.Names.MaxTokens, "no fewer than 16 tokens can be asked for: 16 were")
		limit = "16"
	}
	w.Member(`,"max_output_tokens":`, limit)
}

// unsampled reports the settings that models which reason reject. 1 is what
// they do anyhow.
func (w *writer) unsampled() {
	const why = "models that reason reject it"
	r := w.Req
	if t := conv.Raw(r.Temperature); t != "" && t.Float() != 1 {
		w.Lose(r.TemperatureName(), why)
	}
	if t := conv.Raw(r.TopP); t != "" && t.Float() != 1 {
		w.Lose(r.Names.TopP, why)
	}
}

func (w *writer) endUser() {
	user := w.Req.User
	switch {
	case user == "":
	case len(user) > maxUser && utf8.RuneCountInString(user.String()) > maxUser:
		sum := sha256.Sum256([]byte(user.String())) // it names the same user
		w.Raw(`,"user":`)
		w.Quoted(hex.EncodeToString(sum[:]))
	default:
		w.Raw(`,"user":`)
		w.Str(user)
	}
}

// thinking writes how much to reason, and whether the caller wants to read a
// summary of it.
func (w *writer) thinking() {
	t := &w.Req.Thinking
	effort, why := w.effort(t)
	if why != "" {
		w.Lose(w.Req.Names.Thinking, why)
	}
	show := w.reasons && (t.Show || t.Mode == conv.ThinkingOn && !t.Hide)
	switch {
	case show && effort != "":
		w.Raw(`,"reasoning":{"effort":"` + effort + `","summary":"auto"}`)
	case show:
		w.Raw(`,"reasoning":{"summary":"auto"}`)
	case effort != "":
		w.Raw(`,"reasoning":{"effort":"` + effort + `"}`)
	}
}

// effort gives the effort to ask for. Servers that are merely compatible pass
// over one that their model has no use for.
func (w *writer) effort(t *conv.Thinking) (effort, why string) {
	if w.model.Reasons || !w.reasons {
		return w.model.Effort(t)
	}
	if t.Mode == conv.ThinkingOn {
		effort = string(t.EffortOf())
	}
	return effort, ""
}

// place writes the settings that the protocol has, and returns the verbosity,
// which stands with the format.
func (w *writer) place() (verbosity conv.Raw) {
	w.Req.Place(w.Lose, func(s *conv.Setting) bool {
		switch s.Key {
		case conv.Verbosity:
			verbosity = s.Value
		case conv.Metadata, conv.ServiceTier, conv.PromptCacheKey, conv.CacheRetention, conv.SafetyIdentifier:
			w.Member(`,"`+s.Key+`":`, string(s.Value))
		default:
			return false
		}
		return true
	})
	return verbosity
}

// text writes the form that the answer's text is to have.
func (w *writer) text(verbosity conv.Raw) {
	kind := w.Req.Format.Kind
	if kind == conv.FormatText && verbosity == "" {
		return
	}
	w.Raw(`,"text":{`)
	w.format()
	if kind != conv.FormatText && verbosity != "" {
		w.Raw(`,`)
	}
	w.Member(`"verbosity":`, string(verbosity))
	w.Raw(`}`)
}

func (w *writer) format() {
	f := &w.Req.Format
	switch f.Kind {
	case conv.FormatJSON:
		w.Raw(`"format":{"type":"json_object"}`)
	case conv.FormatSchema:
		name := "answer"
		if !f.Name.Empty() {
			name = Names.Fit(f.Name.String())
		}
		w.Raw(`"format":{"type":"json_schema","name":`)
		w.Quoted(name)
		w.Member(`,"description":`, string(f.Description))
		w.Member(`,"schema":`, f.Schema)
		w.Member(`,"strict":`, f.Strict)
		w.Raw(`}`)
	}
}
