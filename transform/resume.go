package transform

import (
	"errors"
	"fmt"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// ErrJoin is given when an answer cannot go on with one that broke off: it says
// something else, or it is not sure that it goes on. Nothing of it was emitted.
var ErrJoin = errors.New("transform: the answer cannot be joined to the one that broke off")

// A ResumeMode says what the channel was asked that is to go on with an answer.
type ResumeMode uint8

// The modes. Splice takes an answer to the same question from its beginning
// and leaves out what the caller has; it must say the same up to there.
// Continue takes an answer to a request that [Prefill] made, whose text follows
// what the caller has.
const (
	Splice ResumeMode = iota
	Continue
)

// A Resumed is a [Stream] that goes on with an answer of another channel. It
// takes events in the caller's dialect, and emits those that belong behind what
// the Ledger has handed out; where the two meet it is strict. It is not safe
// for concurrent use.
type Resumed struct {
	dec    decoder
	enc    encoder
	join   join
	more   int64 // tokens of output to add
	losses []Loss

	err   error
	see   func(*conv.Event)
	frame func(name string, data []byte)
	emit  func(Event) // of the call that is running
	name  []byte
}

// Resume gives the stream that goes on where the Ledger's stopped. Body is the
// caller's request, as the caller sent it. It stands before the Ledger, which
// remembers on, so that an answer can be resumed more than once:
//
//	transform.Then(stages, transform.Then(resumed, ledger))
//
// The error says why nobody can go on.
func (l *Ledger) Resume(body []byte, mode ResumeMode) (*Resumed, error) {
	if ok, why := l.CanGoOn(); !ok {
		return nil, fmt.Errorf("%w: %s", ErrJoin, why)
	}
	c, err := resumable(l.dialect, body)
	if err != nil {
		return nil, err
	}
	if l.dec == nil { // nothing was handed out
		l.trail, l.goOn = codecOf(l.dialect).trail()
	}
	r := &Resumed{
		dec:  codecOf(l.dialect).own(),
		enc:  l.goOn(conv.EncoderOptions{Own: true, IncludeUsage: c.IncludeUsage, Freeform: c.FreeformNames(), Spaces: c.SpacedNames()}),
		join: newJoin(l.said.Text(), mode),
	}
	r.see = r.saw
	r.frame = func(name string, data []byte) {
		r.name = append(r.name[:0], name...)
		r.emit(Event{Name: r.name, Data: data})
	}
	return r, nil
}

// AddOutput makes the usage that the caller is told n output tokens larger, if
// the answer turns out to be one that goes on: the first part cost them, and
// the channel that goes on does not count it.
func (r *Resumed) AddOutput(n int64) { r.more = n }

// Joined reports that the answer goes on with the one that broke off.
func (r *Resumed) Joined() bool { return r.join.state == joined }

// Continued reports that it does so from where the other stopped, so that the
// channel knows and counts only what it added.
func (r *Resumed) Continued() bool { return r.Joined() && r.join.continued }

// Losses are the parts of the answer that could not be carried over.
func (r *Resumed) Losses() []Loss { return r.losses }

// Event takes one event of the channel that goes on. It gives [ErrJoin], or the
// [*Error] that came in place of an answer, when it does not.
func (r *Resumed) Event(ev Event, emit func(Event)) error {
	if ev.Data == nil || r.err != nil {
		return r.err
	}
	r.emit = emit
	if err := r.dec.Event(ev.Name, ev.Data, r.see); err != nil {
		return err
	}
	return r.err
}

// Close adds what is still missing.
func (r *Resumed) Close(emit func(Event)) error {
	r.emit = emit
	if err := r.dec.Close(r.see); err != nil {
		return ErrTruncated
	}
	if r.err == nil {
		r.enc.Close(r.frame)
	}
	return r.err
}

func (r *Resumed) saw(ev *conv.Event) {
	switch {
	case r.err != nil:
	case ev.Kind == conv.Lost:
		r.lose(ev.Text.String())
	case r.Joined():
		r.write(ev)
	default:
		r.before(ev)
	}
}

// write emits what an event tells.
func (r *Resumed) write(ev *conv.Event) {
	if ev.HasUsage && r.join.continued {
		whole := *ev
		whole.Usage.Output += r.more
		ev = &whole
	}
	r.enc.Event(ev, r.frame)
}

func (r *Resumed) lose(name string) {
	r.losses = append(r.losses, Loss{Field: "answer." + name, Why: "it stands in a part of the answer that was taken from another channel"})
}

// before handles what comes before the place where the answers meet. Of the
// reasoning the caller has the one that led to the text.
func (r *Resumed) before(ev *conv.Event) {
	switch ev.Kind {
	case conv.Start, conv.UsageOnly:
		r.write(ev) // the encoder keeps the usage
	case conv.Failed:
		r.err = (*Error)(ev.Err)
	case conv.TextDelta:
		r.join.text(ev.Text, r.text)
	case conv.RefusalDelta:
		r.join.fail("the model refuses")
	case conv.ToolStart:
		r.join.tool()
	case conv.Finish:
		r.join.end(ev.Stop)
	}
	switch {
	case r.err != nil:
	case r.join.why != "":
		r.err = fmt.Errorf("%w: %s", ErrJoin, r.join.why)
	case r.Joined() && ev.Kind != conv.TextDelta:
		r.write(ev)
	}
}

func (r *Resumed) text(text conv.Str) {
	r.write(&conv.Event{Kind: conv.TextDelta, Text: text})
}
