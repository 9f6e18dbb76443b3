package router

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A readFunc reads the value at a path.
type readFunc func(v gjson.Result, path string)

// members are what an object can have.
type members []struct {
	name string
	read readFunc
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// object reads the members of an object. Null is as good as none.
func (f *fileReader) object(v gjson.Result, path string, known members) {
	if !v.IsObject() {
		f.wrong(path, "an object", v)
		return
	}
	seen := make(map[string]bool)
	v.ForEach(func(key, value gjson.Result) bool {
		at := join(path, key.Str)
		if seen[key.Str] {
			f.fail(at, "is there more than once")
			return true
		}
		seen[key.Str] = true
		for _, m := range known {
			if m.name == key.Str {
				if value.Type != gjson.Null {
					m.read(value, at)
				}
				return true
			}
		}
		f.failAs(ErrNoMember, at, "%s", known.suggest(key.Str))
		return true
	})
}

// suggest says what may have been meant by a name that there is not.
func (m members) suggest(name string) string {
	near, least := "", 3
	var all []string
	for _, one := range m {
		all = append(all, one.name)
		if d := distance(strings.ToLower(name), strings.ToLower(one.name)); d < least && d < len(one.name) {
			near, least = one.name, d
		}
	}
	if near != "" {
		return fmt.Sprintf("there is no such member; did you mean %s?", near)
	}
	return "there is no such member; there are " + strings.Join(all, ", ")
}

// distance counts the letters to insert, delete or replace to make b of a.
// Long names are far from everything.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	var rows [2][41]int // the row at hand and the one before it
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := range len(a) {
		last, row := &rows[i%2], &rows[(i+1)%2]
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
		}
	}
	return rows[len(a)%2][len(b)]
}

func kindOf(v gjson.Result) string {
	switch {
	case v.IsObject():
		return "an object"
	case v.IsArray():
		return "an array"
	case v.IsBool():
		return "true or false"
	}
	return map[gjson.Type]string{gjson.String: "a string", gjson.Number: "a number", gjson.Null: "null"}[v.Type]
}

func (f *fileReader) text(into *string) readFunc {
	return func(v gjson.Result, path string) {
		if v.Type != gjson.String {
			f.wrong(path, "a string", v)
			return
		}
		_ = json.Unmarshal([]byte(v.Raw), into) // it is valid, and no view of the file
	}
}

// pattern reads a text that must not be empty: that would be no condition.
func (f *fileReader) pattern(into *string) readFunc {
	return func(v gjson.Result, path string) {
		if f.text(into)(v, path); v.Type == gjson.String && *into == "" {
			f.fail(path, "must not be empty; leave it out instead")
		}
	}
}

func (f *fileReader) message(into *string) readFunc {
	return func(v gjson.Result, path string) {
		if v.IsBool() {
			f.failAs(ErrType, path, "must be the message for the caller")
			return
		}
		f.text(into)(v, path)
	}
}

func (f *fileReader) boolean(into *bool) readFunc {
	return func(v gjson.Result, path string) {
		if !v.IsBool() {
			f.wrong(path, "true or false", v)
			return
		}
		*into = v.Bool()
	}
}

func (f *fileReader) flag(into **bool) readFunc {
	return func(v gjson.Result, path string) {
		if f.boolean(new(bool))(v, path); v.IsBool() {
			*into = new(v.Bool())
		}
	}
}

func (f *fileReader) integer(into *int) readFunc {
	return func(v gjson.Result, path string) {
		n, err := strconv.Atoi(v.Raw)
		switch {
		case v.Type != gjson.Number:
			f.wrong(path, "a whole number", v)
		case err != nil:
			f.failAs(ErrType, path, "must be a whole number, not %s", v.Raw)
		default:
			*into = n
		}
	}
}

// positive reads a number of which 0 would be no condition.
func (f *fileReader) positive(into *int) readFunc {
	return func(v gjson.Result, path string) {
		if f.integer(into)(v, path); v.Type == gjson.Number && v.Num == 0 {
			f.fail(path, "must be at least 1; leave it out instead")
		}
	}
}

// list reads each element of an array, for which begin makes room.
func (f *fileReader) list(read readFunc, begin func()) readFunc {
	return func(v gjson.Result, path string) {
		if !v.IsArray() {
			f.wrong(path, "an array", v)
			return
		}
		begin()
		for i, item := range v.Array() {
			read(item, fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

func (f *fileReader) texts(into *[]string) readFunc {
	return f.list(func(v gjson.Result, path string) {
		var s string
		f.text(&s)(v, path)
		*into = append(*into, s)
	}, func() { *into = []string{} })
}

func (f *fileReader) oneOf(into *OneOf) readFunc {
	return func(v gjson.Result, path string) {
		if v.IsArray() {
			f.texts((*[]string)(into))(v, path)
			return
		}
		var s string
		if f.text(&s)(v, path); v.Type == gjson.String {
			*into = OneOf{s}
		}
	}
}

func (f *fileReader) textMap(into *map[string]string) readFunc {
	return func(v gjson.Result, path string) {
		if !v.IsObject() {
			f.wrong(path, "an object of patterns by name", v)
			return
		}
		*into = make(map[string]string)
		v.ForEach(func(key, value gjson.Result) bool {
			var s string
			f.text(&s)(value, fmt.Sprintf("%s[%q]", path, key.Str))
			if _, twice := (*into)[key.Str]; twice {
				f.fail(fmt.Sprintf("%s[%q]", path, key.Str), "is there more than once")
			}
			(*into)[strings.Clone(key.Str)] = s
			return true
		})
	}
}
