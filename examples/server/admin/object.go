package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An object is a JSON object whose members are read one by one, so that every
// mistake in it is found and not only the first.
type object struct {
	raw     []byte                     // all of it
	members map[string]json.RawMessage // those not read yet
	known   []string                   // names that were asked for
	wrong   mistakes
	shape   *schema // nil unless what is read is noted, and not what there is
}

// clone gives an object that can be read by itself; nil of nil.
func (o *object) clone() *object {
	if o == nil {
		return nil
	}
	c := *o
	c.members, c.known, c.wrong = maps.Clone(o.members), slices.Clone(o.known), slices.Clone(o.wrong)
	return &c
}

func (o *object) put(name string, value json.RawMessage) {
	if _, twice := o.members[name]; twice {
		o.wrong.add(name, codeTwice, "is there more than once")
	}
	o.members[name] = value
}

// take gives a member and marks it as read. found is false when there is none.
func (o *object) take(name string, takes func() *schema) (value json.RawMessage, found bool) {
	if o.shape != nil {
		o.shape.Properties[name] = takes().orNull()
	}
	o.known = append(o.known, name)
	value, found = o.members[name]
	delete(o.members, name)
	return value, found
}

// ignore accepts members that callers send back but cannot change.
func (o *object) ignore(names ...string) {
	for _, name := range names {
		delete(o.members, name)
		if o.shape != nil {
			o.shape.Properties[name] = &schema{Description: "Accepted, as it was shown, and without effect.", ignored: true}
		}
	}
}

// refuse says why a member cannot be set that callers may have seen.
func (o *object) refuse(name, why string) {
	if _, sent := o.members[name]; sent {
		o.wrong.add(name, codeValue, why)
		delete(o.members, name)
	}
}

// finish reports the members that nobody asked for.
func (o *object) finish() {
	if o.shape != nil {
		o.shape.AdditionalProperties = new(additional)
	}
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		o.wrong.add(name, codeUnknown, fmt.Sprintf("there is no such field; there are %s", strings.Join(o.known, ", ")))
	}
}

// read reads a member, if there is one, over *into. Null gives the standard
// value. It reports whether *into was set.
func read[T any](o *object, name string, into *T, standard T, parse parser[T]) bool {
	raw, ok := o.take(name, parse.takes)
	if !ok {
		return false
	}
	if isNull(raw) {
		*into = standard
		return true
	}
	failed := false
	value := parse.parse(raw, func(place, code, message string) {
		failed = true
		o.wrong.add(name+place, code, message)
	})
	if !failed {
		*into = value
	}
	return !failed
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// parts splits a nested object; "" is the error of its own type.
func parts(raw json.RawMessage, fail failFunc) *object {
	o, err := parseObject(raw)
	if err != nil {
		fail("", codeType, "must be an object")
		return nil
	}
	return o
}

// report hands the mistakes of a nested object on.
func (o *object) report(fail failFunc) {
	for _, m := range o.wrong {
		fail("."+m.Field, m.Code, m.Message)
	}
}
