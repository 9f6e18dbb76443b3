// Package chat reads and writes the OpenAI Chat Completions protocol, in the
// dialects of the many servers that speak it: requests, answers, streams and
// errors, from and to the neutral conversation model of package conv.
package chat
