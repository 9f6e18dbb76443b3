package main

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// word is what no token reaches beyond, on either side.
var word = regexp.MustCompile(`[ \t]*[^ \t\r\n]+([ \t]*[\r\n]+)?`)

// wordsOf counts the words of a text.
func wordsOf(text string) map[string]int {
	words := map[string]int{}
	begins := true // a line
	for _, w := range word.FindAllString(text, -1) {
		if strings.ContainsRune(w, 0) {
			continue
		}
		next := w[len(w)-1] == '\n'
		if begins {
			w = "\n" + w
		}
		if !next {
			w += " "
		}
		begins = next
		for _, part := range partsOf(w) {
			words[part]++
		}
	}
	return words
}

// long is the length in bytes from which on a word is cut into parts.
const long = 40

// partsOf cuts a long word before its punctuation, and a text in Chinese or
// Japanese wherever it has some. A part has the character before it.
func partsOf(word string) (parts []string) {
	start, before, last := 0, 0, ' '
	for i, r := range word {
		if inner(last) && !inner(r) && !unicode.IsSpace(r) && (unicode.Is(unicode.Han, last) || unicode.Is(unicode.Hiragana, last) || i-start > long) {
			parts = append(parts, word[start:i])
			start = before
		}
		before, last = i, r
	}
	return append(parts, word[start:])
}

// inner tells what punctuation is before: a mark may be part of a letter.
func inner(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) }

// sampled leaves so many words of a list: half of them the most frequent, half
// by chance, which stand for all others.
func sampled(words map[string]int, size int) *list {
	sorted := slices.SortedFunc(maps.Keys(words), func(a, b string) int {
		if words[a] != words[b] {
			return words[b] - words[a]
		}
		return strings.Compare(a, b)
	})
	kept := map[string]int{}
	for _, w := range sorted[:min(len(sorted), size/2)] {
		kept[w] = 10 * words[w]
	}
	rest := sorted[len(kept):]
	mass := 0
	for _, w := range rest {
		mass += words[w]
	}
	rnd := rand.New(rand.NewPCG(1, uint64(len(words))))
	rnd.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	chosen, sum := min(len(rest), size-len(kept)), 0
	for _, w := range rest[:chosen] {
		sum += words[w]
	}
	for _, w := range rest[:chosen] {
		kept[w] = max(1, (10*words[w]*mass+sum/2)/sum)
	}
	return &list{words: kept}
}
