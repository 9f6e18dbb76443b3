package tee

import (
	"encoding/json"
	"sync"
)

// Streamed is an answer as its caller read it, event by event. What it amounts
// to is put together when somebody looks at it, and then only once: the
// goroutine of a destination does so, not that of the caller, and nobody does
// for a record that no filter lets pass. It is safe for concurrent use.
type Streamed struct {
	events   []byte
	assemble func(events []byte) json.RawMessage
	once     sync.Once
	answer   json.RawMessage
}

// NewStreamed keeps the events, which must not be changed, until assemble makes
// an answer of them.
func NewStreamed(events []byte, assemble func(events []byte) json.RawMessage) *Streamed {
	return &Streamed{events: events, assemble: assemble}
}

// Size is how many bytes the events have.
func (s *Streamed) Size() int { return len(s.events) }

// Answer puts the answer together: a whole JSON text, or nil.
func (s *Streamed) Answer() json.RawMessage {
	s.once.Do(func() { s.answer = s.assemble(s.events) })
	return s.answer
}

// Answer is Response, or what the stream of which it is to be made amounts to.
func (r *Record) Answer() json.RawMessage {
	if r.Response != nil || r.Streamed == nil {
		return r.Response
	}
	return r.Streamed.Answer()
}
