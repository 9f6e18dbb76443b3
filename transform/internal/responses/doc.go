// Package responses reads and writes the OpenAI Responses protocol: requests,
// answers, streams and errors, from and to the neutral conversation model of
// package conv.
//
// Nothing of a translated conversation is stored at a provider: requests say
// so, and what a caller refers to by an id instead of sending it is an error.
package responses
