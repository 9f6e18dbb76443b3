// Package routextest has a language-model provider for tests, examples and
// demonstrations. A [Provider] is an http.Handler that speaks Anthropic
// Messages, OpenAI Chat Completions (also as Azure and Zhipu speak it), OpenAI
// Responses and Gemini generateContent, with the lists of models, the counts of
// tokens and the embeddings that belong to them. It refuses what the real APIs
// refuse, streams at a set pace, records what it receives, and meets its calls
// with a [Fault] when it is told to.
//
// It can be served on loopback ([Provider.Start]) or in memory ([Network]),
// where the connections also work in a testing/synctest bubble.
//
// Rules are tested by the package routextest/ruletest, which needs no provider.
package routextest
