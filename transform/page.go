package transform

import (
	"io"
	"sync"
)

type page [pageSize]byte

var pagePool = sync.Pool{New: func() any { return new(page) }}

// keep remembers whole events as they stand on the wire, unless it follows them.
func (l *Ledger) keep(frames []byte) {
	switch {
	case l.why != "" || l.follows():
	case len(l.kept)+len(frames) <= pageSize:
		l.onPage()
		l.kept = append(l.kept, frames...)
	default:
		l.fold()
		l.scan(frames)
	}
}

// onPage makes sure that there is a page.
func (l *Ledger) onPage() {
	if l.page == nil {
		l.page = pagePool.Get().(*page)
		l.kept = l.page[:0]
	}
}

// frameRoom is for what stands around the fields of an event that is framed
// anew on a single line.
const frameRoom = len("event: \ndata: \n\n")

func (l *Ledger) remember(ev Event) {
	size := len(ev.Name) + len(ev.Data) + frameRoom
	if ev.Raw != nil {
		size = len(ev.Raw)
	}
	if len(l.kept)+size > pageSize {
		l.fold()
	}
	if len(l.kept) == 0 && l.heard(ev) {
		return
	}
	if size > pageSize {
		l.look(ev)
		return
	}
	l.onPage()
	l.kept = appendFrame(l.kept, ev)
}

// fold looks at the events that were kept, and gives their page back.
func (l *Ledger) fold() {
	if len(l.kept) == 0 {
		return
	}
	l.scan(l.kept)
	l.Release()
}

// scan looks at whole events.
func (l *Ledger) scan(frames []byte) {
	sc := Scanner{buf: frames, end: len(frames), limit: MaxEvent, err: io.EOF}
	for l.why == "" && sc.Ready() {
		if ev, _ := sc.Next(); ev.Data != nil && !l.heard(ev) { // there is one
			l.look(ev)
		}
	}
}
