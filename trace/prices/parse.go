package prices

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Error lists the mistakes in prices.
type Error struct {
	Mistakes []Mistake // at least one
}

// A Mistake is what is wrong with one value.
type Mistake struct {
	Field   string // such as models["gpt-5"].input; "" for the whole
	Problem string
}

// Error lists the mistakes, a line for each.
func (e *Error) Error() string {
	var lines []string
	for _, m := range e.Mistakes {
		if m.Field == "" {
			lines = append(lines, m.Problem)
			continue
		}
		lines = append(lines, m.Field+": "+m.Problem)
	}
	return strings.Join(lines, "\n")
}

// Parse reads a table from JSON:
//
//	{"date": "2026-11-29",
//	 "models": {"gpt-5": {"input": 1.25, "output": 10, "cacheRead": 0.125}},
//	 "providers": [{"name": "mine", "hosts": ["llm.example.com"], "models": {...}}]}
//
// Every member may be missing. The prices under "models" hold whatever the
// provider; those of a provider only for it, and for others that name it in
// "also". A price has the JSON form of [Price], and may have other "names" of
// the model. Names of models are names or globs, as for [New]. The error is an
// [*Error] that names every mistake.
func Parse(data []byte) (*Table, error) {
	var r reader
	t := &Table{layers: make([]layer, 1)}
	l := &t.layers[0]
	l.any = newModels()
	r.object("", data, fields{
		"date":      func(at string, raw json.RawMessage) { t.date = r.day(at, raw) },
		"currency":  func(at string, raw json.RawMessage) { r.currency(at, raw) },
		"models":    func(at string, raw json.RawMessage) { r.models(at, raw, &l.any) },
		"providers": func(at string, raw json.RawMessage) { l.providers = r.providers(at, raw) },
	})
	if err := r.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// Validate gives an [*Error] that names every mistake in a price, or nil.
func (p *Price) Validate() error {
	var r reader
	r.check("", p)
	return r.err()
}

func (r *reader) providers(at string, raw json.RawMessage) []provider {
	var list []json.RawMessage
	r.into(at, raw, &list, "a list")
	out := make([]provider, len(list))
	known := make(map[string]bool)
	for i, raw := range list {
		p, at := &out[i], fmt.Sprintf("%s[%d]", at, i)
		p.models = newModels()
		r.object(at, raw, fields{
			"name":    func(at string, raw json.RawMessage) { p.Name = r.text(at, raw) },
			"hosts":   func(at string, raw json.RawMessage) { p.Hosts = lower(r.texts(at, raw)) },
			"also":    func(at string, raw json.RawMessage) { p.Also = r.texts(at, raw) },
			"sources": func(at string, raw json.RawMessage) { p.Sources = r.texts(at, raw) },
			"note":    func(at string, raw json.RawMessage) { p.Note = r.text(at, raw) },
			"models":  func(at string, raw json.RawMessage) { r.models(at, raw, &p.models) },
		})
		switch {
		case p.Name == "":
			r.fail(inside(at, "name"), "required")
		case known[p.Name]:
			r.fail(inside(at, "name"), "%q is there twice", p.Name)
		}
		known[p.Name] = true
	}
	return out
}

func lower(list []string) []string {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list
}

func (r *reader) models(at string, raw json.RawMessage, m *models) {
	var byName map[string]json.RawMessage
	r.into(at, raw, &byName, "an object")
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		var names []string
		price := r.price(member(at, name), byName[name], &names)
		r.add(m, at, name, names, &price)
	}
}

// add puts a price into the table, under all its names.
func (r *reader) add(m *models, at, name string, others []string, price *Price) {
	m.rows[name] = price
	for i, s := range append([]string{name}, others...) {
		field := member(at, name)
		if i > 0 {
			field = fmt.Sprintf("%s.names[%d]", field, i-1)
		}
		s = strings.ToLower(s)
		into := m.exact
		if strings.Contains(s, "*") {
			into = m.globs
		}
		switch {
		case s == "":
			r.fail(field, "needs the name of a model")
		case len(s) > maxName:
			r.fail(field, "a name has at most %d bytes", maxName)
		case into[s] != nil:
			r.fail(field, "there is a price for %q already", s)
		}
		into[s] = price
	}
}

// price reads a price; with names nil it has no other names.
func (r *reader) price(at string, raw json.RawMessage, names *[]string) (p Price) {
	f := r.rates(&p.Rates)
	f["long"] = func(at string, raw json.RawMessage) { p.Long = list(r, at, raw, r.tier) }
	f["peak"] = func(at string, raw json.RawMessage) { p.Peak = list(r, at, raw, r.window) }
	f["later"] = func(at string, raw json.RawMessage) { p.Later = list(r, at, raw, r.change) }
	if names != nil {
		f["names"] = func(at string, raw json.RawMessage) { *names = r.texts(at, raw) }
	}
	r.required(at, r.object(at, raw, f))
	var more reader
	more.check(at, &p)
	for _, m := range more.mistakes {
		if !slices.ContainsFunc(r.mistakes, func(o Mistake) bool { return o.Field == m.Field }) {
			r.mistakes = append(r.mistakes, m)
		}
	}
	return p
}

func (r *reader) rates(to *Rates) fields {
	number := func(to *float64) func(string, json.RawMessage) {
		return func(at string, raw json.RawMessage) { r.into(at, raw, to, "a number") }
	}
	optional := func(to **float64) func(string, json.RawMessage) {
		return func(at string, raw json.RawMessage) { *to = new(float64); r.into(at, raw, *to, "a number") }
	}
	return fields{
		"input": number(&to.Input), "output": number(&to.Output), "cacheRead": optional(&to.CacheRead),
		"cacheWrite": optional(&to.CacheWrite), "cacheWriteHour": optional(&to.CacheWriteHour), "reasoning": optional(&to.Reasoning),
	}
}

func (r *reader) required(at string, has map[string]json.RawMessage) {
	for _, name := range []string{"input", "output"} {
		if _, ok := has[name]; !ok && has != nil {
			r.fail(inside(at, name), "required: what a million tokens cost")
		}
	}
}

func list[T any](r *reader, at string, raw json.RawMessage, read func(at string, raw json.RawMessage) T) []T {
	var list []json.RawMessage
	r.into(at, raw, &list, "a list")
	out := make([]T, 0, len(list))
	for i, raw := range list {
		out = append(out, read(fmt.Sprintf("%s[%d]", at, i), raw))
	}
	return out
}

func (r *reader) tier(at string, raw json.RawMessage) (t Tier) {
	f := r.rates(&t.Rates)
	f["above"] = func(at string, raw json.RawMessage) { r.into(at, raw, &t.Above, "a number of tokens") }
	r.required(at, r.object(at, raw, f))
	return t
}

func (r *reader) window(at string, raw json.RawMessage) (w Window) {
	f := r.rates(&w.Rates)
	f["from"] = func(at string, raw json.RawMessage) { w.From = r.text(at, raw) }
	f["to"] = func(at string, raw json.RawMessage) { w.To = r.text(at, raw) }
	f["weekdays"] = func(at string, raw json.RawMessage) { r.into(at, raw, &w.Weekdays, "true or false") }
	r.required(at, r.object(at, raw, f))
	return w
}

func (r *reader) change(at string, raw json.RawMessage) (c Change) {
	f := r.rates(&c.Rates)
	f["from"] = func(at string, raw json.RawMessage) { c.From = r.text(at, raw) }
	r.required(at, r.object(at, raw, f))
	return c
}
