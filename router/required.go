package router

import (
	"regexp/syntax"
	"slices"
)

// maxClauses bounds how many sets of texts are asked for.
const maxClauses = 4

// required gives sets of texts, of each of which every text that matches has at
// least one; there may be none.
func required(re *syntax.Regexp) [][]string {
	if c := choice(re); c.ok {
		return useful(c.texts)
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			texts := longest(required(sub))
			if texts == nil || len(all)+len(texts) > maxLiterals {
				return nil
			}
			all = append(all, texts...)
		}
		return [][]string{all}
	case syntax.OpConcat:
		return requiredInTurn(re.Sub)
	}
	return nil
}

// requiredInTurn joins what follows one another, as far as that goes.
func requiredInTurn(subs []*syntax.Regexp) (clauses [][]string) {
	run := choiceOf{texts: []string{""}, ok: true}
	end := func() {
		clauses = append(clauses, useful(run.texts)...)
		run = choiceOf{texts: []string{""}, ok: true}
	}
	for _, sub := range subs {
		one := choice(sub)
		if joined := run.then(one); joined.ok {
			run = joined
			continue
		}
		end()
		if one.ok {
			run = one
		} else {
			clauses = append(clauses, required(sub)...)
		}
	}
	end()
	if len(clauses) > maxClauses {
		slices.SortStableFunc(clauses, func(a, b []string) int { return shortest(b) - shortest(a) })
		clauses = clauses[:maxClauses]
	}
	return clauses
}

// useful leaves out texts that are too short to be looked for.
func useful(texts []string) [][]string {
	if shortest(texts) < 2 {
		return nil
	}
	return [][]string{texts}
}

// longest gives the set that is the rarest, by the length of its texts.
func longest(clauses [][]string) []string {
	var best []string
	for _, c := range clauses {
		if shortest(c) > shortest(best) {
			best = c
		}
	}
	return best
}

func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	least := len(texts[0])
	for _, t := range texts {
		least = min(least, len(t))
	}
	return least
}

// matchesEmpty reports that a pattern matches the empty text anywhere, and so
// every text.
func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		return all(re.Sub, matchesEmpty)
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, matchesEmpty)
	}
	return false
}

// matchesNothing reports that a pattern matches no text, as far as that shows.
func matchesNothing(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpNoMatch:
		return true
	case syntax.OpCharClass:
		return len(re.Rune) == 0
	case syntax.OpCapture, syntax.OpPlus:
		return matchesNothing(re.Sub[0])
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, matchesNothing)
	case syntax.OpAlternate:
		return all(re.Sub, matchesNothing)
	}
	return false
}

func all(list []*syntax.Regexp, f func(*syntax.Regexp) bool) bool {
	return !slices.ContainsFunc(list, func(re *syntax.Regexp) bool { return !f(re) })
}
