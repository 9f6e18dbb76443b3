package usage

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A By is what calls are grouped by.
type By string

// All that calls can be grouped by.
const (
	ByChannel By = "channel"
	ByModel   By = "model"
	ByKey     By = "key"
	ByHour    By = "hour"
	ByDay     By = "day"
)

// Dimensions lists them.
func Dimensions() []By { return []By{ByChannel, ByModel, ByKey, ByHour, ByDay} }

// A Group is what came of the calls that have something in common: what the
// fields say that they were grouped by.
type Group struct {
	ChannelID, Model, Caller string
	Start                    time.Time // of the hour or day
	Counts
}

// Groups adds hours up. It is not safe for concurrent use.
type Groups struct {
	by    []By
	zone  *time.Location
	total Counts
	all   map[groupKey]*Group
}

type groupKey struct {
	Key
	start int64
}

// NewGroups groups calls by all that by says, by nothing when it is empty, with
// the days of a zone. An hour counts to the day in which it begins.
func NewGroups(by []By, zone *time.Location) *Groups {
	return &Groups{by: by, zone: zone, all: make(map[groupKey]*Group)}
}

// Add adds what came of a part of the calls of an hour.
func (g *Groups) Add(hour int64, k Key, c *Counts) {
	g.total.Merge(c)
	if len(g.by) == 0 {
		return
	}
	var at groupKey
	for _, by := range g.by {
		switch by {
		case ByChannel:
			at.ChannelID = k.ChannelID
		case ByModel:
			at.Model = k.Model
		case ByKey:
			at.Caller = k.Caller
		case ByHour:
			at.start = hour * 3600
		case ByDay:
			if !slices.Contains(g.by, ByHour) {
				at.start = g.day(hour)
			}
		}
	}
	group := g.all[at]
	if group == nil {
		group = &Group{ChannelID: at.ChannelID, Model: at.Model, Caller: at.Caller, Start: time.Unix(at.start, 0).In(g.zone)}
		g.all[at] = group
	}
	group.Merge(c)
}

func (g *Groups) day(hour int64) int64 {
	t := time.Unix(hour*3600, 0).In(g.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, g.zone).Unix()
}

// Total is what came of all calls. Its ChannelName says nothing.
func (g *Groups) Total() *Counts { return &g.total }

// List gives the groups, the earliest first, of one time that with most calls.
func (g *Groups) List() []*Group {
	out := make([]*Group, 0, len(g.all))
	for _, group := range g.all {
		out = append(out, group)
	}
	slices.SortFunc(out, func(a, b *Group) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(b.Requests, a.Requests),
			strings.Compare(a.ChannelID, b.ChannelID), strings.Compare(a.Model, b.Model), strings.Compare(a.Caller, b.Caller))
	})
	return out
}
