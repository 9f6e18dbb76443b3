// Package chat reads and writes the OpenAI Chat Completions protocol, in the
// dialects of the many servers that speak it: requests, answers, streams and
// errors, from and to the neutral conversation model of package conv.
//
// Readers take every dialect as it comes. The writer of requests is told by
// conv.Target which one the server speaks: OpenAI's own, Azure's, Zhipu's, or
// that of servers which are merely compatible, among whom it knows the houses
// of DeepSeek and Kimi by the names of their models.
package chat
