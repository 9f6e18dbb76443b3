// Package anthropic reads and writes the Anthropic Messages protocol:
// requests, answers, streams and errors, from and to the neutral conversation
// model of package conv.
package anthropic
