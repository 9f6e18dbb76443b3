package router

import (
	"cmp"
	"slices"
	"strings"
)

// analyze analyzes the last turn, which counts most, and what came before it.
func analyze(before, last string) Analysis {
	if last == "" {
		return Analysis{Category: General, Complexity: Simple, Intent: Conversation}
	}
	folded, _ := fold(last)
	earlier, _ := fold(before)
	r := readTurns(earlier, folded)
	said := &r.said
	said.count(proseCues(), view(r.prose), r.lastProse)
	a := Analysis{HasCode: r.hasCode()}
	a.Languages = r.languages(said, a.HasCode)
	a.Category = category(said, &a)
	a.Intent = r.intent(said, a.Category)
	a.Complexity = r.complexity(said)
	return a
}

// A tally is how much speaks for each of some answers, each cue counted once
// in the whole text, and once more where that is said.
type tally struct {
	all   [fieldCount]scores
	last  [fieldCount]scores // in the last turn, and thrice where it begins
	words int                // of the last turn

	seen, seenLast [32]uint64 // bitsets
}

// scores are how much speaks for each value of a field.
type scores [32]int16

func (t *tally) count(table *cueTable, text string, last int) {
	t.words = countWords(text[last:])
	begins := last + request(text[last:])
	seen, seenLast := bitset(t.seen[:]), bitset(t.seenLast[:])
	table.finder.each(text, func(id, at int) {
		if !seen.has(id) {
			seen.set(id)
			for _, c := range table.cues[id] {
				t.all[c.of][c.value] += int16(c.weight)
			}
		}
		if at >= last && !seenLast.has(id) {
			seenLast.set(id)
			for _, c := range table.cues[id] {
				n := int16(c.weight)
				if at == begins && (c.of != ofIntent || intents[c.value] != Question) {
					n *= 3 // the first word says the most, unless it only asks
				}
				t.last[c.of][c.value] += n
			}
		}
	})
}

// best gives the answer that most speaks for, of equals the first, if at least
// so much does.
func best(scores *scores, values []string, least int16) string {
	answer, most := "", least-1
	for i, value := range values {
		if scores[i] > most {
			answer, most = value, scores[i]
		}
	}
	return answer
}

func category(t *tally, a *Analysis) string {
	scores := t.all[ofCategory]
	for i, n := range t.last[ofCategory] {
		scores[i] += n // once more
	}
	if a.HasCode {
		scores[0] += 8
	}
	if len(a.Languages) > 0 {
		scores[0] += 6
	}
	talk := slices.Index(categories[:], Conversation)
	spoken := scores[talk] > 0
	scores[talk] = 0
	found := best(&scores, categories[:], 4)
	if found == "" && spoken {
		return Conversation
	}
	return cmp.Or(found, General)
}

// openings are how people begin to ask for something.
var openings = [...]string{
	"please", "can you", "could you", "would you", "will you", "i want you to", "i need you to", "i'd like you to", "help me", "let's",
	"kindly", "now", "ok", "okay", "hi", "hello", "hey", ",", "请你", "请", "帮我", "帮忙", "麻烦你", "麻烦", "能不能", "你能", "可以",
	"我想", "我要", "我需要", "给我", "你好", "，",
}

// request gives where the request itself begins.
func request(text string) int {
	rest := text
	for again := true; again; {
		again = false
		rest = strings.TrimLeft(rest, " \n")
		for _, o := range openings {
			after, ok := strings.CutPrefix(rest, o)
			if ok && (after == "" || !isWord(o[len(o)-1]) || !isWord(after[0])) {
				rest, again = after, true
				break
			}
		}
	}
	return len(text) - len(rest)
}

func (r *reading) intent(t *tally, category string) string {
	scores := t.last[ofIntent]
	if r.lastAsks {
		scores[slices.Index(intents[:], Question)] += 2
	}
	talk := slices.Index(intents[:], Conversation)
	spoken := scores[talk] > 0
	scores[talk] = 0
	found := best(&scores, intents[:], 2)
	if spoken && (found == "" || found == Question && t.words < 8) {
		return Conversation
	}
	if found == Generation && category == Coding && scores[slices.Index(intents[:], Generation)] < 8 {
		return Task // nothing says that it is a text that is to be written
	}
	if found == "" && t.words < 6 && len(r.code) == r.lastCode {
		return Conversation
	}
	return cmp.Or(found, Task)
}

// complexity adds up how long the text is, how much code and how many demands
// it has, and whether it asks for thought.
func (r *reading) complexity(t *tally) string {
	words := t.words + countWords(view(r.prose[:r.lastProse]))
	score := steps(words, 40, 150, 400, 1000) + steps(r.codeLines, 8, 50, 150) + steps(r.items+r.questions, 3, 8) +
		steps(int(t.all[ofDepth][0]), 1, 2, 4, 6)
	switch {
	case score < 2:
		return Simple
	case score < 4:
		return Moderate
	case score < 7:
		return Complex
	}
	return VeryComplex
}

// steps counts the bounds that n reaches.
func steps(n int, bounds ...int) int {
	i, _ := slices.BinarySearch(bounds, n+1)
	return i
}

// languages gives the programming languages that the text is in or about.
func (r *reading) languages(said *tally, hasCode bool) []string {
	var scores scores
	if len(r.code) > 0 {
		var written tally
		written.count(codeCues(), view(r.code), len(r.code))
		scores = written.all[ofLanguage]
	}
	for _, tag := range r.tags {
		scores[slices.Index(languages[:], tag)] += 20
	}
	top := slices.Max(scores[:])
	ofPrograms := hasCode || said.all[ofCategory][0] > 0
	var out []string
	for i, language := range languages {
		if n := scores[i]; n < 4 || 2*n < top {
			scores[i] = 0
		}
		if n := said.all[ofLanguage][i]; n >= 3 || n > 0 && ofPrograms {
			scores[i] += 2 * n
		}
		if scores[i] > 0 {
			out = append(out, language)
		}
	}
	place := func(language string) int16 { return scores[slices.Index(languages[:], language)] }
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(place(b), place(a)) })
	return out
}
