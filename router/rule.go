package router

import (
	"errors"
	"fmt"
)

// A Type names what a rule is for. It supplies the natural condition of a rule
// that has none.
type Type string

// The types of rules, with their natural conditions.
const (
	Custom      Type = "custom"      // none: needs a condition
	Default     Type = "default"     // always holds
	Background  Type = "background"  // the model's name has haiku, mini, flash or lite
	Think       Type = "think"       // the caller asks for reasoning
	LongContext Type = "longContext" // 60,000 tokens or more
	WebSearch   Type = "webSearch"   // a tool searches the web
	Image       Type = "image"       // a message holds an image
)

// LongContextTokens is the natural threshold of a [LongContext] rule.
const LongContextTokens = 60000

// A Rule sends the calls that meet its condition to a channel.
type Rule struct {
	ID            string    // "" means Name
	Name          string    // required
	Type          Type      // "" means Custom
	Condition     Condition // all that it names must hold
	TargetChannel string    // name or ID; "" leaves the channel open
	TargetModel   string    // "" keeps the caller's model
	Priority      int       // big first; equal ones in the order given
	Strict        bool      // refuse the call when the target cannot take it
	Disabled      bool
}

// A Condition is met when everything that it names holds. The zero value names
// nothing.
type Condition struct {
	// TokenThreshold is the least number of input tokens, by estimate.
	TokenThreshold int `json:"tokenThreshold,omitempty"`
	// Keywords: the user's text contains at least one, in any case.
	Keywords []string `json:"keywords,omitempty"`
	// UserPattern is a RE2 pattern that the user's text matches somewhere,
	// in any case unless it says (?-i).
	UserPattern string `json:"userPattern,omitempty"`
	// ModelPattern is such a pattern for the name of the model.
	ModelPattern string `json:"modelPattern,omitempty"`
	// HasTools: whether the call offers tools. Nil does not care.
	HasTools *bool `json:"hasTools,omitempty"`
	// HasImages: whether a message holds an image. Nil does not care.
	HasImages *bool `json:"hasImages,omitempty"`
}

// empty reports that the condition names nothing.
func (c *Condition) empty() bool {
	return c.TokenThreshold == 0 && c.Keywords == nil && c.UserPattern == "" &&
		c.ModelPattern == "" && c.HasTools == nil && c.HasImages == nil
}

// A RuleError says which field of which rule is wrong.
type RuleError struct {
	Index int    // in the list that was compiled
	Field string // such as "Condition.UserPattern"
	Err   error
}

// Error names the rule by its place in the list.
func (e *RuleError) Error() string { return fmt.Sprintf("Rules[%d].%s: %v", e.Index, e.Field, e.Err) }

// Unwrap gives the cause.
func (e *RuleError) Unwrap() error { return e.Err }

var (
	errRequired  = errors.New("required")
	errNegative  = errors.New("must not be negative")
	errNoTarget  = errors.New("required, unless TargetModel is given")
	errCondition = errors.New("a custom rule needs a condition")
	errKeyword   = errors.New("must name at least one keyword, none of them empty")
)
