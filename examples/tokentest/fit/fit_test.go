package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tiktoken-go/tokenizer"

	"github.com/dctx-team/routex/internal/tokens"
)

const made = "../../../internal/tokens/table.go"

func lists(t *testing.T) []list {
	t.Helper()
	all, err := readLists()
	if err != nil || len(all) < 50 {
		t.Fatalf("%d lists, %v", len(all), err)
	}
	return all
}

func TestTablesAreWhatTheListsMake(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes too long")
	}
	want, err := tables(lists(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("internal/tokens/table.go is not what its lists make: go generate ./internal/tokens")
	}
}

// The quick half of the test before.
func TestTablesAreOfTheseLists(t *testing.T) {
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if sum := checksum(lists(t)); !bytes.Contains(got, []byte(sum)) {
		t.Errorf("the lists have the checksum %s, the tables were made from others: go generate ./internal/tokens", sum)
	}
}

// What the estimate is tested with must not be what it was made from.
func TestNoListHasTheWordsOfATestedSample(t *testing.T) {
	samples, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(samples) < 20 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	all := lists(t)
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		words := wordsOf(string(text))
		for _, l := range all {
			known := 0
			for word := range words {
				if l.words[word] > 0 {
					known++
				}
			}
			if known > len(words)*2/3 {
				t.Errorf("the list %s has %d of the %d words of %s", l.name, known, len(words), sample)
			}
		}
	}
}

// The words of a text have its tokens: nothing is counted twice or left out.
func TestWordsHaveTheTokensOfTheirText(t *testing.T) {
	for _, encoding := range []tokenizer.Encoding{tokenizer.O200kBase, tokenizer.Cl100kBase} {
		codec, err := tokenizer.Get(encoding)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := filepath.Glob("../testdata/*.txt")
		if err != nil || len(samples) < 20 {
			t.Fatalf("%d samples, %v", len(samples), err)
		}
		for _, sample := range samples {
			text, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			want, err := codec.Count(string(text))
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for word, times := range wordsOf(string(text)) {
				n, err := codec.Count(counted(word))
				if err != nil {
					t.Fatal(err)
				}
				got += times * n
			}
			if 100*max(got-want, want-got) > want {
				t.Errorf("%s, %s: its words have %d tokens, it has %d", encoding, sample, got, want)
			}
		}
	}
}

func TestListsAreReadAsTheyWereWritten(t *testing.T) {
	want := list{words: map[string]int{
		" the ": 12, "\n\t\tif ": 3, "t(\"x\", `y`)\n": 3, " \"key\": ": 2, "的，我们": 2, " 'a' ": 1, " a\u00a0b ": 1, "\t\t} ": 1, " ` ": 1, " \\ ": 7,
	}}
	got := list{words: map[string]int{}}
	for line := range bytes.Lines(want.encode()) {
		if err := got.read(string(bytes.TrimSpace(line))); err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(got.words, want.words) {
		t.Errorf("read %v", got.words)
	}
	for _, wrong := range []string{"words", "1.5 words", ""} {
		if err := got.read(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

func TestALongWordIsCutBeforeItsPunctuation(t *testing.T) {
	for text, want := range map[string][]string{
		"ab cd":                   {"\nab ", " cd "},
		"if x {\n\treturn\n}\n\n": {" x ", " {\n", "\n\treturn\n", "\n}\n\n", "\nif "},
		"今天，我们。":                  {"\n今天", "天，我们", "们。 "},
		"github.com/dctx-team/routex/internal/tokens.go": {"\ngithub.com/dctx-team/routex/internal/tokens", "s.go "},
	} {
		if got := slices.Sorted(maps.Keys(wordsOf(text))); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// What stands for the words that were left out has as many occurrences.
func TestASampleStandsForAllWords(t *testing.T) {
	words, sum := map[string]int{}, 0
	for i := range 1000 {
		words[fmt.Sprintf(" w%d ", i)] = 1 + 1000/(i+1)
		sum += 10 * (1 + 1000/(i+1))
	}
	l := sampled(words, 200)
	got := 0
	for _, n := range l.words {
		got += n
	}
	if len(l.words) != 200 || got < sum*95/100 || got > sum*105/100 {
		t.Errorf("%d words that occur %d times, all of them do %d times", len(l.words), got, sum)
	}
}

// Made from words that are two letters to a token, a table has half of one for
// each letter, wherever they are tokens at all.
func TestSolveFindsWhatWordsCost(t *testing.T) {
	f := &fit{weights: []float64{1}}
	for _, word := range []string{"abababab", "ababab", "abab", "ab", "babababa", "a"} {
		f.examples = append(f.examples, example{
			numbers: int32s(tokens.Parts([]byte(" " + word + " "))), tokens: float64((len(word) + 1) / 2),
			least: true, share: 1, alone: 1,
		})
	}
	f.solve()
	for _, e := range f.examples {
		if got := max(1, e.sum(f.w)); got < e.tokens-.1 || got > e.tokens+.1 {
			t.Errorf("a word of %v tokens is estimated at %.2f", e.tokens, got)
		}
	}
}
