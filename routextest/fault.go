package routextest

import (
	"net/http"
	"time"
)

// A Fault is what a call meets instead of a proper answer. Fields that are
// zero do nothing; those that concern a stream have no effect on other calls.
type Fault struct {
	Times int // how many calls meet it; 0 means one, negative means all to come
	// For is how long the fault is in force, from when the provider was told
	// of it; 0 means without end. With it, Times 0 means all calls.
	For time.Duration

	// Before the answer.
	Reset  bool          // the connection breaks before any header
	Stall  time.Duration // silence before the header, or where StallAfter says
	Header http.Header   // added to the answer's
	// RetryAfter is how long callers should wait: in the header of that name,
	// in whole seconds, or in Gemini's google.rpc.RetryInfo.
	RetryAfter time.Duration

	// Instead of an answer.
	Status int // of an error in the protocol's own envelope
	// Code is one of the package's ([Overloaded] and the others), which brings
	// its own status, or stands in the envelope as it is; "" follows from
	// Status.
	Code        string
	Message     string // in the envelope; "" follows from Code and Status
	Body        string // instead of the envelope, or with Status 0 of the answer
	ContentType string // of Body; "" means application/json

	// In an answer that is not streamed.
	CutBody bool // the connection breaks in the middle of the body

	// In a stream. Words are the pieces of reasoning, text or tool arguments.
	CutAfter   int  // the connection breaks after so many words
	CutCleanly bool // with CutAfter: the body ends in good order instead
	StallAfter int  // Stall comes after so many words; negative: before the first, when the stream is open
	ErrorEvent bool // an error event of Code and Message comes after ErrorAfter words, and ends the stream
	ErrorAfter int
	// ErrorStatus is the status that the error event stands for; 0 follows
	// from Code, or means 503.
	ErrorStatus int
	// Failed tells the error event of Responses as response.failed.
	Failed    bool
	Garbage   int // an event that is no JSON comes after so many words
	HugeEvent int // the first word is followed by an event of so many bytes
	// NoEndMark leaves out the mark that the answer is over, of which all the
	// rest is told: message_stop, [DONE] or response.completed. Gemini has
	// none. CutAfter with CutCleanly leaves the answer itself incomplete.
	NoEndMark bool
}

// Fail makes the calls to come meet the faults, one after the other. They come
// before what [Provider.Always] set.
func (p *Provider) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		f.Times = max(f.Times, -1)
		switch {
		case f.Times == 0 && f.For > 0:
			f.Times = -1
		case f.Times == 0:
			f.Times = 1
		}
		p.script = append(p.script, f.plan())
	}
}

// Always makes every call meet the fault, until [Provider.Heal] or for as long
// as the fault says.
func (p *Provider) Always(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	always := f.plan()
	p.always = &always
}

// Heal ends all faults.
func (p *Provider) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script, p.always = nil, nil
}

// A plan is a fault that calls to come will meet.
type plan struct {
	Fault
	until time.Time // zero means without end
}

func (f Fault) plan() plan {
	f.Header = f.Header.Clone()
	out := plan{Fault: f}
	if f.For > 0 {
		out.until = time.Now().Add(f.For)
	}
	return out
}

func (p *plan) over() bool { return !p.until.IsZero() && !time.Now().Before(p.until) }

// next is the fault that the next call meets. The caller holds the lock.
func (p *Provider) next() Fault {
	for len(p.script) > 0 {
		first := &p.script[0]
		if first.over() {
			p.script = p.script[1:]
			continue
		}
		f := first.Fault
		if first.Times--; first.Times == 0 {
			p.script = p.script[1:]
		}
		return f
	}
	if p.always != nil && !p.always.over() {
		return p.always.Fault
	}
	return Fault{}
}
