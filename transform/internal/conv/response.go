package conv

import "time"

// StopReason says why an answer ended.
type StopReason uint8

// The neutral stop reasons. StopUnknown means that the provider named a reason
// that no codec knows; it is written as an ordinary end.
const (
	StopNone StopReason = iota // not finished
	StopEnd
	StopLength
	StopSequence
	StopTool
	StopRefusal
	StopPause
	StopUnknown
)

// Ordinary reports a reason that a later one may replace: servers that give one
// with every piece mean nothing by it.
func (s StopReason) Ordinary() bool { return s == StopEnd || s == StopTool || s == StopUnknown }

// Usage counts tokens. Input excludes both cache counts; Output includes
// Reasoning, and CacheWrite includes CacheWriteHour.
type Usage struct {
	Input, Output         int64
	CacheRead, CacheWrite int64
	Reasoning             int64
	CacheWriteHour        int64 // kept for an hour
}

// A Response is one whole answer.
type Response struct {
	ID       Str
	Model    Str
	Created  int64 // Unix seconds; 0 when the protocol has none
	Parts    []Part
	Stop     StopReason
	StopText Str // the stop sequence that was met, if the protocol says so
	Usage    Usage
	HasUsage bool
	Lost     []Str // names of the parts of the answer that have no place here
	// Options say what the caller of the answer expects; set before a writer
	// gets the answer.
	Options EncoderOptions
}

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of stream events, in the order in which they come: Start, any
// number of deltas, states and tool events, Finish, End. Some servers give a
// reason with every piece: then the last Finish holds, and deltas may follow one.
// Failed may come at any time and ends the stream. A Ping carries nothing.
const (
	Start          EventKind = iota // ID, Model, Created, perhaps Usage
	TextDelta                       // Text
	RefusalDelta                    // Text
	ReasoningDelta                  // Text
	ReasoningState                  // State, of the reasoning before it, which it ends, or alone
	ToolStart                       // Tool, ID, Name, perhaps State
	ToolDelta                       // Tool, Text (a fragment of the arguments)
	Finish                          // Stop, StopText, perhaps Usage
	UsageOnly                       // Usage
	End                             // the protocol's own end mark
	Failed                          // Err
	Ping
	Lost // Text: the name of a part of the answer that has no place here
)

// An Event is one step of a streamed answer. It and what it points to are
// valid only while it is being handled.
type Event struct {
	Kind     EventKind
	ID       Str
	Model    Str
	Created  int64
	Text     Str
	Tool     int // which call of this answer, from 0 in order of appearance
	Name     Str
	State    State
	Stop     StopReason
	StopText Str
	Usage    Usage
	HasUsage bool
	Err      *Error
}

// An Error is a provider's error, read from any protocol.
type Error struct {
	Status     int    // the HTTP status that fits it
	Type       string // the provider's own type, or ""
	Code       string // the provider's own code, or ""
	Message    string
	Param      string
	RetryAfter time.Duration // 0 when unknown
	RequestID  string        // by which the provider names the call, or ""
}
