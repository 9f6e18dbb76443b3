// Package ruletest tests routing rules without asking anybody. A table says for
// each request which rule, channel and model it should come to; [Run] holds
// that against what a [routex.Config], a [routex.Transport] or bare
// [router.Rules] decide, and shows the whole decision where it differs:
//
//	seen := ruletest.Run(t, config, []ruletest.Case{
//		{Name: "reviews", Request: ruletest.Anthropic("claude-sonnet-4-5", "Do a code review."), Rule: "reviews", Channel: "opus"},
//		{Name: "all else", Request: ruletest.Chat("gpt-4o", "hi"), Rule: "rest", WhyNot: map[string]string{"reviews": "none of"}},
//	})
//	seen.Require(t) // a case for every rule
//
// Requests are made in the words of each protocol by [Anthropic], [Chat],
// [Responses] and [Gemini], are a host's own ([Raw], [Read]), or are samples of
// what agents send ([Samples]). [Golden] keeps what becomes of requests in files
// in a file beside each.
//
// A Config is tested as it would be in the beginning of a program: every case
// has a Transport of its own, in which nothing has failed and nobody has called
// yet, with a clock that [Request.At] sets. What a Transport decides depends on
// what it has done. [Explain] writes down a decision for people to read.
package ruletest
