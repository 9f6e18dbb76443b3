package transform

import (
	"fmt"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Ledger is a [Stream] that changes nothing and remembers what it handed
// out, so that another channel can go on with an answer whose own has died. It
// stands last, before the Reader, where events are in the caller's dialect.
//
// Events are kept as they are, and looked at when they fill a page or somebody
// asks; of most of the later ones only the text is taken. What stays of a
// stream is its text and how far its structure is. A Ledger is not safe for
// concurrent use.
type Ledger struct {
	dialect Dialect
	page    *page
	kept    []byte // events on the page, that were not looked at yet

	dec    decoder
	see    func(*conv.Event)
	trail  trail
	goOn   func(conv.EncoderOptions) encoder
	said   conv.Said
	reason bool     // reasoning was told, and no text since
	why    string   // nobody can go on; "" while somebody can
	last   conv.Str // the text that the event has told which is looked at
	things int      // how many things it has told
	ping   bool     // and that it tells nothing of the answer
	inText bool     // a piece of text came last
}

const (
	pageSize = 32 << 10 // most answers fit, and are never looked at
	// maxSaid bounds the text that a Ledger remembers, in bytes. Nobody goes
	// on with longer answers.
	maxSaid = 1 << 20
)

// NewLedger remembers a stream in the caller's dialect.
func NewLedger(caller Dialect) *Ledger { return &Ledger{dialect: caller} }

// Release lets the Ledger's memory be used by others. The Ledger must not be
// used afterwards; its text and what [Ledger.Resume] gave may be.
func (l *Ledger) Release() {
	if l.page != nil {
		pagePool.Put(l.page)
		l.page, l.kept = nil, nil
	}
}

// Event passes ev on.
func (l *Ledger) Event(ev Event, emit func(Event)) error {
	if ev.Data != nil {
		l.note(ev)
	}
	emit(ev)
	return nil
}

func (l *Ledger) note(ev Event) {
	if l.why == "" {
		l.remember(ev)
	}
}

// Close has nothing to add.
func (l *Ledger) Close(func(Event)) error { return nil }

// follows reports that events are looked at one by one, for those before them
// were.
func (l *Ledger) follows() bool { return l.trail != nil }

// heard takes the text of an event that is like others before it, and reports
// that there is nothing else to look at. All before it must have been looked at.
func (l *Ledger) heard(ev Event) bool {
	if l.trail == nil {
		return false
	}
	text, ok := l.trail.Match(ev.Data)
	if ok {
		l.inText = true
		l.say(text)
	}
	return ok
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
	l.things, l.last, l.ping = 0, "", false
	if l.trail.Called() {
		l.why = "a tool was called"
	}
	_ = l.dec.Event(ev.Name, ev.Data, l.see) // decoders pass over what they cannot read
	if !l.ping {
		l.inText = l.last != ""
	}
	if l.things == 1 {
		l.trail.Learn(ev.Data, l.last)
	}
}

// saw notes what an event has told.
func (l *Ledger) saw(ev *conv.Event) {
	l.things++
	switch ev.Kind {
	case conv.TextDelta:
		l.last = ev.Text
		l.say(ev.Text)
	case conv.ReasoningDelta:
		l.reason = true
	case conv.ReasoningState: // behind a text it may be that of the text
		l.reason = l.reason || l.said.Len() == 0
	case conv.Ping:
		l.ping = true
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

func (l *Ledger) say(text conv.Str) {
	l.said.Add(text)
	l.reason = l.reason && l.said.Len() == 0
	if l.said.Len() > maxSaid {
		l.why = "the answer is too long"
	}
}

// Over reports that it is known that nobody can go on. It does not look at what
// was not looked at yet; see [Ledger.CanGoOn].
func (l *Ledger) Over() bool { return l.why != "" }

// InText reports that a piece of text came last. There a healthy stream is not
// silent for long: models that reason, or prepare a call of a tool, mostly do
// so elsewhere.
func (l *Ledger) InText() bool {
	l.fold()
	return l.inText
}

// encoder writes what follows what was handed out. The Ledger may be nil.
func (l *Ledger) encoder(d Dialect) encoder {
	if l == nil {
		return codecOf(d).encoder(conv.EncoderOptions{})
	}
	l.fold()
	if l.goOn == nil { // nothing was handed out
		return codecOf(d).encoder(conv.EncoderOptions{})
	}
	return l.goOn(conv.EncoderOptions{Own: true})
}

// Text is the text of the answer that was handed out so far.
func (l *Ledger) Text() string {
	l.fold()
	return l.said.Text()
}

// CanGoOn tells whether another channel can go on with what was handed out, or
// else why not: where a tool was called, where the model has reasoned and not
// said anything yet, or since, and after the answer's end there is nothing to
// join a second answer to.
func (l *Ledger) CanGoOn() (ok bool, why string) {
	l.fold()
	switch {
	case l.why != "":
		return false, l.why
	case !l.said.Whole():
		return false, "the text ends inside a character"
	case l.reason:
		return false, "the model was reasoning"
	}
	return true, ""
}
