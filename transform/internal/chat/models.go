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
	// house is the provider whose own the model is, if it is reached there
	// rather than at one of the many that offer it.
	house string
}

// The houses that have ways of their own.
const (
	deepSeek = "deepseek"
	kimi     = "kimi"
	mistral  = "mistral"
)

func serverOf(r *conv.Request) server {
	s := server{flavor: r.Target.Flavor, name: openai.BaseName(r.Model)}
	switch s.flavor {
	case zhipu:
	case custom:
		s.house = houseOf(r.Model)
	default:
		s.Model = openai.ModelOf(r.Model)
	}
	return s
}

// houseOf tells the house by a model's name, which has marks of other
// providers elsewhere: a prefix, a tag, or no version.
func houseOf(model string) string {
	switch {
	case strings.ContainsAny(model, "/:"), strings.HasPrefix(model, "deepseek-r1"):
		return ""
	case strings.HasPrefix(model, "deepseek-"):
		return deepSeek
	case strings.HasPrefix(model, "kimi-"):
		return kimi
	}
	family, version, _ := cutLast(model, "-")
	_, err := strconv.Atoi(version)
	if (version == "latest" || len(version) == 4 && err == nil) && strings.Contains(family, "tral") {
		return mistral
	}
	return ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// thinks reports that the house's models reason unless they are told not to.
func (s *server) thinks() bool { return s.house == deepSeek || s.house == kimi }

// grok reports one of xAI's models that reason: they reject stop sequences
// and penalties.
func (s *server) grok() bool {
	version, ok := strings.CutPrefix(s.name, "grok-")
	plain := strings.HasPrefix(version, "2") || strings.HasPrefix(version, "3") && !strings.Contains(version, "mini")
	return ok && !plain && !strings.Contains(version, "non-reasoning")
}

// systemFirst reports one of the open models whose templates refuse a system
// message anywhere but at the beginning.
func (s *server) systemFirst() bool {
	if s.flavor != custom {
		return false
	}
	name := strings.ToLower(s.name)
	for _, family := range [...]string{"qwen", "qwq", "llama", "gemma"} {
		if strings.Contains(name, family) {
			return true
		}
	}
	return false
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
	case s.flavor == zhipu, s.house == deepSeek:
		return false
	}
	return !s.ofOpenAI() || !s.old()
}

// wantsReasoning reports that the server takes the reasoning of a turn that
// called tools back, which some of them demand. OpenAI, Mistral and Groq, whom
// the names of the models tell, reject it.
func (s *server) wantsReasoning(model string) bool {
	if s.ofOpenAI() || s.house == mistral {
		return false
	}
	for _, name := range atGroq {
		if strings.HasPrefix(model, name) {
			return false
		}
	}
	return true
}

// atGroq are the beginnings of the names of models at Groq.
var atGroq = [...]string{
	"openai/", "meta-llama/", "llama-", "groq/", "gemma2-", "qwen/qwen3-32b", "moonshotai/kimi-k2-instruct", "deepseek-r1-distill",
}

// unthinking knows the models, by the beginning of their names, that do not
// reason or whose reasoning has no degrees: their servers reject an effort.
var unthinking = [...]string{
	"gpt-3", "gpt-4", "llama", "gemma", "mistral-", "magistral", "ministral", "mixtral", "codestral", "devstral", "pixtral",
	"moonshot-", "kimi-k2-instruct", "qwen3-32b", "compound",
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
