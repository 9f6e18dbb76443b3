package prices

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A reader reads JSON and collects the mistakes.
type reader struct{ mistakes []Mistake }

// fields are what an object may have, and what reads each.
type fields map[string]func(at string, raw json.RawMessage)

func (r *reader) fail(at, format string, args ...any) {
	r.mistakes = append(r.mistakes, Mistake{Field: at, Problem: fmt.Sprintf(format, args...)})
}

func (r *reader) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	return &Error{Mistakes: r.mistakes}
}

// object reads the members of an object, and gives which it has.
func (r *reader) object(at string, raw json.RawMessage, f fields) (has map[string]json.RawMessage) {
	if !r.into(at, raw, &has, "an object") {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		read, ok := f[name]
		switch {
		case !ok:
			r.fail(inside(at, name), "no such field; there are %s", strings.Join(slices.Sorted(maps.Keys(f)), ", "))
		case string(has[name]) == "null": // as if it were missing
			delete(has, name)
		default:
			read(inside(at, name), has[name])
		}
	}
	return has
}

func inside(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func member(at, key string) string { return fmt.Sprintf("%s[%q]", at, key) }

// into reads a value, or says what it must be.
func (r *reader) into(at string, raw json.RawMessage, v any, what string) bool {
	err := json.Unmarshal(raw, v)
	syntax, broken := errors.AsType[*json.SyntaxError](err)
	switch {
	case broken:
		r.fail(at, "not JSON: %v", syntax)
	case err != nil, bytes.Equal(bytes.TrimSpace(raw), []byte("null")):
		r.fail(at, "must be %s", what)
	default:
		return true
	}
	return false
}

func (r *reader) text(at string, raw json.RawMessage) (s string) {
	r.into(at, raw, &s, "a text")
	return s
}

func (r *reader) texts(at string, raw json.RawMessage) (list []string) {
	r.into(at, raw, &list, "a list of texts")
	return list
}

func (r *reader) day(at string, raw json.RawMessage) string {
	s := r.text(at, raw)
	if _, err := time.Parse(time.DateOnly, s); err != nil && s != "" {
		r.fail(at, "must be a day such as 2026-11-29")
	}
	return s
}

// currency: costs of different calls are added up.
func (r *reader) currency(at string, raw json.RawMessage) {
	if s := r.text(at, raw); s != "" && s != "USD" {
		r.fail(at, "must be USD; there is no other")
	}
}
