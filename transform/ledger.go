package transform

import (
	"fmt"
	"io"
	"sync"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Ledger is a [Stream] that changes nothing and remembers what it handed
// out, so that another channel can go on with an answer whose own has died. It
// stands last, before the Reader, where events are in the caller's dialect.
//
// Events are kept as they are and only looked at when many have come or
// somebody asks. What stays of them is the text and how far the stream's
// structure is. It is not safe for concurrent use.
type Ledger struct {
	dialect Dialect
	pooled  *ledgerBuffer
	kept    []byte // events that were not looked at yet

	dec    decoder
	see    func(*conv.Event)
	trail  trail
	goOn   func(conv.EncoderOptions) encoder
	said   conv.Said
	reason bool   // reasoning was told
	why    string // nobody can go on; "" while somebody can
	inText bool   // the latest event can only be followed by more at once
}

const (
	ledgerSize = 32 << 10
	// maxSaid bounds the text that a Ledger remembers, in bytes. Nobody goes
	// on with longer answers.
	maxSaid = 1 << 20
)

type ledgerBuffer [ledgerSize]byte

var ledgerPool = sync.Pool{New: func() any { return new(ledgerBuffer) }}

// NewLedger remembers a stream in the caller's dialect.
func NewLedger(caller Dialect) *Ledger { return &Ledger{dialect: caller} }

// Release lets the Ledger's memory be used by others. The Ledger and what was
// made of it must not be used afterwards.
func (l *Ledger) Release() {
	if l.pooled != nil {
		ledgerPool.Put(l.pooled)
		l.pooled, l.kept = nil, nil
	}
}

// Event passes ev on.
func (l *Ledger) Event(ev Event, emit func(Event)) error {
	if ev.Data != nil && l.why == "" {
		l.inText = len(ev.Name) == 0 || string(ev.Name) == "content_block_delta" || string(ev.Name) == "response.output_text.delta"
		l.keep(ev)
	}
	emit(ev)
	return nil
}

// Close has nothing to add.
func (l *Ledger) Close(func(Event)) error { return nil }

// frameRoom is for what stands around the fields of an event that is framed
// anew on a single line.
const frameRoom = len("event: \ndata: \n\n")

func (l *Ledger) keep(ev Event) {
	size := len(ev.Name) + len(ev.Data) + frameRoom
	if ev.Raw != nil {
		size = len(ev.Raw)
	}
	if len(l.kept)+size > ledgerSize {
		l.fold()
	}
	if size > ledgerSize || l.why != "" {
		l.look(ev)
		return
	}
	if l.pooled == nil {
		l.pooled = ledgerPool.Get().(*ledgerBuffer)
		l.kept = l.pooled[:0]
	}
	l.kept = appendFrame(l.kept, ev)
}

// fold looks at the events that were kept.
func (l *Ledger) fold() {
	if len(l.kept) == 0 {
		return
	}
	sc := Scanner{buf: l.kept, end: len(l.kept), limit: MaxEvent, err: io.EOF}
	for ev, err := sc.Next(); err == nil; ev, err = sc.Next() {
		l.look(ev)
	}
	l.kept = l.kept[:0]
}

func (l *Ledger) look(ev Event) {
	if l.why != "" {
		return
	}
	if l.dec == nil {
		c := codecOf(l.dialect)
		l.dec = c.decoder()
		l.trail, l.goOn = c.trail()
		l.see = l.saw
	}
	l.trail.Look(ev.Name, ev.Data)
	if err := l.dec.Event(ev.Name, ev.Data, l.see); err != nil {
		l.why = err.Error()
	}
}

// saw notes what the stream has told.
func (l *Ledger) saw(ev *conv.Event) {
	switch ev.Kind {
	case conv.TextDelta:
		l.said.Add(ev.Text)
		if l.said.Len() > maxSaid {
			l.why = "the answer is too long"
		}
	case conv.ReasoningDelta, conv.ReasoningState:
		l.reason = true
	case conv.RefusalDelta:
		l.why = "the model has refused"
	case conv.ToolStart, conv.ToolDelta:
		l.why = "a tool was called"
	case conv.Lost:
		l.why = fmt.Sprintf("the answer has %s in it", ev.Text.Inner())
	case conv.Finish, conv.End:
		l.why = "the answer was complete"
	case conv.Failed:
		l.why = "an error was told"
	}
}

// Over reports that it is known that nobody can go on. It does not look at what
// was not looked at yet; see [Ledger.CanGoOn].
func (l *Ledger) Over() bool { return l.why != "" }

// InText reports that the stream stands in the middle of a text, where a
// healthy one is not silent for long: models that reason, or prepare a call of
// a tool, do so between two blocks.
func (l *Ledger) InText() bool { return l.inText }

// Text is the text of the answer that was handed out so far.
func (l *Ledger) Text() string {
	l.fold()
	return l.said.Text()
}

// CanGoOn tells whether another channel can go on with what was handed out, or
// else why not: where a tool was called, where the model has reasoned and not
// yet said anything, and after the answer's end there is nothing to join a
// second answer to.
func (l *Ledger) CanGoOn() (ok bool, why string) {
	l.fold()
	switch {
	case l.why != "":
		return false, l.why
	case !l.said.Whole():
		return false, "the text ends inside a character"
	case l.reason && l.said.Len() == 0:
		return false, "the model was reasoning"
	}
	return true, ""
}
