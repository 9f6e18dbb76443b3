// Package router decides where a call should go. A [Router] looks at a
// [Request], a read-only view of one call, and gives a [Choice]; [Rules] is
// the router that follows a list of rules.
//
// A [Rule] has a [Condition], all of which must hold, and says what becomes of
// the calls that meet it: a channel, a weighted choice of channels, another
// model, a copy to a shadow, or a refusal. The first rule by priority whose
// condition is met decides. [Compile] makes Rules ready for use and lists every
// mistake at once; [ReadRules] reads them from JSON in the same way;
// [Rules.Explain] tells of each rule why it does not match a call, and
// [Rules.Lint] which rules no call can ever reach.
//
// What a call is asked for is looked up when the first rule wants to know, and
// once: the text of the user, what is in it, the number of tokens. All words
// and patterns of all rules are looked for in one pass. Patterns are RE2, which
// no text can make slow. One that is made of words, such as
// \b(solve|compute)\b, costs nothing more; any other is tried only on a text
// that has the words it requires; one that requires none, such as \d{4}, is
// tried on the whole text, which takes milliseconds where that is long.
package router
