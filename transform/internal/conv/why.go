package conv

// Reasons for losses that several codecs give. The first two are hints: what
// is lost would only have made the next answer cheaper or better.
const (
	WhyReasoning = "reasoning goes back only to the provider that wrote it"
	WhyCache     = "the other protocol has no cache breakpoints"
	WhyFile      = "a file stored at one provider cannot be seen by another"
	WhyServer    = "the tools of a server run at their own provider only"
	WhyOrphan    = "a result without its tool call became text"
	WhyMissing   = "a tool call without its result was given one that says so"
	WhySysText   = "system messages hold text only"
	WhySystem    = "a system message amid the conversation became a user's"
)

// IsHint reports that a loss for this reason changes nothing that the caller
// asked for.
func IsHint(why string) bool { return why == WhyCache || why == WhyReasoning }
