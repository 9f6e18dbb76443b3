package conv

import (
	"strconv"
	"strings"
)

// An OpenAIModel is what the writers of OpenAI's protocols must know of a
// model. The zero value is one that does not reason.
type OpenAIModel struct {
	Reasons bool     // it thinks before it answers, and rejects settings of sampling
	CanRest bool     // it knows the effort none, which is what it does by itself
	Efforts []Effort // that it knows, in their order; empty when it takes none
}

// BaseModel returns a model's own name, without the prefix of a provider and
// the mark of a fine-tuned model.
func BaseModel(model string) string {
	model = strings.TrimPrefix(model, "ft:")
	return model[strings.LastIndexByte(model, '/')+1:]
}

// OpenAIModelOf tells by its name what a model of OpenAI's can do.
func OpenAIModelOf(model string) OpenAIModel {
	all := [...]Effort{EffortMinimal, EffortLow, EffortMedium, EffortHigh, EffortXHigh}
	base := BaseModel(model)
	if isSeries(base) {
		return OpenAIModel{Reasons: true, Efforts: all[1:4]}
	}
	major, minor, kind := gptVersion(base)
	later := major > 5 || minor >= 2
	switch {
	case major < 5, minor == 0 && strings.HasPrefix(kind, "-chat"):
		return OpenAIModel{}
	case strings.HasPrefix(kind, "-chat"), strings.HasPrefix(kind, "-search"):
		return OpenAIModel{Reasons: true}
	case strings.Contains(kind, "-pro") && later:
		return OpenAIModel{Reasons: true, Efforts: all[2:5]}
	case strings.Contains(kind, "-pro"):
		return OpenAIModel{Reasons: true, Efforts: all[3:4]}
	case strings.Contains(kind, "-codex") && (later || strings.Contains(kind, "-max")):
		return OpenAIModel{Reasons: true, Efforts: all[1:5]}
	case strings.Contains(kind, "-codex"):
		return OpenAIModel{Reasons: true, Efforts: all[1:4]}
	case later:
		return OpenAIModel{Reasons: true, CanRest: true, Efforts: all[1:5]}
	case minor == 1:
		return OpenAIModel{Reasons: true, CanRest: true, Efforts: all[1:4]}
	}
	return OpenAIModel{Reasons: true, Efforts: all[0:4]}
}

// isSeries knows o1, o3-mini and the like.
func isSeries(m string) bool {
	return len(m) >= 2 && m[0] == 'o' && m[1] >= '1' && m[1] <= '9' && (len(m) == 2 || m[2] == '-')
}

// gptVersion parts gpt-5.1-mini into 5, 1 and -mini.
func gptVersion(m string) (major, minor int, kind string) {
	version, ok := strings.CutPrefix(m, "gpt-")
	if !ok {
		return 0, 0, ""
	}
	if i := strings.IndexByte(version, '-'); i >= 0 {
		version, kind = version[:i], version[i:]
	}
	first, second, _ := strings.Cut(version, ".")
	major, _ = strconv.Atoi(first)
	minor, _ = strconv.Atoi(second)
	return major, minor, kind
}

// EffortFor returns the effort to ask a model of OpenAI's for; "" when it is
// to be asked for none. Where that is not what the caller wanted it tells why.
func (t *Thinking) EffortFor(model string) (effort, why string) {
	m := OpenAIModelOf(model)
	switch {
	case t.Mode == ThinkingUnset, t.Mode == ThinkingOff && !m.Reasons:
		return "", ""
	case !m.Reasons:
		return "", "the model does not reason"
	case t.Mode == ThinkingOff && m.CanRest:
		return "none", ""
	case len(m.Efforts) == 0:
		return "", "the model takes no effort"
	case t.Mode == ThinkingOff:
		effort = string(m.Efforts[0])
		return effort, "the model always reasons: the effort became " + effort
	}
	want := t.EffortOf()
	if want == "" {
		if m.CanRest {
			return string(EffortMedium), ""
		}
		return "", ""
	}
	got := want.Near(m.Efforts...)
	if got != want {
		why = "the model knows no effort " + string(want) + ": it became " + string(got)
	}
	return string(got), why
}
