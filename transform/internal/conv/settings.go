package conv

import "strings"

// The keys of settings that some of the protocols share. The value of each is
// raw JSON as OpenAI writes it.
const (
	Seed             = "seed"
	FrequencyPenalty = "frequency_penalty"
	PresencePenalty  = "presence_penalty"
	LogitBias        = "logit_bias"
	LogProbs         = "logprobs" // true or false
	TopLogProbs      = "top_logprobs"
	Verbosity        = "verbosity"
	Metadata         = "metadata" // OpenAI's labels of a stored answer
	Store            = "store"
	ServiceTier      = "service_tier" // OpenAI's tiers
	PromptCacheKey   = "prompt_cache_key"
	CacheRetention   = "prompt_cache_retention"
	SafetyIdentifier = "safety_identifier"
)

// A Setting is a member of a request that only some protocols have.
type Setting struct {
	Key   string // one of the constants above, or another that no writer knows
	Field string // its path in the caller's body
	Value Raw
	Why   string // it is lost where the protocol has no place for it
}

// Place gives every setting to the function of a writer, which reports whether
// it has written it, and reports the others as lost.
func (r *Request) Place(lose Lose, place func(*Setting) bool) {
	for i := range r.Settings {
		if s := &r.Settings[i]; place == nil || !place(s) {
			lose(s.Field, s.Why)
		}
	}
}

// FormatKind says in which form the answer is wanted.
type FormatKind uint8

// The kinds of formats.
const (
	FormatText   FormatKind = iota // or unset
	FormatJSON                     // any JSON object
	FormatSchema                   // JSON that fits Schema
)

// A Format is the form that the caller wants the answer's text to have.
type Format struct {
	Kind        FormatKind
	Name        Str
	Description Str
	Schema      string // raw JSON Schema
	Strict      string // raw JSON: true, false or "" for absent
}

// Instruction returns the format as words to the model, for a channel that
// cannot be held to it.
func (f *Format) Instruction() Str {
	const only = "Answer with JSON only, without any text around it and without code fences."
	if f.Kind != FormatSchema || f.Schema == "" {
		return Quote(only + " The answer must be one JSON object.")
	}
	return Quote(only + " The answer must fit this JSON Schema: " + f.Schema)
}

// MentionsJSON reports that the conversation speaks of JSON, without which
// OpenAI's servers reject the wish for it.
func (r *Request) MentionsJSON() bool {
	if mentionJSON(r.System) {
		return true
	}
	for i := range r.Messages {
		if mentionJSON(r.Messages[i].Parts) {
			return true
		}
	}
	return false
}

func mentionJSON(parts []Part) bool {
	for i := range parts {
		if p := &parts[i]; p.Kind == Text && (strings.Contains(string(p.Text), "JSON") || strings.Contains(string(p.Text), "json")) {
			return true
		}
	}
	return false
}
