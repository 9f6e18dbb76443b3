package router

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ruleJSON is a rule as files and the REST API write it.
type ruleJSON struct {
	ID            string        `json:"id,omitempty"`
	Name          string        `json:"name"`
	Type          Type          `json:"type,omitempty"`
	Condition     conditionJSON `json:"condition"`
	TargetChannel string        `json:"targetChannel,omitempty"`
	TargetModel   string        `json:"targetModel,omitempty"`
	Priority      *int          `json:"priority,omitempty"`
	Strict        bool          `json:"strict,omitempty"`
	Enabled       *bool         `json:"enabled,omitempty"`
}

type conditionJSON struct {
	Condition
	Regex string `json:"regex,omitempty"` // another name of userPattern
}

// DefaultPriority is the priority of a rule whose JSON names none.
const DefaultPriority = 50

// UnmarshalJSON reads a rule as files and the REST API write it: "enabled" is
// true and "priority" [DefaultPriority] unless given, "regex" is another name
// of "userPattern", and an unknown member is an error.
func (r *Rule) UnmarshalJSON(b []byte) error {
	var j ruleJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return fmt.Errorf("rule: %w", err)
	}
	if j.Condition.Regex != "" {
		if j.Condition.UserPattern != "" && j.Condition.UserPattern != j.Condition.Regex {
			return errors.New("rule: condition.regex: another name of userPattern, which differs")
		}
		j.Condition.UserPattern = j.Condition.Regex
	}
	*r = Rule{
		ID: j.ID, Name: j.Name, Type: j.Type, Condition: j.Condition.Condition,
		TargetChannel: j.TargetChannel, TargetModel: j.TargetModel,
		Priority: DefaultPriority, Strict: j.Strict,
	}
	if j.Priority != nil {
		r.Priority = *j.Priority
	}
	r.Disabled = j.Enabled != nil && !*j.Enabled
	return nil
}

// MarshalJSON writes a rule as UnmarshalJSON reads it.
func (r Rule) MarshalJSON() ([]byte, error) {
	enabled := !r.Disabled
	return json.Marshal(ruleJSON{
		ID: r.ID, Name: r.Name, Type: r.Type, Condition: conditionJSON{Condition: r.Condition},
		TargetChannel: r.TargetChannel, TargetModel: r.TargetModel,
		Priority: &r.Priority, Strict: r.Strict, Enabled: &enabled,
	})
}
