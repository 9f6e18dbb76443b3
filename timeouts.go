package routex

import "time"

// Timeouts bound the waits for a channel. A zero field means the default.
type Timeouts struct {
	// Header is the wait for the answer to a streamed call to begin. The
	// default is one minute.
	Header time.Duration `json:"header,omitempty"`
	// FirstToken is the wait until the answer to a streamed call says
	// something, reasoning and calls of tools included, when another channel
	// could be asked instead. The default goes by the length of the call and
	// what is known of the channel.
	FirstToken time.Duration `json:"firstToken,omitempty"`
	// Unary is the wait for a whole answer, for calls that are not
	// streamed. The default is ten minutes, as in the official SDKs.
	Unary time.Duration `json:"unary,omitempty"`
	// Idle is the wait between two parts of a stream. The default is two
	// minutes.
	Idle time.Duration `json:"idle,omitempty"`
}

// over gives t with its zero fields taken from d.
func (t Timeouts) over(d Timeouts) Timeouts {
	if t.Header == 0 {
		t.Header = d.Header
	}
	if t.FirstToken == 0 {
		t.FirstToken = d.FirstToken
	}
	if t.Unary == 0 {
		t.Unary = d.Unary
	}
	if t.Idle == 0 {
		t.Idle = d.Idle
	}
	return t
}

func (t Timeouts) validate(fail func(field, problem string)) {
	for field, d := range map[string]time.Duration{"Header": t.Header, "FirstToken": t.FirstToken, "Unary": t.Unary, "Idle": t.Idle} {
		if d < 0 {
			fail("Timeouts."+field, "must not be negative")
		}
	}
}
