package trace

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"

	oteltrace "go.opentelemetry.io/otel/trace"
)

// A TraceID names everything that belongs to one call: 32 hex digits.
type TraceID [16]byte

// A SpanID names one step of a trace: 16 hex digits.
type SpanID [8]byte

// String gives 32 hex digits.
func (id TraceID) String() string { return hex.EncodeToString(id[:]) }

// String gives 16 hex digits.
func (id SpanID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText gives the hex digits.
func (id TraceID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, id[:]), nil }

// MarshalText gives the hex digits.
func (id SpanID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, id[:]), nil }

// ParseTraceID reads 32 hex digits; ok is false for all else.
func ParseTraceID(text string) (id TraceID, ok bool) {
	ok = parse(id[:], text)
	return id, ok
}

// ParseSpanID reads 16 hex digits; ok is false for all else.
func ParseSpanID(text string) (id SpanID, ok bool) {
	ok = parse(id[:], text)
	return id, ok
}

func parse(to []byte, text string) bool {
	if len(text) != hex.EncodedLen(len(to)) {
		return false
	}
	_, err := hex.Decode(to, []byte(text))
	return err == nil
}

// IDs gives the ids of a span that nobody records, below a parent: the trace is
// the parent's, or a new one if there is none. They are random, not secret.
func IDs(parent oteltrace.SpanContext) (TraceID, SpanID) {
	ids := below(parent)
	return TraceID(ids.TraceID()), SpanID(ids.SpanID())
}

func below(parent oteltrace.SpanContext) oteltrace.SpanContext {
	c := oteltrace.SpanContextConfig{TraceID: parent.TraceID(), TraceFlags: parent.TraceFlags(), TraceState: parent.TraceState()}
	if !parent.IsValid() {
		c = oteltrace.SpanContextConfig{}
		binary.NativeEndian.PutUint64(c.TraceID[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(c.TraceID[8:], rand.Uint64()|1) // ids of zeros are invalid
	}
	binary.NativeEndian.PutUint64(c.SpanID[:], rand.Uint64()|1)
	return oteltrace.NewSpanContext(c)
}
