package openai

import (
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
}

// ModelOf tells the model of that name. The prefix of a provider and the mark
// of a fine-tuned model do not matter.
func ModelOf(name string) Model {
	name = strings.TrimPrefix(name, "ft:")
	name = name[strings.LastIndexByte(name, '/')+1:]
	version, gpt := strings.CutPrefix(name, "gpt-")
	switch {
	case isSeries(name):
		return Model{Reasons: true, Efforts: lowToHigh[1:4], Off: "low"}
	case strings.HasPrefix(name, "chatgpt-"), gpt && strings.Contains(version, "-chat"):
		return Model{Plain: true}
	case !gpt || version == "":
		return Model{}
	case strings.HasPrefix(version, "5.1") || strings.HasPrefix(version, "5.0"):
		return Model{Reasons: true, Efforts: lowToHigh[1:4], Off: "none"}
	case strings.HasPrefix(version, "5-pro"):
		return Model{Reasons: true, Efforts: lowToHigh[3:4], Off: "high"}
	case version == "5" || strings.HasPrefix(version, "5-"):
		return Model{Reasons: true, Efforts: lowToHigh[:4], Off: "minimal"}
	case version[0] >= '5' && version[0] <= '9':
		return Model{Reasons: true, Efforts: lowToHigh[1:], Off: "none"}
	case version[0] == '3' || version[0] == '4':
		return Model{Plain: true}
	}
	return Model{}
}

var lowToHigh = [...]conv.Effort{
	conv.EffortMinimal, conv.EffortLow, conv.EffortMedium, conv.EffortHigh, conv.EffortXHigh,
}

// isSeries knows o1, o3-mini and the like.
func isSeries(name string) bool {
	return len(name) >= 2 && name[0] == 'o' && name[1] >= '1' && name[1] <= '9' && (len(name) == 2 || name[2] == '-')
}
