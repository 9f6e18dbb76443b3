package gemini

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// maxPath bounds how deep a path into arguments goes.
const maxPath = 64

// partial puts the arguments of a call together that come value by value, each
// with its path, and texts in pieces. Members keep the order in which they
// came.
type partial struct {
	root value
	args string // whole, when they come so
}

// A value is a node of the arguments.
type value struct {
	key   string // in an object
	index int    // in an array
	array bool
	inner []*value
	named map[place]*value // of inner, once they are many
	text  []byte           // inner literal text of a string that grows
	raw   string           // of what is no string
	open  bool             // more of the text follows
	isStr bool
}

// A place is where in a value another one stands.
type place struct {
	key   string
	index int
}

// fewValues is how many values are looked through one by one.
const fewValues = 16

// add adds the values of a partialArgs member.
func (p *partial) add(args conv.Raw) {
	for c := args.Walk(); args.IsArray() && c.Next(); {
		p.root.at(c.Value.Get("jsonPath").Str().String()).set(c.Value)
	}
}

// at returns the value with that path, which it makes if there is none.
func (v *value) at(path string) *value {
	path = strings.TrimPrefix(path, "$")
	for range maxPath {
		if path == "" {
			break
		}
		var key string
		var index int
		if key, index, path = step1(path); index >= 0 {
			v = v.child("", index, true)
		} else {
			v = v.child(key, -1, false)
		}
	}
	return v
}

// step1 takes the first step off a path: .name, ['name'] or [0].
func step1(path string) (key string, index int, rest string) {
	if path[0] != '[' {
		path = strings.TrimPrefix(path, ".")
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		return path[:end], -1, path[end:]
	}
	path = path[1:]
	if path != "" && (path[0] == '\'' || path[0] == '"') {
		quote := path[:1]
		key, rest, _ = strings.Cut(path[1:], quote+"]")
		return strings.ReplaceAll(key, `\`+quote, quote), -1, rest
	}
	key, rest, _ = strings.Cut(path, "]")
	if n, err := strconv.Atoi(key); err == nil && n >= 0 {
		return "", n, rest
	}
	return key, -1, rest
}

// child returns the member or the element, which it makes if there is none.
func (v *value) child(key string, index int, array bool) *value {
	if len(v.inner) == 0 {
		v.array = array
	}
	if c := v.find(key, index); c != nil {
		return c
	}
	c := &value{key: strings.Clone(key), index: index}
	v.inner = append(v.inner, c)
	switch {
	case v.named != nil:
		v.named[place{c.key, index}] = c
	case len(v.inner) > fewValues:
		v.named = make(map[place]*value, 2*fewValues)
		for _, c := range v.inner {
			v.named[place{c.key, c.index}] = c
		}
	}
	return c
}

func (v *value) find(key string, index int) *value {
	if v.named != nil {
		return v.named[place{key, index}]
	}
	for _, c := range v.inner {
		if c.index == index && c.key == key {
			return c
		}
	}
	return nil
}

// set gives the value what a partial argument holds. Null is what an argument
// without a value means.
func (v *value) set(arg conv.Raw) {
	switch text, number, truth := arg.Get("stringValue"), arg.Get("numberValue"), arg.Get("boolValue"); {
	case text.IsString():
		if !v.open {
			v.text = v.text[:0]
		}
		v.isStr = true
		v.text = append(v.text, text.Str().Inner()...)
	case number.IsNumber():
		v.raw = strings.Clone(string(number))
	case truth.IsBool():
		v.raw = strings.Clone(string(truth))
	default:
		v.raw = "null"
	}
	v.open = arg.Get("willContinue") == "true"
}

// object returns the arguments as far as they have come.
func (p *partial) object() string {
	if len(p.root.inner) == 0 {
		return p.args
	}
	if p.root.array {
		return ""
	}
	return string(p.root.append(nil))
}

func (v *value) append(dst []byte) []byte {
	switch {
	case len(v.inner) > 0:
		return v.appendInner(dst)
	case v.isStr:
		return append(append(append(dst, '"'), v.text...), '"')
	case v.raw == "":
		return append(dst, "null"...)
	}
	return append(dst, v.raw...)
}

func (v *value) appendInner(dst []byte) []byte {
	if v.array {
		dst = append(dst, '[')
	} else {
		dst = append(dst, '{')
	}
	for i, c := range v.inner {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case v.array:
		case c.index >= 0:
			dst = append(strconv.AppendInt(append(dst, '"'), int64(c.index), 10), `":`...)
		default:
			dst = append(conv.AppendQuoted(dst, c.key), ':')
		}
		dst = c.append(dst)
	}
	if v.array {
		return append(dst, ']')
	}
	return append(dst, '}')
}
