package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// Seen gives the usage so far, whether there was any, and the error that came
// in place of an event.
func (w *Watch) Seen() (u conv.Usage, ok bool, failure *conv.Error) {
	return w.Usage, w.HasUsage, w.Err
}
