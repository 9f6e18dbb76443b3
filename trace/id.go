package trace

import (
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

// IDs gives the ids of a span, or random ones when tracing is off, so that
// answers and logs can be matched either way. Random ids are not secret.
func IDs(sc oteltrace.SpanContext) (TraceID, SpanID) {
	if sc.IsValid() {
		return TraceID(sc.TraceID()), SpanID(sc.SpanID())
	}
	var t TraceID
	var s SpanID
	putUint64(t[:8], rand.Uint64())
	putUint64(t[8:], rand.Uint64())
	putUint64(s[:], rand.Uint64()|1) // an id of zeros is invalid
	return t, s
}

func putUint64(b []byte, n uint64) {
	for i := range b {
		b[i] = byte(n >> (8 * i))
	}
}
