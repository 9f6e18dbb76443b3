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

// A parser reads a value, and knows what it takes: the description of the API
// is made of that.
type parser[T any] struct {
	takes func() *schema
	// parse tells fail what is wrong, with the place inside of the value, "" for
	// the value itself.
	parse func(raw json.RawMessage, fail failFunc) T
}

type failFunc func(place, code, message string)

// inside moves the place of mistakes into a part of the value.
func inside(fail failFunc, part string) failFunc {
	return func(place, code, message string) { fail(part+place, code, message) }
}

// among says which values there are, for the description: the reader finds
// others by itself.
func (p parser[T]) among(names ...string) parser[T] {
	p.takes = func() *schema { return namesSchema(names) }
	return p
}

// then reads a value further that could be read so far.
func then[T, U any](p parser[T], takes func() *schema, parse func(value T, fail failFunc) U) parser[U] {
	return parser[U]{takes, func(raw json.RawMessage, fail failFunc) (out U) {
		failed := false
		value := p.parse(raw, func(place, code, message string) {
			failed = true
			fail(place, code, message)
		})
		if !failed {
			out = parse(value, fail)
		}
		return out
	}}
}

func text() parser[string] { return parser[string]{stringSchema, parseText} }

func parseText(raw json.RawMessage, fail failFunc) string {
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

// oneOf reads one of some names.
func oneOf(names []string) parser[string] {
	return then(text(), func() *schema { return namesSchema(names) }, func(name string, fail failFunc) string {
		if !slices.Contains(names, name) {
			fail("", codeValue, fmt.Sprintf("must be one of %s", strings.Join(names, ", ")))
		}
		return name
	})
}

func boolean() parser[bool] {
	return parser[bool]{func() *schema { return typed("boolean") }, func(raw json.RawMessage, fail failFunc) bool {
		var b *bool
		if err := json.Unmarshal(raw, &b); err != nil || b == nil {
			fail("", codeType, "must be true or false")
			return false
		}
		return *b
	}}
}

// integer reads a whole number within bounds.
func integer(least, most int64) parser[int64] {
	takes := func() *schema { return rangeSchema("integer", float64(least), float64(most)) }
	return parser[int64]{takes, func(raw json.RawMessage, fail failFunc) int64 {
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
	}}
}

// listOf reads an array; the mistake is that of a value that is none.
func listOf[T any](item parser[T], mistake string) parser[[]T] {
	return parser[[]T]{func() *schema { return listSchema(item.takes()) }, func(raw json.RawMessage, fail failFunc) []T {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || isNull(raw) {
			fail("", codeType, mistake)
			return nil
		}
		out := make([]T, 0, len(list))
		for i, part := range list {
			out = append(out, item.parse(part, inside(fail, fmt.Sprintf("[%d]", i))))
		}
		return out
	}}
}

func texts() parser[[]string] { return listOf(text(), "must be an array of strings") }

// mapOf reads an object whose members have any names; the mistake is that of a
// value that is none.
func mapOf[T any](value parser[T], mistake string) parser[map[string]T] {
	return parser[map[string]T]{func() *schema { return mapSchema(value.takes()) }, func(raw json.RawMessage, fail failFunc) map[string]T {
		o, err := parseObject(raw)
		if err != nil {
			fail("", codeType, mistake)
			return nil
		}
		out := make(map[string]T, len(o.members))
		for _, name := range slices.Sorted(maps.Keys(o.members)) {
			out[name] = value.parse(o.members[name], inside(fail, fmt.Sprintf("[%q]", name)))
		}
		o.report(fail)
		return out
	}}
}

func textMap() parser[map[string]string] { return mapOf(text(), "must be an object of strings") }

// nested reads an object by its members, with what fill reads of it.
func nested[T any](fill func(o *object, into *T)) parser[T] {
	takes := func() *schema {
		return describe(func(o *object) {
			fill(o, new(T))
			o.finish()
		})
	}
	return parser[T]{takes, func(raw json.RawMessage, fail failFunc) (out T) {
		if o := parts(raw, fail); o != nil {
			fill(o, &out)
			o.finish()
			o.report(fail)
		}
		return out
	}}
}

// rawObject reads an object without looking into it.
func rawObject() parser[json.RawMessage] {
	return parser[json.RawMessage]{objectSchema, func(raw json.RawMessage, fail failFunc) json.RawMessage {
		if raw[0] != '{' {
			fail("", codeType, "must be an object")
			return nil
		}
		return raw
	}}
}
