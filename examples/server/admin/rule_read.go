package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
)

// A ruleView is a rule as the API shows it.
type ruleView struct {
	ID            string           `json:"id"`
	Name          string           `json:"name"`
	Type          router.Type      `json:"type"`
	Condition     router.Condition `json:"condition"`
	TargetChannel string           `json:"targetChannel,omitempty"`
	TargetModel   string           `json:"targetModel,omitempty"`
	Priority      int              `json:"priority"`
	Strict        bool             `json:"strict,omitempty"`
	Enabled       bool             `json:"enabled"`
	Active        bool             `json:"active"` // enabled, and the target channel exists
	CreatedAt     int64            `json:"createdAt"`
	UpdatedAt     int64            `json:"updatedAt"`
}

func viewRule(s *state, r *store.Rule) ruleView {
	return ruleView{
		ID: r.ID, Name: r.Name, Type: router.Type(r.Type), Condition: r.Condition,
		TargetChannel: r.TargetChannel, TargetModel: r.TargetModel, Priority: r.Priority, Strict: r.Strict,
		Enabled: !r.Disabled, Active: !r.Disabled && !s.rests(r), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// readRule reads the members of a request over a rule, and reports every
// mistake in the outcome.
func readRule(o *object, r *store.Rule, isNew bool) error {
	readID(o, r.ID, isNew)
	read(o, "name", &r.Name, "", name)
	read(o, "type", &r.Type, string(router.Custom), text)
	read(o, "condition", &r.Condition, router.Condition{}, condition)
	read(o, "targetChannel", &r.TargetChannel, "", text)
	read(o, "targetModel", &r.TargetModel, "", text)
	readCount(o, "priority", &r.Priority, defaultPriority)
	enabled := !r.Disabled
	read(o, "enabled", &enabled, true, boolean)
	r.Disabled = !enabled
	read(o, "strict", &r.Strict, false, boolean)
	o.ignore("active", "createdAt", "updatedAt")
	o.finish()
	if r.Type == "" {
		r.Type = string(router.Custom)
	}
	return o.checkRule(r)
}

// checkRule adds what the library has against a rule.
func (o *object) checkRule(r *store.Rule) error {
	_, err := router.Compile([]router.Rule{libraryRule(r)})
	joined, _ := err.(interface{ Unwrap() []error })
	if joined == nil {
		return o.wrong.err()
	}
	for _, err := range joined.Unwrap() {
		bad, ok := errors.AsType[*router.RuleError](err)
		if !ok {
			continue
		}
		field, code := fieldName(bad.Field), codeValue
		if strings.HasPrefix(bad.Err.Error(), "required") {
			code = codeRequired
		}
		if field != "condition" || !o.wrong.within(field) { // a condition that could not be read is not missing
			o.wrong.add(field, code, bad.Err.Error())
		}
	}
	return o.wrong.err()
}

// condition reads the condition of a rule as the library reads it. The library
// stops at the first mistake, so it is shown one member after the other.
func condition(raw json.RawMessage, fail failFunc) router.Condition {
	o := parts(raw, fail)
	if o == nil {
		return router.Condition{}
	}
	known := conditionNames()
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		if !slices.Contains(known, name) {
			o.wrong.add(name, codeUnknown, "there is no such condition; there are "+strings.Join(known, ", "))
			continue
		}
		one, err := json.Marshal(map[string]json.RawMessage{name: o.members[name]})
		if err == nil {
			_, err = parseCondition(one)
		}
		if err != nil {
			o.wrong.add(name, codeType, describeCondition(err))
		}
	}
	o.report(fail)
	if len(o.wrong) > 0 {
		return router.Condition{}
	}
	c, err := parseCondition(raw)
	if err != nil {
		fail("", codeValue, describeCondition(err))
	}
	return c
}

// parseCondition asks the library to read a rule with that condition.
func parseCondition(raw json.RawMessage) (router.Condition, error) {
	rule, err := json.Marshal(struct {
		Name      string          `json:"name"`
		Condition json.RawMessage `json:"condition"`
	}{"x", raw})
	if err != nil {
		return router.Condition{}, err
	}
	var r router.Rule
	if err := json.Unmarshal(rule, &r); err != nil {
		return router.Condition{}, err
	}
	return r.Condition, nil
}

// conditionNames lists the members that a condition can have.
func conditionNames() []string {
	var names []string
	for field := range reflect.TypeFor[router.Condition]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return append(names, "regex")
}

func describeCondition(err error) string {
	mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return strings.TrimPrefix(err.Error(), "rule: ")
	}
	wanted := map[reflect.Kind]string{
		reflect.Int: "a whole number", reflect.Bool: "true or false", reflect.String: "a string",
		reflect.Slice: "an array of strings", reflect.Struct: "an object",
	}[mismatch.Type.Kind()]
	return fmt.Sprintf("must be %s, not %s", wanted, mismatch.Value)
}
