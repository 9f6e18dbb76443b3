// Package routex routes calls to language models. Its [Transport] is an
// http.RoundTripper: a program puts it under its http.Client, or under the
// HTTP client of a provider's official SDK, and keeps its code. Every call to
// a language model is then routed by rules, balanced over channels (accounts
// with providers), kept on one channel per session, translated when the
// channel speaks another protocol, and handed to the next channel when one
// fails before the caller has seen anything. A stream that dies in the middle
// is gone on with where that is honest. Every other request passes.
//
// What Routex decided about a call is a [Decision]; ask for it before the call
// with [WithRecord]. [Transport.Handler] serves the same pipeline over HTTP.
package routex
