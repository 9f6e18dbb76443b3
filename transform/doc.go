// Package transform changes calls and answers on their way between a caller
// and a channel: it translates one protocol (a [Dialect]) into another, and
// runs the named changes that a channel asks for.
//
// A [Transformer] sees the request, and later either the whole response or the
// events of its stream. [Translate] is the transformer between two dialects;
// [Chain] composes several. Streams are pulled: a [Reader] asks its [Scanner]
// for one event, gives it to a [Stream], and serves what that emitted, so that
// a stream needs neither a goroutine nor a buffer of its own size.
//
// A stream that dies after a part of it was handed out can be gone on with by
// another channel, whatever protocol that speaks. A [Ledger], the last stage of
// every such stream, remembers what the caller has; [Ledger.Resume] gives the
// stage that fits the new answer to it, so that the caller reads one valid
// stream. The new channel was asked to go on ([Prefill], for models of which
// [TakesPrefill] knows that they do), or was asked the same once more; then
// what the caller has must come again, and is left out. A join that is in doubt
// emits nothing and is [ErrJoin].
//
// Translation reads one dialect into a neutral conversation and writes the
// other from it. What has no place on the other side is reported as a [Loss].
package transform
