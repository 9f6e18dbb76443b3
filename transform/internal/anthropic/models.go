package anthropic

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A model is a Claude model: what it takes depends on its family and version,
// as the provider's migration guides say. The zero value stands for a name
// that tells neither, such as that of another maker's model: it is taken to be
// one of the first that reason.
type model struct {
	family  string
	version int // 45 means 4.5; 0 when it is not known
}

// families are the names that stand in the names of models.
var families = [...]string{"opus", "sonnet", "haiku", "fable", "mythos"}

// modelOf reads names such as claude-3-5-haiku-20241022, claude-opus-4-6 and
// us.anthropic.claude-sonnet-4-5-20250929-v1:0.
func modelOf(name string) (m model) {
	_, rest, ok := strings.Cut(name, "claude-")
	numbers := 0
	for ok && rest != "" {
		var word string
		end := strings.IndexAny(rest, "-._@:[/")
		if end < 0 {
			end = len(rest)
		}
		word, rest = rest[:end], rest[min(end+1, len(rest)):]
		switch n := conv.Limit(word); {
		case len(word) > 2 && n > 0: // a date: what follows is no version
			numbers = 2
		case n > 0 && numbers == 0:
			m.version, numbers = int(n)*10, 1
		case n > 0 && n < 10 && numbers == 1:
			m.version, numbers = m.version+int(n), 2
		case n == 0:
			m.name(word)
		}
	}
	if m.version == 0 && m.always() {
		m.version = 50 // the preview, which has no number
	}
	return m
}

func (m *model) name(word string) {
	for _, f := range families {
		if f == word {
			m.family = f
		}
	}
}

func (m model) is(family string) bool { return m.family == family }

// maxTokens returns the most tokens that the model puts out.
func (m model) maxTokens() int64 {
	switch {
	case m.version >= 46:
		return 128000
	case m.version >= 45, m.version >= 40 && !m.is("opus"), m.version == 37:
		return 64000
	case m.version >= 40:
		return 32000
	case m.version == 35, m.version == 0:
		return 8192
	}
	return 4096
}

// thinks: all models since 3.7 reason when they are told to.
func (m model) thinks() bool { return m.version == 0 || m.version >= 37 }

// adaptive models choose their budget themselves.
func (m model) adaptive() bool { return m.version >= 46 }

// always: these reason whatever they are told.
func (m model) always() bool {
	return m.is("fable") || m.is("mythos") || m.is("opus") && m.version >= 55
}

// byItself: these reason unless they are told not to. What a model of another
// maker does is not known.
func (m model) byItself() bool { return m.version == 0 || m.version >= 50 }

// betweenTools: these can be told to reason only between the calls of tools,
// and not to reason less.
func (m model) betweenTools() bool { return m.is("sonnet") && m.version >= 55 }

// effort returns the nearest effort that the model knows, "" if it knows none.
func (m model) effort(e conv.Effort) conv.Effort {
	switch {
	case m.version >= 47:
		return e.Near(conv.EffortLow, conv.EffortMedium, conv.EffortHigh, conv.EffortXHigh, conv.EffortMax)
	case m.version == 46:
		return e.Near(conv.EffortLow, conv.EffortMedium, conv.EffortHigh, conv.EffortMax)
	case m.version == 45 && m.is("opus"):
		return e.Near(conv.EffortLow, conv.EffortMedium, conv.EffortHigh)
	}
	return ""
}

// samples: temperature, top_p and top_k are taken at all.
func (m model) samples() bool { return m.version < 47 }

// oneSampling: of temperature and top_p only one is taken.
func (m model) oneSampling() bool { return m.version >= 41 && m.version <= 46 }

// prefill: the model goes on with an answer that the caller began.
func (m model) prefill() bool { return m.version < 46 }

// forced: the model can be made to call a tool.
func (m model) forced() bool {
	newest := m.version >= 55 && !m.is("haiku") || m.version >= 51 && m.always()
	return !newest
}

// midSystem: system messages may stand amid the conversation.
func (m model) midSystem() bool { return m.version >= 48 }

// structured: the model can be held to a schema.
func (m model) structured() bool { return m.version >= 45 }

// strictTools: the arguments of calls can be held to their schema.
func (m model) strictTools() bool { return m.version == 0 || m.version >= 45 }

// TakesPrefill reports that a model is a Claude of those that go on with an
// answer that the caller began.
func TakesPrefill(name string) bool {
	m := modelOf(name)
	return m.version > 0 && m.prefill()
}
