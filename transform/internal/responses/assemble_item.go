package responses

import (
	"cmp"
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A draftItem is an item of the output while it is told.
type draftItem struct {
	index int64
	done  bool // it was told as a whole
	top   conv.Draft
	lists [2]draftList // content and summary
}

// A draftList are the parts of an item, by index.
type draftList struct {
	parts  []*draftPart
	places map[int64]*draftPart
}

type draftPart struct {
	index int64
	top   conv.Draft
	notes []conv.Raw // annotations
}

// names of the lists of an item.
var listNames = [2]string{"content", "summary"}

const (
	inContent = 0
	inSummary = 1
)

// tell takes what is told of a part when it begins and when it is complete.
func (p *draftPart) tell(part conv.Raw) {
	p.top.SetAll(part)
	if !part.Get("annotations").IsEmpty() {
		p.notes = nil
	}
}

func (p *draftPart) text(kind conv.Raw, key string, ev *event) {
	if !p.top.Has("type") {
		p.top.Set("type", conv.Raw(conv.Concat(string(kind))))
	}
	grow(&p.top, key, ev)
}

// grow adds a piece of a text. The whole of it is taken when it is told.
func grow(d *conv.Draft, key string, ev *event) {
	if ev.delta != "" {
		d.Grow(key, ev.delta)
	} else if ev.whole != "" {
		d.Set(key, conv.Raw(ev.whole))
	}
}

func (it *draftItem) append(dst []byte) []byte {
	for i := range it.lists {
		l := &it.lists[i]
		if len(l.parts) == 0 {
			continue
		}
		slices.SortStableFunc(l.parts, func(a, b *draftPart) int { return cmp.Compare(a.index, b.index) })
		list := []byte{'['}
		for n, p := range l.parts {
			if n > 0 {
				list = append(list, ',')
			}
			list = p.append(list)
		}
		it.top.Set(listNames[i], conv.Raw(conv.View(append(list, ']'))))
	}
	if !it.top.Has("type") {
		it.top.Set("type", it.kind())
	}
	return it.top.Append(dst)
}

// kind tells the type of an item that was not announced.
func (it *draftItem) kind() conv.Raw {
	switch {
	case it.top.Has("arguments"):
		return `"function_call"`
	case it.top.Has("input"):
		return `"custom_tool_call"`
	case len(it.lists[inSummary].parts) > 0:
		return `"reasoning"`
	}
	return `"message"`
}

func (p *draftPart) append(dst []byte) []byte {
	if len(p.notes) > 0 {
		list := []byte{'['}
		for i, note := range p.notes {
			if i > 0 {
				list = append(list, ',')
			}
			list = append(list, note...)
		}
		p.top.Set("annotations", conv.Raw(conv.View(append(list, ']'))))
	}
	return p.top.Append(dst)
}
