package admin

import (
	"encoding/json"
	"errors"
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
	Targets       []router.Target  `json:"targets,omitempty"`
	TargetModel   string           `json:"targetModel,omitempty"`
	Deny          string           `json:"deny,omitempty"`
	Shadow        string           `json:"shadow,omitempty"`
	Priority      int              `json:"priority"`
	Strict        bool             `json:"strict,omitempty"`
	Source        string           `json:"source,omitempty"` // file, if it cannot be changed here
	Enabled       bool             `json:"enabled"`
	Active        bool             `json:"active"` // enabled, and a channel that it sends calls to exists
	CreatedAt     int64            `json:"createdAt"`
	UpdatedAt     int64            `json:"updatedAt"`
}

func viewRule(s *state, r *store.Rule) ruleView {
	return ruleView{
		ID: r.ID, Name: r.Name, Type: router.Type(r.Type), Condition: r.Condition,
		TargetChannel: r.TargetChannel, Targets: r.Targets, TargetModel: r.TargetModel, Deny: r.Deny, Shadow: r.Shadow,
		Priority: r.Priority, Strict: r.Strict,
		Enabled: !r.Disabled, Active: !r.Disabled && !s.rests(r), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

func viewFileRule(s *state, r *store.Rule) ruleView {
	v := viewRule(s, r)
	v.Source = "file"
	return v
}

// readRule reads the members of a request over a rule, and reports every
// mistake in the outcome.
func readRule(o *object, r *store.Rule, isNew bool) error {
	readID(o, r.ID, isNew)
	read(o, "name", &r.Name, "", name())
	read(o, "type", &r.Type, string(router.Custom), text())
	readCondition(o, &r.Condition)
	read(o, "targetChannel", &r.TargetChannel, "", text())
	read(o, "targets", &r.Targets, nil, targets())
	read(o, "targetModel", &r.TargetModel, "", text())
	read(o, "deny", &r.Deny, "", text())
	read(o, "shadow", &r.Shadow, "", text())
	readCount(o, "priority", &r.Priority, defaultPriority)
	enabled := !r.Disabled
	read(o, "enabled", &enabled, true, boolean())
	r.Disabled = !enabled
	read(o, "strict", &r.Strict, false, boolean())
	o.ignore("active", "source", "createdAt", "updatedAt")
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
		field, code := bad.Member(), codeValue
		if strings.HasPrefix(bad.Err.Error(), "required") {
			code = codeRequired
		}
		unread := o.wrong.within(field) || field == "targetChannel" && o.wrong.within("targets")
		if !unread { // what could not be read is not missing
			o.wrong.add(field, code, bad.Err.Error())
		}
	}
	return o.wrong.err()
}

// readCondition reads the condition of a rule as the library does.
func readCondition(o *object, into *router.Condition) {
	raw, ok := o.take("condition", conditionSchema)
	switch {
	case !ok:
	case isNull(raw):
		*into = router.Condition{}
	default:
		err := json.Unmarshal(raw, into) // sets what it can, for further checks
		o.addFileErrors("condition", err)
	}
}

// conditionSchema is that of a condition as the library reads it.
func conditionSchema() *schema {
	s := schemaOf[router.Condition]()
	for name, member := range s.Properties {
		s.Properties[name] = member.orNull()
	}
	s.Properties["regex"] = stringSchema().orNull() // another name of userPattern
	s.Properties["timeOfDay"].AdditionalProperties = new(additional)
	s.AdditionalProperties = new(additional)
	return s
}

// addFileErrors adds what the library could not read of the value at a path.
func (o *object) addFileErrors(path string, err error) {
	joined, _ := err.(interface{ Unwrap() []error })
	if joined == nil {
		return
	}
	for _, err := range joined.Unwrap() {
		bad, ok := errors.AsType[*router.FileError](err)
		if !ok {
			continue
		}
		field, code := path, codeValue
		if bad.Path != "" {
			field += "." + bad.Path
		}
		switch {
		case errors.Is(bad.Err, router.ErrNoMember):
			code = codeUnknown
		case errors.Is(bad.Err, router.ErrType):
			code = codeType
		}
		o.wrong.add(field, code, bad.Err.Error())
	}
}

// targets reads the channels that share the calls of a rule.
func targets() parser[[]router.Target] {
	return listOf(nested(func(o *object, t *router.Target) {
		t.Weight = defaultWeight
		read(o, "channel", &t.Channel, "", text())
		readCount(o, "weight", &t.Weight, defaultWeight)
	}), "must be an array of {channel, weight}")
}
