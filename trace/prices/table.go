// Package prices knows what calls of language models cost.
//
// [Default] has the list prices of the providers, with their sources and the day
// on which they were looked up. A program puts its own over them:
//
//	own, err := prices.Parse([]byte(`{"models": {"gpt-5": {"input": 1, "output": 8}}}`))
//	table := prices.Default().Merge(own)
//
// Prices are by the token. What is charged by the call, such as a search of the
// web, and discounts for batches or for waiting are not in them.
package prices

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/dctx-team/routex/internal/glob"
)

// A Table has the prices of models, by provider. It does not change, and is safe
// for concurrent use. A nil Table has none.
type Table struct {
	date   string
	layers []layer // that of the last Merge last
}

// A layer is what one text says.
type layer struct {
	providers []provider
	any       models // of whatever provider
}

type provider struct {
	Name    string
	Hosts   []string // names or globs
	Also    []string // providers whose models it offers at their prices
	Sources []string
	Note    string
	models  models
}

// models are prices by name, and by glob for names in which some text is open.
type models struct {
	exact map[string]*Price // by lower-case name
	globs map[string]*Price
	rows  map[string]*Price // by the name that the text has, without other names
}

// A Row is the price of one model.
type Row struct {
	Provider string // "" for any
	Model    string // a name, or a glob in which * stands for any text
	Price    Price
	Sources  []string // where it was found; none for a program's own
	Note     string   // what is to be known about prices of the provider
}

// Merge gives a table in which what over says goes before what t says.
func (t *Table) Merge(over *Table) *Table {
	switch {
	case t == nil:
		return over
	case over == nil:
		return t
	}
	merged := &Table{date: max(t.date, over.date)}
	merged.layers = append(slices.Clip(t.layers), over.layers...)
	return merged
}

// New makes a table of prices by model, whatever the provider. Keys are names,
// or globs in which * stands for any text: an exact name wins, then the one with
// the most literal text. The error is an [*Error] that names every mistake.
func New(byModel map[string]Price) (*Table, error) {
	var r reader
	l := layer{any: newModels()}
	for _, name := range slices.Sorted(maps.Keys(byModel)) {
		price := byModel[name]
		r.check(member("", name), &price)
		r.add(&l.any, "", name, nil, &price)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return &Table{layers: []layer{l}}, nil
}

// Date is the day on which the prices were looked up, as 2006-01-02; "" when the
// table does not say. Sources can be older: those of most prices in [Default] are
// from September and October 2026.
func (t *Table) Date() string {
	if t == nil {
		return ""
	}
	return t.date
}

// Rows are the prices, by provider and model. What is hidden by another row, of
// the same provider and model or by one for any provider, is among them after
// it.
func (t *Table) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		if t == nil {
			return
		}
		for i := range slices.Backward(t.layers) {
			l := &t.layers[i]
			for name, price := range l.any.sorted() {
				if !yield(Row{Model: name, Price: *price}) {
					return
				}
			}
			for _, p := range l.providers {
				for name, price := range p.models.sorted() {
					if !yield(Row{Provider: p.Name, Model: name, Price: *price, Sources: p.Sources, Note: p.Note}) {
						return
					}
				}
			}
		}
	}
}

func (m *models) sorted() iter.Seq2[string, *Price] {
	return func(yield func(string, *Price) bool) {
		for _, name := range slices.Sorted(maps.Keys(m.rows)) {
			if !yield(name, m.rows[name]) {
				return
			}
		}
	}
}

// Provider is the one whose calls go to a host, without a port; "" when none is
// known.
func (t *Table) Provider(host string) string {
	if t == nil {
		return ""
	}
	host = strings.ToLower(host)
	for i := range slices.Backward(t.layers) {
		for _, p := range t.layers[i].providers {
			for _, pattern := range p.Hosts {
				if glob.Match(pattern, host) {
					return p.Name
				}
			}
		}
	}
	return ""
}

// Lookup is the price of a provider's model: by its name, by the name without
// the date of a version, a region, or what Bedrock, Vertex AI and routers put
// before and after it, or else by a glob. A row for any provider holds for all.
// With a provider that is "" every one's are looked at; with one that the table
// does not know, only the rows for any. The Price must not be changed.
func (t *Table) Lookup(provider, model string) (price *Price, found bool) {
	if t == nil || model == "" || len(model) > maxName {
		return nil, false
	}
	for name := range forms(strings.ToLower(model)) {
		for i := range slices.Backward(t.layers) {
			if price = t.layers[i].find(provider, name); price != nil {
				return price, true
			}
		}
	}
	return nil, false
}

// find looks for one form of a name.
func (l *layer) find(provider, name string) *Price {
	if price := l.any.find(name); price != nil {
		return price
	}
	for i := range l.providers {
		p := &l.providers[i]
		if provider != "" && p.Name != provider {
			continue
		}
		if price := p.models.find(name); price != nil {
			return price
		}
		for _, also := range p.Also {
			if price := l.of(also).find(name); price != nil {
				return price
			}
		}
	}
	return nil
}

func (l *layer) of(provider string) *models {
	for i := range l.providers {
		if l.providers[i].Name == provider {
			return &l.providers[i].models
		}
	}
	return &models{}
}

func (m *models) find(name string) *Price {
	if price, ok := m.exact[name]; ok {
		return price
	}
	var found *Price
	best, most := "", -1
	for pattern, price := range m.globs {
		literal := len(pattern) - strings.Count(pattern, "*")
		// Equal lengths: the smaller pattern, so that the order of a map does not decide.
		if (literal > most || literal == most && pattern < best) && glob.Match(pattern, name) {
			found, best, most = price, pattern, literal
		}
	}
	return found
}

func newModels() models {
	return models{exact: make(map[string]*Price), globs: make(map[string]*Price), rows: make(map[string]*Price)}
}
