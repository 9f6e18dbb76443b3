package openai

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Model is what can be told of one of OpenAI's models by its name. The zero
// value is a model that is not known.
type Model struct {
	Reasons bool          // it thinks before it answers, and rejects the settings of sampling
	Plain   bool          // it does not
	Efforts []conv.Effort // that it takes, in their order; nil when that is not known
	Off     string        // the effort nearest to none; "" when that is not known
	Most    int64         // tokens that it can answer with; 0 when that is not known
	// Resting: by Chat Completions it takes tools only while it does not
	// reason.
	Resting bool
}

// BaseName returns a model's own name, without the prefix of a provider and
// the mark of a fine-tuned model.
func BaseName(model string) string {
	model = strings.TrimPrefix(model, "ft:")
	return model[strings.LastIndexByte(model, '/')+1:]
}

// ModelOf tells the model of that name. The prefix of a provider and the mark
// of a fine-tuned model do not matter.
func ModelOf(name string) Model {
	name = BaseName(name)
	m := kindOf(name)
	for _, known := range mosts {
		if strings.HasPrefix(name, known.prefix) {
			m.Most = known.tokens
			break
		}
	}
	return m
}

// mosts says how long the answers of models can be, by the beginning of their
// names. They reject a higher limit.
var mosts = [...]struct {
	prefix string
	tokens int64
}{
	{"gpt-3.5-", 4096},
	{"gpt-4-32k", 0},
	{"gpt-4-", 4096},
	{"gpt-4o-2024-05-13", 4096},
	{"gpt-4o", 16384},
	{"gpt-4.1", 32768},
	{"gpt-5-chat", 16384},
	{"gpt-5.1-chat", 16384},
	{"gpt-5.2-chat", 16384},
	{"gpt-5-pro", 272000},
	{"gpt-5", 128000},
	{"o1-mini", 65536},
	{"o1-preview", 32768},
	{"o1", 100000},
	{"o3", 100000},
	{"o4-mini", 100000},
}

// Limit returns a limit of the answer's tokens as the model takes it: no
// higher than what it can do.
func (m *Model) Limit(tokens string) string {
	if m.Most > 0 && conv.Limit(tokens) > m.Most {
		return strconv.FormatInt(m.Most, 10)
	}
	return tokens
}

func kindOf(name string) Model {
	if isSeries(name) {
		return reasons(1, 4, "low")
	}
	if strings.HasPrefix(name, "chatgpt-") {
		return Model{Plain: true}
	}
	major, minor, kind := version(name)
	later := major > 5 || minor >= 2
	is := func(part string) bool { return strings.Contains(kind, part) }
	switch {
	case major == 0:
		return Model{}
	case major < 5, is("-search"), is("-chat") && minor == 0:
		return Model{Plain: true}
	case is("-chat"):
		return reasons(2, 3, "medium")
	case is("-pro") && later:
		return reasons(2, 5, "medium")
	case is("-pro"):
		return reasons(3, 4, "high")
	case is("-codex") && (later || is("-max")):
		return reasons(1, 5, "low")
	case is("-codex"):
		return reasons(1, 4, "low")
	case later:
		m := reasons(1, 5, "none")
		m.Resting = major > 5 || minor >= 4
		return m
	case minor == 1:
		return reasons(1, 4, "none")
	}
	return reasons(0, 4, "minimal")
}

var lowToHigh = [...]conv.Effort{
	conv.EffortMinimal, conv.EffortLow, conv.EffortMedium, conv.EffortHigh, conv.EffortXHigh,
}

func reasons(from, to int, off string) Model {
	return Model{Reasons: true, Efforts: lowToHigh[from:to], Off: off}
}

// isSeries knows o1, o3-mini and the like.
func isSeries(name string) bool {
	return len(name) >= 2 && name[0] == 'o' && name[1] >= '1' && name[1] <= '9' && (len(name) == 2 || name[2] == '-')
}

// version parts gpt-5.1-mini into 5, 1 and -mini. The first number is 0 for
// any other name.
func version(name string) (major, minor int, kind string) {
	number, ok := strings.CutPrefix(name, "gpt-")
	if !ok {
		return 0, 0, ""
	}
	if i := strings.IndexByte(number, '-'); i >= 0 {
		number, kind = number[:i], number[i:]
	}
	first, second, _ := strings.Cut(number, ".")
	major, _ = strconv.Atoi(strings.TrimRight(first, "o"))
	minor, _ = strconv.Atoi(second)
	if major == 35 { // as Azure calls 3.5
		return 3, 5, kind
	}
	return max(major, 0), minor, kind
}

// Effort returns the effort to ask the model for; "" when it is to be asked
// for none. Where that is not what the caller wanted it tells why.
func (m *Model) Effort(t *conv.Thinking) (effort, why string) {
	switch {
	case t.Mode == conv.ThinkingUnset, t.Mode == conv.ThinkingOff && !m.Reasons:
		return "", ""
	case m.Plain:
		return "", "the model does not reason"
	case !m.Reasons:
		return "", "it is not known whether the model reasons"
	case t.Mode == conv.ThinkingOff && m.Off != "none":
		return m.Off, "the model always reasons: the effort became " + m.Off
	case t.Mode == conv.ThinkingOff:
		return m.Off, ""
	}
	want := t.EffortOf()
	if want == "" && m.Off == "none" {
		want = conv.EffortMedium // by itself it would not reason
	}
	got := want.Near(m.Efforts...)
	if got != want {
		why = "the model knows no effort " + string(want) + ": it became " + string(got)
	}
	return string(got), why
}
