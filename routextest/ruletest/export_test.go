package ruletest

import "github.com/dctx-team/routex"

// Problems is what a case has against a decision.
func (c Case) Problems(d *routex.Decision) []string { return c.problems(d) }

// What golden files are made of.
var (
	BodyText = bodyText
	LineDiff = lineDiff
)
