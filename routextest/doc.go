// Package routextest has a language-model provider for tests, examples and
// demonstrations. A [Provider] is an http.Handler that speaks Anthropic
// Messages and OpenAI Chat Completions, streams at a set pace, records what it
// receives, and meets its calls with a [Fault] when it is told to.
//
// It can be served on loopback ([Provider.Start]) or in memory ([Network]),
// where the connections also work in a testing/synctest bubble.
package routextest
