package router

import (
	"regexp/syntax"
	"slices"
)

// required gives texts of which every text that matches has at least one, or
// nil. Longer ones are better: they are rarer.
func required(re *syntax.Regexp) []string {
	if c := choice(re); c.ok {
		return useful(c.texts)
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			texts := required(sub)
			if texts == nil || len(all)+len(texts) > maxLiterals {
				return nil
			}
			all = append(all, texts...)
		}
		return all
	case syntax.OpConcat:
		var best []string
		for i := range re.Sub {
			best = better(best, required(re.Sub[i]))
			run := choiceOf{texts: []string{""}, ok: true}
			for _, sub := range re.Sub[i:] {
				if run = run.then(choice(sub)); !run.ok {
					break
				}
				best = better(best, useful(run.texts))
			}
		}
		return best
	}
	return nil
}

// useful gives the texts unless one is too short to be looked for.
func useful(texts []string) []string {
	if shortest(texts) < 2 {
		return nil
	}
	return texts
}

func better(a, b []string) []string {
	if len(a) == 0 || len(b) > 0 && shortest(b) > shortest(a) {
		return b
	}
	return a
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
