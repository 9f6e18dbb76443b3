package router

import (
	"encoding/json"
	"reflect"
)

// A Condition is met when everything that it names holds. The zero value names
// nothing. Patterns are RE2: they match somewhere in the text, in any case
// unless they say (?-i), and no text can make them slow.
type Condition struct {
	// TokenThreshold is the least number of input tokens, by estimate.
	TokenThreshold int `json:"tokenThreshold,omitempty"`
	// Keywords: the user's text, that of all turns, contains at least one, in
	// any case.
	Keywords []string `json:"keywords,omitempty"`
	// UserPattern is a pattern for the same text. JSON may call it regex.
	UserPattern string `json:"userPattern,omitempty"`
	// ModelPattern is a pattern for the name of the model.
	ModelPattern string `json:"modelPattern,omitempty"`
	// HasTools: whether the call offers tools. Nil does not care.
	HasTools *bool `json:"hasTools,omitempty"`
	// HasImages: whether a message holds an image. Nil does not care.
	HasImages *bool `json:"hasImages,omitempty"`
	// HasThinking: whether the caller asks for reasoning. Nil does not care.
	HasThinking *bool `json:"hasThinking,omitempty"`
	// ToolName is a pattern for the name of a tool that the call offers.
	ToolName string `json:"toolName,omitempty"`
	// CustomFunction names a function that was given by [WithFunc].
	CustomFunction string `json:"customFunction,omitempty"`

	// What the last of the user's turns are about, by [Request.Analysis]:
	// one of the values, or for ProgrammingLanguage at least one.
	ContentCategory     OneOf `json:"contentCategory,omitempty"`
	ComplexityLevel     OneOf `json:"complexityLevel,omitempty"`
	Intent              OneOf `json:"intent,omitempty"`
	ProgrammingLanguage OneOf `json:"programmingLanguage,omitempty"`
	// HasCode: whether there is code in them. Nil does not care.
	HasCode *bool `json:"hasCode,omitempty"`

	// MinWordCount and MaxWordCount bound the words of the user's text, see
	// [Request.Words]; 0 does not care.
	MinWordCount int `json:"minWordCount,omitempty"`
	MaxWordCount int `json:"maxWordCount,omitempty"`

	// Header has a pattern for each header that must be there with a value
	// that matches.
	Header map[string]string `json:"header,omitempty"`
	// Path is a pattern for the path of the URL, without the query.
	Path string `json:"path,omitempty"`
	// Metadata has a pattern for each value of [Request.Metadata], or else of
	// the member "metadata" of the body, that must be there and match.
	Metadata map[string]string `json:"metadata,omitempty"`
	// TimeOfDay: when. Nil is always.
	TimeOfDay *TimeOfDay `json:"timeOfDay,omitempty"`
}

// A OneOf is a choice of values. JSON writes a single one without brackets.
type OneOf []string

// MarshalJSON writes a single value without brackets.
func (o OneOf) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]string(o))
}

// empty reports that the condition names nothing.
func (c *Condition) empty() bool { return reflect.ValueOf(*c).IsZero() }
