package router

import (
	"encoding/json"
	"errors"
)

// DefaultPriority is the priority of a rule whose JSON names none.
const DefaultPriority = 50

// UnmarshalJSON reads a rule as files and the REST API write it: "enabled" is
// true, "priority" [DefaultPriority] and the weight of a target 1 unless given,
// "regex" is another name of "userPattern", and an unknown member is an error.
// The error joins a [*FileError] for each mistake.
func (r *Rule) UnmarshalJSON(b []byte) error {
	f := new(fileReader)
	if v, ok := f.parse(b); ok {
		*r = f.rule(v, "")
	}
	return errors.Join(f.errs...)
}

// UnmarshalJSON reads a condition in the same way.
func (c *Condition) UnmarshalJSON(b []byte) error {
	f := new(fileReader)
	if v, ok := f.parse(b); ok {
		*c = f.condition(v, "")
	}
	return errors.Join(f.errs...)
}

// UnmarshalJSON reads one value, or an array.
func (o *OneOf) UnmarshalJSON(b []byte) error {
	f := new(fileReader)
	if v, ok := f.parse(b); ok {
		f.oneOf(o)(v, "")
	}
	return errors.Join(f.errs...)
}

// ruleJSON is a rule as files and the REST API write it.
type ruleJSON struct {
	ID            string    `json:"id,omitempty"`
	Name          string    `json:"name"`
	Type          Type      `json:"type,omitempty"`
	Condition     Condition `json:"condition"`
	TargetChannel string    `json:"targetChannel,omitempty"`
	Targets       []Target  `json:"targets,omitempty"`
	TargetModel   string    `json:"targetModel,omitempty"`
	Deny          string    `json:"deny,omitempty"`
	Shadow        string    `json:"shadow,omitempty"`
	Priority      int       `json:"priority"`
	Strict        bool      `json:"strict,omitempty"`
	Enabled       bool      `json:"enabled"`
}

// MarshalJSON writes a rule as UnmarshalJSON reads it.
func (r Rule) MarshalJSON() ([]byte, error) {
	return json.Marshal(ruleJSON{
		ID: r.ID, Name: r.Name, Type: r.Type, Condition: r.Condition, TargetChannel: r.TargetChannel, Targets: r.Targets,
		TargetModel: r.TargetModel, Deny: r.Deny, Shadow: r.Shadow, Priority: r.Priority, Strict: r.Strict, Enabled: !r.Disabled,
	})
}
