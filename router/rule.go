package router

// A Type names what a rule is for. It supplies the natural condition of a rule
// that has none.
type Type string

// The types of rules, with their natural conditions.
const (
	Custom      Type = "custom"      // none: needs a condition
	Default     Type = "default"     // always holds
	Background  Type = "background"  // the model's name has the word haiku, mini, flash or lite
	Think       Type = "think"       // the caller asks for reasoning
	LongContext Type = "longContext" // 60,000 tokens or more
	WebSearch   Type = "webSearch"   // a tool searches the web
	Image       Type = "image"       // a message holds an image
)

// LongContextTokens is the natural threshold of a [LongContext] rule.
const LongContextTokens = 60000

// A Rule says what becomes of the calls that meet its condition: that they go
// to a channel, are shared among several, ask for another model, are copied, or
// are refused.
type Rule struct {
	ID            string    // "" means Name
	Name          string    // required
	Type          Type      // "" means Custom
	Condition     Condition // all that it names must hold
	TargetChannel string    // name or ID; "" leaves the channel open
	Targets       []Target  // instead of TargetChannel
	TargetModel   string    // "" keeps the caller's model
	Deny          string    // refuses the call with this message; excludes targets
	Shadow        string    // channel, by name or ID, that gets a copy of the call
	Priority      int       // big first; equal ones in the order given
	Strict        bool      // refuse the call when no target can take it
	Disabled      bool
}

// A Target is one of several channels that share the calls of a rule.
type Target struct {
	Channel string `json:"channel"` // name or ID
	Weight  int    `json:"weight"`  // its share of the sum of all; 0 gets calls only when the others cannot
}

// channels are the targets, wherever they are named.
func (r *Rule) channels() []string {
	if r.TargetChannel != "" {
		return []string{r.TargetChannel}
	}
	var out []string
	for _, t := range r.Targets {
		out = append(out, t.Channel)
	}
	return out
}

func (r *Rule) choice() Choice {
	c := Choice{Channels: r.channels(), Model: r.TargetModel, Shadow: r.Shadow, RuleID: r.ID, Rule: r.Name, Strict: r.Strict}
	for _, t := range r.Targets {
		c.Weights = append(c.Weights, t.Weight)
	}
	return c
}
