package conv

// A Mark is a set of things that one event of a stream tells about the answer.
type Mark uint8

// The marks.
const (
	MarkContent Mark = 1 << iota // carries text, reasoning, refusal or part of a tool call: the answer has begun
	MarkFinish                   // gives a stop reason: the answer is complete
	MarkEnd                      // the protocol's own end mark
	MarkError                    // an error in place of the rest of the answer
	MarkInvalid                  // no event of the protocol at all
	MarkOver                     // nothing more comes; it does not say how the answer ended
)

// Has reports that all of what are in m.
func (m Mark) Has(what Mark) bool { return m&what == what }

// EncoderOptions say what the caller of an answer expects. Nothing in them
// points into the request's body, which may be gone.
type EncoderOptions struct {
	IncludeUsage bool     // a Chat caller asked for the usage chunk
	Model        string   // the model's name if the upstream tells none
	Provider     string   // key of the one that answers, for tokens
	Input        int64    // estimate of the input's tokens, for protocols that tell them first
	Own          bool     // the events come from a stream that is already the caller's: its states are written as they are
	Freeform     []string // names of the caller's tools that take text instead of an object
	Spaces       []Spaced // the caller's tools that are in namespaces
}
