package gemini

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

const (
	maxStops = 5 // stop sequences that the protocol takes
	maxSeed  = 1<<31 - 1
)

// config writes how the answer is to be made, and reports what cannot be
// asked for here.
func (w *writer) config() {
	r := w.Req
	start := len(w.Buf)
	w.Raw(`,"generationConfig":{`)
	empty := len(w.Buf)
	w.comma = false
	w.member("maxOutputTokens", w.limit())
	w.sampling()
	w.stops()
	w.format()
	w.thinking()
	r.Place(w.Lose, w.setting)
	if len(w.Buf) == empty {
		w.Buf = w.Buf[:start]
	} else {
		w.Raw("}")
	}
	if !r.User.Empty() {
		w.Lose(r.Names.User, "this protocol has no ids of users")
	}
}

// limit returns the limit of the answer: the API refuses one that is higher
// than what the model can do.
func (w *writer) limit() string {
	limit, most := w.Req.MaxTokens, w.model.maxTokens()
	if most == 0 || conv.Limit(limit) <= most {
		return limit
	}
	text := strconv.FormatInt(most, 10)
	w.Lose(w.Req.Names.MaxTokens, "the model puts out fewer tokens: "+limit+" became "+text)
	return text
}

// member writes a member of the configuration, unless its value is absent.
func (w *writer) member(name, value string) {
	if value == "" {
		return
	}
	w.sep()
	w.Raw(`"`)
	w.Raw(name)
	w.Raw(`":`)
	w.Raw(value)
}

func (w *writer) sampling() {
	r := w.Req
	if !w.model.samples() {
		w.unsampled()
		return
	}
	t := r.Temperature
	if conv.Raw(t).Float() > 2 {
		w.Lose(r.Names.Temperature, "the highest temperature here is 2: "+t+" became 2")
		t = "2"
	}
	w.member("temperature", t)
	w.member("topP", r.TopP)
	w.member("topK", r.TopK)
}

// unsampled reports the settings that newer models ignore. 1 is what they do
// anyhow.
func (w *writer) unsampled() {
	const why = "models of this version ignore it"
	r := w.Req
	if t := conv.Raw(r.Temperature); t != "" && t.Float() != 1 {
		w.Lose(r.Names.Temperature, why)
	}
	if t := conv.Raw(r.TopP); t != "" && t.Float() != 1 {
		w.Lose(r.Names.TopP, why)
	}
	if r.TopK != "" {
		w.Lose(r.Names.TopK, why)
	}
}

func (w *writer) stops() {
	n := 0
	for _, stop := range w.Req.Stop {
		if stop.Empty() {
			continue
		}
		if n++; n > maxStops {
			w.Lose(w.Req.Names.Stop, "no more than five stop sequences are taken: the first five were kept")
			break
		}
		if n == 1 {
			w.member("stopSequences", "[")
		} else {
			w.Raw(",")
		}
		w.Str(stop)
	}
	if n > 0 {
		w.Raw("]")
	}
}

func (w *writer) format() {
	f := &w.Req.Format
	if f.Kind == conv.FormatText || !w.formats() {
		return
	}
	w.member("responseMimeType", `"application/json"`)
	if f.Kind != conv.FormatSchema || conv.Raw(f.Schema).IsEmpty() {
		return
	}
	w.member("responseSchema", " ")
	s := subset{buf: w.Buf[:len(w.Buf)-1], root: conv.Body(f.Schema), left: w.schemas.part()}
	s.schema(s.root, 0, 0)
	w.Buf = s.buf
	if why := s.why(); why != "" {
		w.Lose(w.Req.Names.Format, why)
	}
}

// setting writes the settings that some models have.
func (w *writer) setting(s *conv.Setting) bool {
	switch s.Key {
	case conv.Seed:
		if n, err := strconv.ParseInt(string(s.Value), 10, 64); err != nil || n > maxSeed || n < -maxSeed {
			return false
		}
		w.member("seed", string(s.Value))
		return true
	case conv.FrequencyPenalty, conv.PresencePenalty:
		if !w.model.penalizes() {
			return false
		}
		name := "frequencyPenalty"
		if s.Key == conv.PresencePenalty {
			name = "presencePenalty"
		}
		w.member(name, string(s.Value))
		return true
	}
	return false
}

// thinking asks for reasoning in the way of the model: by tokens up to version
// 2.5, by levels since. A request must not have both.
func (w *writer) thinking() {
	t := &w.Req.Thinking
	if t.Mode == conv.ThinkingUnset && !t.Show {
		return
	}
	if !w.model.thinks() {
		if t.Mode == conv.ThinkingOn {
			w.Lose(w.Req.Names.Thinking, "this model does not reason before it answers")
		}
		return
	}
	var member string
	switch {
	case t.Mode == conv.ThinkingUnset:
	case w.model.hasLevels():
		member = w.level()
	default:
		member = w.budget()
	}
	show := t.Show || t.Mode == conv.ThinkingOn && !t.Hide
	switch {
	case show && member != "":
		member += `,"includeThoughts":true`
	case show:
		member = `"includeThoughts":true`
	}
	if member != "" {
		w.member("thinkingConfig", "{"+member+"}")
	}
}

// budget returns the member for the tokens to reason with.
func (w *writer) budget() string {
	t := &w.Req.Thinking
	low, high, off := w.model.budget()
	tokens := t.BudgetOf()
	switch {
	case t.Mode == conv.ThinkingOff && off:
		return `"thinkingBudget":0`
	case t.Mode == conv.ThinkingOff:
		w.Lose(w.Req.Names.Thinking, "this model cannot do without reasoning: as little as possible was asked for")
		tokens = low
	case tokens == 0:
		return `"thinkingBudget":-1`
	case t.Budget > high || t.Budget > 0 && t.Budget < low:
		w.Lose(w.Req.Names.Thinking, "this model reasons with "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10)+" tokens")
	}
	// Reasoning counts against the limit of the answer.
	if limit := conv.Limit(w.Req.MaxTokens); limit > 0 && tokens >= limit {
		tokens = limit - 1
	}
	return `"thinkingBudget":` + strconv.FormatInt(min(max(tokens, low), high), 10)
}

// level returns the member for how much to reason.
func (w *writer) level() string {
	t := &w.Req.Thinking
	levels := w.model.levels()
	if t.Mode == conv.ThinkingOff {
		w.Lose(w.Req.Names.Thinking, "this model cannot do without reasoning: as little as possible was asked for")
		return levelMember(levels[0])
	}
	effort := t.EffortOf()
	if effort == "" {
		return ""
	}
	level := effort.Near(levels...)
	if t.Effort != "" && level != effort {
		w.Lose(w.Req.Names.Thinking, "the model knows no effort "+string(effort)+": it became "+string(level))
	}
	return levelMember(level)
}

func levelMember(level conv.Effort) string {
	return `"thinkingLevel":"` + strings.ToUpper(string(level)) + `"`
}
