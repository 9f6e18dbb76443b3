package router

import (
	"errors"
	"fmt"
	"strings"
)

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

// Member is the field as JSON has it, such as condition.userPattern.
func (e *RuleError) Member() string {
	if e.Field == "ID" {
		return "id"
	}
	path, key, quoted := strings.Cut(e.Field, `["`) // names in brackets stay as they are
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if part != "" {
			parts[i] = strings.ToLower(part[:1]) + part[1:]
		}
	}
	path = strings.Join(parts, ".")
	if quoted {
		path += `["` + key
	}
	return path
}

var (
	errRequired  = errors.New("required")
	errNegative  = errors.New("must not be negative")
	errNoTarget  = errors.New("required, unless there are targets, a target model, a shadow or a message to deny with")
	errTwice     = errors.New("a rule has either one target channel or targets")
	errDenied    = errors.New("a rule that denies sends the call nowhere")
	errCondition = errors.New("a custom rule needs a condition")
	errKeyword   = errors.New("must name at least one keyword, none of them empty")
	errWeights   = errors.New("at least one must have a weight over 0")
	errValues    = errors.New("must name at least one value")
	errNames     = errors.New("must name at least one, and none must be empty")
	errHeader    = errors.New("not a valid name of a header")
)
