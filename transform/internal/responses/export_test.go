package responses

import (
	"testing"

	"github.com/tidwall/gjson"
)

// A Frame is one event of a stream, for tests outside of the package.
type Frame struct{ Name, Data string }

// ReadStrictly reads a stream as a client would that believes in the order of
// events, and returns the answer in its last event.
func ReadStrictly(t testing.TB, in []Frame) gjson.Result {
	t.Helper()
	all := make([]frame, 0, len(in))
	for _, f := range in {
		all = append(all, frame{f.Name, f.Data})
	}
	return readStrictly(t, all).whole
}
