package main

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed words/*.txt
var files embed.FS

// A list has words of one language or kind of text, with how often each occurs.
//
// A word is what stands between blanks, together with the blanks before it and
// the ends of lines behind it: no token of a text reaches beyond that. What is
// long, or has no blanks, is cut before its punctuation, where no token begins
// earlier either. Where no blank is before a word, its first character belongs
// to the word before, and only tells what this one follows.
type list struct {
	name  string
	words map[string]int
}

// readLists reads all lists, in the order of their names. A line has a number
// and the words that occur so often; words that are not between two blanks
// are quoted.
func readLists() ([]list, error) {
	entries, err := files.ReadDir("words")
	if err != nil {
		return nil, err
	}
	var lists []list
	for _, entry := range entries {
		text, err := files.ReadFile("words/" + entry.Name())
		if err != nil {
			return nil, err
		}
		l := list{strings.TrimSuffix(entry.Name(), ".txt"), map[string]int{}}
		for line := range strings.Lines(string(text)) {
			if err := l.read(strings.TrimSpace(line)); err != nil {
				return nil, fmt.Errorf("%s: %w", entry.Name(), err)
			}
		}
		lists = append(lists, l)
	}
	return lists, nil
}

func (l *list) read(line string) error {
	number, rest, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	for rest != "" {
		var word string
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			if word, err = strconv.Unquote(quoted); err != nil {
				return err
			}
			rest = strings.TrimPrefix(rest[len(quoted):], " ")
		} else {
			word, rest, _ = strings.Cut(rest, " ")
			word = " " + word + " "
		}
		l.words[word] = n
	}
	return nil
}

// encode writes a list.
func (l *list) encode() []byte {
	byNumber := map[int][]string{}
	for word, n := range l.words {
		byNumber[n] = append(byNumber[n], written(word))
	}
	var out bytes.Buffer
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(byNumber))) {
		slices.Sort(byNumber[n])
		for words := byNumber[n]; len(words) > 0; {
			start := out.Len()
			out.WriteString(strconv.Itoa(n))
			for len(words) > 0 && out.Len()-start < 120 {
				out.WriteString(" " + words[0])
				words = words[1:]
			}
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

func written(word string) string {
	if inner, ok := strings.CutPrefix(word, " "); ok {
		inner, ok = strings.CutSuffix(inner, " ")
		if ok && strings.IndexByte("\"'`", inner[0]) < 0 && strconv.Quote(inner) == `"`+inner+`"` && len(strings.Fields(inner)) == 1 && inner == strings.TrimSpace(inner) {
			return inner
		}
	}
	return strconv.Quote(word)
}
