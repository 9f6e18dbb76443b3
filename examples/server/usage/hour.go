// Package usage counts what came of calls by the hour, and adds the hours up.
// What it counts is small and bounded, however many calls there are.
package usage

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dctx-team/routex"
)

// Other stands for what there are too many of to be counted apart.
const Other = "other"

// MaxRows is how many parts of an hour are counted apart at most.
const MaxRows = 2000

// The bounds of names. Callers name models as they like, so names that no
// channel takes leave most of the room to the others.
const (
	maxModels  = 200
	maxUnknown = 50
	maxName    = 200 // bytes of a name
)

// A Key is what calls are told apart by.
type Key struct {
	ChannelID string // that answered last; "" for none
	Model     string // that the caller named
	Caller    string // as [routex.WithCaller] names it; "" for none
}

// An Hour is what came of the calls that began in it. It is not safe for
// concurrent use.
type Hour struct {
	number int64 // since 1970
	most   int   // rows, besides the one for all others
	rows   map[Key]*Counts
	models map[string]struct{}
}

// HourOf numbers the hours since 1970.
func HourOf(t time.Time) int64 { return floor(t.Unix(), 3600) }

func floor(n, by int64) int64 {
	if n%by < 0 {
		return n/by - 1
	}
	return n / by
}

// NewHour gives the hour of that number, in which there are no calls yet. It
// counts at most so many parts apart, and no more than MaxRows.
func NewHour(number int64, parts int) *Hour {
	return &Hour{number: number, most: min(max(parts, 0), MaxRows), rows: make(map[Key]*Counts), models: make(map[string]struct{})}
}

// Number is that of the hour since 1970.
func (h *Hour) Number() int64 { return h.number }

// Add counts a call that is over.
func (h *Hour) Add(d *routex.Decision) {
	h.row(Key{d.ChannelID, h.model(d), d.Caller}).Add(d)
}

// model is the name by which a call's model is counted.
func (h *Hour) model(d *routex.Decision) string {
	name := d.Model
	if len(name) > maxName {
		cut := maxName
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	if _, ok := h.models[name]; ok {
		return name
	}
	limit := maxModels
	if d.ChannelID == "" {
		limit = maxUnknown
	}
	if len(h.models) >= limit {
		return Other
	}
	name = strings.ToValidUTF8(name, "�")
	h.models[strings.Clone(name)] = struct{}{}
	return name
}

func (h *Hour) row(k Key) *Counts {
	if c, ok := h.rows[k]; ok {
		return c
	}
	if len(h.rows) >= h.most {
		k = Key{Other, Other, Other}
		if c, ok := h.rows[k]; ok {
			return c
		}
	}
	c := new(Counts)
	h.rows[Key{strings.Clone(k.ChannelID), strings.Clone(k.Model), strings.Clone(k.Caller)}] = c
	return c
}

// Parts is how many parts are counted apart.
func (h *Hour) Parts() int { return len(h.rows) }
