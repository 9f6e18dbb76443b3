package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An object is a JSON object whose members are read one by one, so that every
// mistake in it is found and not only the first.
type object struct {
	raw     []byte                     // all of it
	members map[string]json.RawMessage // those not read yet
	known   []string                   // names that were asked for
	wrong   mistakes
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
func (o *object) take(name string) (value json.RawMessage, found bool) {
	o.known = append(o.known, name)
	value, found = o.members[name]
	delete(o.members, name)
	return value, found
}

// ignore accepts members that callers send back but cannot change.
func (o *object) ignore(names ...string) {
	for _, name := range names {
		delete(o.members, name)
	}
}

// finish reports the members that nobody asked for.
func (o *object) finish() {
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		o.wrong.add(name, codeUnknown, fmt.Sprintf("there is no such field; there are %s", strings.Join(o.known, ", ")))
	}
}

// A parser reads a value. What is wrong with it goes to fail, with the place
// inside of the value, "" for the value itself.
type parser[T any] func(raw json.RawMessage, fail failFunc) T

type failFunc func(place, code, message string)

// read reads a member, if there is one, over *into. Null gives the standard
// value. It reports whether *into was set.
func read[T any](o *object, name string, into *T, standard T, parse parser[T]) bool {
	raw, ok := o.take(name)
	if !ok {
		return false
	}
	if isNull(raw) {
		*into = standard
		return true
	}
	failed := false
	value := parse(raw, func(place, code, message string) {
		failed = true
		o.wrong.add(name+place, code, message)
	})
	if !failed {
		*into = value
	}
	return !failed
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

func text(raw json.RawMessage, fail failFunc) string {
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		fail("", codeType, "must be a string")
		return ""
	}
	if strings.IndexByte(*s, 0) >= 0 { // which not every database can keep
		fail("", codeValue, "must not have the character U+0000")
		return ""
	}
	return *s
}

func boolean(raw json.RawMessage, fail failFunc) bool {
	var b *bool
	if err := json.Unmarshal(raw, &b); err != nil || b == nil {
		fail("", codeType, "must be true or false")
		return false
	}
	return *b
}

// integer reads a whole number within bounds.
func integer(least, most int64) parser[int64] {
	return func(raw json.RawMessage, fail failFunc) int64 {
		n, err := strconv.ParseFloat(string(raw), 64)
		switch {
		case err != nil && raw[0] != '-' && (raw[0] < '0' || raw[0] > '9'):
			fail("", codeType, "must be a number")
		case err != nil || n != math.Trunc(n) || n < float64(least) || n > float64(most):
			fail("", codeValue, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		default:
			return int64(n)
		}
		return 0
	}
}

func texts(raw json.RawMessage, fail failFunc) []string {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		fail("", codeType, "must be an array of strings")
		return nil
	}
	out := make([]string, 0, len(list))
	for i, item := range list {
		out = append(out, text(item, inside(fail, fmt.Sprintf("[%d]", i))))
	}
	return out
}

func textMap(raw json.RawMessage, fail failFunc) map[string]string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		fail("", codeType, "must be an object of strings")
		return nil
	}
	out := make(map[string]string, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		out[name] = text(members[name], inside(fail, fmt.Sprintf("[%q]", name)))
	}
	return out
}

// inside moves the place of mistakes into a part of the value.
func inside(fail failFunc, part string) failFunc {
	return func(place, code, message string) { fail(part+place, code, message) }
}

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
