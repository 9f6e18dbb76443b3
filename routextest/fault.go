package routextest

import (
	"net/http"
	"time"
)

// A Fault is what a call meets instead of a proper answer. Fields that are
// zero do nothing; those that concern a stream have no effect on other calls.
type Fault struct {
	Times int // how many calls meet it; 0 means one, negative means all to come

	// Before the answer.
	Reset  bool          // the connection breaks before any header
	Stall  time.Duration // silence before the header, or after StallAfter words
	Header http.Header   // added to the answer's

	// Instead of an answer.
	Status      int    // of an error in the protocol's own envelope
	Code        string // in the envelope; "" follows from Status
	Message     string // in the envelope
	Body        string // instead of the envelope, or with Status 0 of the answer
	ContentType string // of Body; "" means application/json

	// In an answer that is not streamed.
	CutBody bool // the connection breaks in the middle of the body

	// In a stream. Words are the pieces of reasoning, text or tool arguments.
	CutAfter   int  // the connection breaks after so many words
	CutCleanly bool // with CutAfter: the body ends in good order instead
	StallAfter int  // Stall comes after so many words
	ErrorEvent bool // an error event comes after ErrorAfter words, and ends the stream
	ErrorAfter int
	// ErrorStatus is the status that the error event stands for; 0 means 503.
	ErrorStatus int
	Garbage     int // an event that is no JSON comes after so many words
	HugeEvent   int // the first word is followed by an event of so many bytes
	// NoEndMark leaves out what makes the answer complete: message_stop,
	// [DONE], response.completed, or Gemini's finishReason.
	NoEndMark bool
}

// Fail makes the calls to come meet the faults, one after the other. They come
// before what [Provider.Always] set.
func (p *Provider) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		f.Times = max(f.Times, -1)
		if f.Times == 0 {
			f.Times = 1
		}
		f.Header = f.Header.Clone()
		p.script = append(p.script, f)
	}
}

// Always makes every call meet the fault, until [Provider.Heal].
func (p *Provider) Always(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.Header = f.Header.Clone()
	p.always = &f
}

// Heal ends all faults.
func (p *Provider) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script, p.always = nil, nil
}
