package chat

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// The flavors of servers that speak this protocol. Any other is OpenAI.
const (
	azure  = "azure"
	zhipu  = "zhipu"
	custom = "custom"
)

// A server is what the writer must know of the one it writes for.
type server struct {
	flavor string
	name   string // of the model, without prefixes
	openai.Model
	// house says that the model is reached at its own provider, DeepSeek or
	// Kimi, rather than at one of the many that offer it.
	house bool
}

func serverOf(r *conv.Request) server {
	s := server{flavor: r.Target.Flavor, name: openai.BaseName(r.Model)}
	switch s.flavor {
	case zhipu:
	case custom:
		s.house = s.name == r.Model && (strings.HasPrefix(s.name, "deepseek-") || strings.HasPrefix(s.name, "kimi-"))
	default:
		s.Model = openai.ModelOf(r.Model)
	}
	return s
}

// ofOpenAI reports that the server is OpenAI's or Azure's.
func (s *server) ofOpenAI() bool { return s.flavor != zhipu && s.flavor != custom }

// old knows the models of OpenAI's that have learned nothing new for long.
func (s *server) old() bool {
	m := s.name
	return m == "gpt-4" || strings.HasPrefix(m, "gpt-4-") || strings.HasPrefix(m, "gpt-3") || strings.HasPrefix(m, "gpt-35")
}

// limit returns the member that limits the answer. max_completion_tokens is
// demanded by newer models of OpenAI; older ones, and the servers that are
// merely compatible, know only max_tokens. At Azure the model's name is that
// of a deployment and says nothing: there all but old models take the new one.
func (s *server) limit() string {
	version, gpt := strings.CutPrefix(s.name, "gpt-")
	gpt = gpt && version != "" && version[0] >= '0' && version[0] <= '9'
	known := s.Reasons || gpt || strings.HasPrefix(s.name, "chatgpt-") || s.flavor == azure
	if s.ofOpenAI() && known && !s.old() {
		return `,"max_completion_tokens":`
	}
	return `,"max_tokens":`
}

// schemas reports that the answer can be held to a schema, not only to JSON.
func (s *server) schemas() bool {
	switch {
	case s.flavor == zhipu, s.house && s.deepSeek():
		return false
	}
	return !s.ofOpenAI() || !s.old()
}

func (s *server) deepSeek() bool { return strings.HasPrefix(s.name, "deepseek-") }

// wantsReasoning reports that the server takes the reasoning of a turn that
// called tools back, which some of them demand.
func (s *server) wantsReasoning() bool { return !s.ofOpenAI() }

// unthinking knows the models, by the beginning of their names, that do not
// reason or whose reasoning has no degrees: their servers reject an effort.
var unthinking = [...]string{
	"gpt-3", "gpt-4", "llama", "gemma", "mistral-", "ministral", "mixtral", "codestral", "devstral", "pixtral", "moonshot-",
	"phi-3", "phi-4-mini-instruct", "command-", "grok-2", "grok-3-fast", "grok-4-", "grok-4.1", "grok-4.2", "grok-code",
}

func (s *server) takesEffort() bool {
	for _, name := range unthinking {
		if strings.HasPrefix(s.name, name) {
			return false
		}
	}
	return s.name != "grok-3" && s.name != "grok-4"
}

// glm returns the version of a model of Zhipu's: 5 and 2 of glm-5.2-air. It
// reports false for any other name.
func (s *server) glm() (major, minor int, ok bool) {
	version, ok := strings.CutPrefix(strings.ToLower(s.name), "glm-")
	if !ok {
		return 0, 0, false
	}
	version, _, _ = strings.Cut(version, "-")
	first, second, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	minor, _ = strconv.Atoi(strings.TrimRight(second, "abcdefghijklmnopqrstuvwxyz"))
	return major, minor, err == nil
}
