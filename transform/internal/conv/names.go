package conv

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// A NameRule says which names of tools a protocol takes. The zero value takes
// every name.
type NameRule struct {
	Max   int    // bytes
	Extra string // characters besides letters, digits, _ and -
	// Letter says that a name must begin with a letter or _.
	Letter bool
}

// fits reports that the rule takes the name.
func (n NameRule) fits(name string) bool {
	if n.Max == 0 {
		return true
	}
	if len(name) > n.Max || name == "" || n.Letter && !startsName(name[0]) {
		return false
	}
	for i := range len(name) {
		if !n.takes(name[i]) {
			return false
		}
	}
	return true
}

func startsName(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (n NameRule) takes(c byte) bool {
	if safeIDByte(c) {
		return true
	}
	for i := range len(n.Extra) {
		if n.Extra[i] == c {
			return true
		}
	}
	return false
}

// Fit returns the name as the rule takes it: always the same for the same
// name, and different for different ones.
func (n NameRule) Fit(name string) string {
	if n.fits(name) {
		return name
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	tail := "_" + strconv.FormatUint(h.Sum64(), 36)
	out := make([]byte, 0, n.Max)
	if n.Letter && (name == "" || !startsName(name[0])) {
		out = append(out, '_')
	}
	for i := range len(name) {
		c := name[i]
		if !n.takes(c) {
			c = '_'
		}
		out = append(out, c)
	}
	return string(out[:min(len(out), n.Max-len(tail))]) + tail
}

// Rename gives the tools of a request, their calls and the choice of one the
// names that the rule takes. It returns the caller's names by the new ones,
// nil when nothing had to be renamed.
func (r *Request) Rename(rule NameRule) map[string]string {
	var names map[string]string
	fit := func(s *Str) {
		if *s == "" || rule.fits(s.Inner()) {
			return
		}
		old := strings.Clone(s.String()) // it outlives the body
		name := rule.Fit(old)
		if names == nil {
			names = make(map[string]string)
		}
		names[name] = old
		*s = Quote(name)
	}
	for i := range r.Tools {
		fit(&r.Tools[i].Name)
	}
	if r.Choice.Mode == ChoiceTool {
		fit(&r.Choice.Name)
	}
	for i := range r.Messages {
		for j := range r.Messages[i].Parts {
			if p := &r.Messages[i].Parts[j]; p.Kind == ToolCall {
				fit(&p.Name)
			}
		}
	}
	return names
}

// Only leaves out the tools that have none of the names.
func (r *Request) Only(names []Str) {
	set := make(map[string]struct{}, len(names))
	for _, name := range names {
		set[name.String()] = struct{}{}
	}
	r.Tools = slices.DeleteFunc(r.Tools, func(t Tool) bool {
		_, ok := set[t.Name.String()]
		return !ok
	})
}

// A Spaced is a tool in a namespace: its name, and the two parts of that.
type Spaced struct{ Name, Space, Bare string }

// SpacedName returns the name of a tool in a namespace where there are none.
func SpacedName(space, bare Str) Str {
	sep := "__"
	if strings.HasSuffix(space.Inner(), sep) {
		sep = ""
	}
	return Concat(space.Inner(), sep, bare.Inner())
}

// SpacedNames returns the tools that are in namespaces.
func (r *Request) SpacedNames() []Spaced {
	var names []Spaced
	for i := range r.Tools {
		if t := &r.Tools[i]; t.Space != "" {
			names = append(names, Spaced{
				strings.Clone(t.Name.String()), strings.Clone(t.Space.String()), strings.Clone(t.Bare.String()),
			})
		}
	}
	return names
}

// FreeformNames returns the names of the tools that take text.
func (r *Request) FreeformNames() []string {
	var names []string
	for i := range r.Tools {
		if r.Tools[i].Freeform {
			names = append(names, strings.Clone(r.Tools[i].Name.String()))
		}
	}
	return names
}
