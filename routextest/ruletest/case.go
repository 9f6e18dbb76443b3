package ruletest

import "github.com/dctx-team/routex"

// None is expected of a rule, channel or model that there should be none.
const None = "(none)"

// A Case is a request and what should become of it. Expectations that are left
// at zero do not matter, but a Case without any is a mistake. Rules and
// channels go by their name or ID.
type Case struct {
	Name    string
	Request Request

	Rule    string // that decides
	Channel string // that is asked first; of several that share calls see OneOf
	Model   string // that this channel is asked for, by the name that it has there
	// OneOf are channels of which one is asked first.
	OneOf []string
	// Order lists the channels that are asked one after the other, if each
	// fails. Bare [router.Rules] know those that the rule names.
	Order []string
	// Refused is a part of the message with which the call is refused before
	// anybody is asked.
	Refused string
	Status  int    // of that refusal; bare [router.Rules] know none
	Shadow  string // channel that gets a copy
	// WhyNot has a part of the reason for each rule that should not match, and
	// for each channel that should be left out.
	WhyNot map[string]string
	// Losses are the fields that cannot be carried over to the channel, all of
	// them; empty but not nil: nothing is lost.
	Losses []string
	// Also looks for whatever else should hold. Its error says what does not.
	Also func(*routex.Decision) error
}
