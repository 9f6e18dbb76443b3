package tokens

import (
	"strings"
	"testing"
)

// The program that makes the tables takes the estimate for the sum of these
// parts.
func TestPartsAddUpToTheEstimate(t *testing.T) {
	for name, table := range map[string]*table{"recent": &recentTable, "older": &olderTable} {
		numbers := table.numbers()
		v := table.expand()
		for _, word := range []string{
			"internationalization", "fooBarBAZ(x1)[i]!=nil", "HTTPServer2", "ÉtéŁódź", "Größenverhältnis", "1234567890", "\t\t\"key\":{",
			"Достопримечательности", "Καλημέρα", "人工智能模型，上下文", "한국어문장입니다", "カタカナとひらがなｶﾅ", "नमस्ते", "ภาษาไทย", "ꯃꯅꯤ",
			"════════", "→x→→", "👍🏽🚀🚀", "«quoted»", "𠀀𠀁", "ﷺ" + "ሰላም", "中abc文DEF1",
		} {
			sum := 0
			for _, part := range Parts([]byte("\n" + word)) {
				sum += numbers[part]
			}
			if sum < Unit {
				t.Fatalf("%s, %q: %d units are less than a token", name, word, sum)
			}
			if got := v.Text([]byte(word)); got != sum {
				t.Errorf("%s, %q: estimated at %d units, the parts are %d", name, word, got, sum)
			}
		}
	}
}

// numbers gives those of a table by their places.
func (t *table) numbers() []int {
	read := func(text string, n, least int) (all []int) {
		row := make([]int8, n)
		numbers(row, text, least)
		for _, number := range row {
			all = append(all, int(number))
		}
		return all
	}
	all := read(t.pairs, Classes*Classes, LeastPair)
	all = append(all, int(t.raised), int(t.inner), int(t.shouted), int(t.repeated))
	for _, r := range t.scripts {
		all = append(all, int(r.run))
	}
	for _, r := range t.scripts {
		all = append(all, int(r.letter))
	}
	all = append(all, read(t.letters, Alphabet, LeastLetter)...)
	all = append(all, read(t.han, Buckets, LeastLetter)...)
	return append(all, read(t.hangul, Buckets, LeastLetter)...)
}

func TestSignsStandForNumbers(t *testing.T) {
	for number := LeastPair; number < LeastPair+signs; number++ {
		var got [1]int8
		numbers(got[:], string(Sign(number, LeastPair)), LeastPair)
		if int(got[0]) != number {
			t.Errorf("%d is read as %d", number, got[0])
		}
	}
	if strings.ContainsRune(recentTable.pairs, '`') {
		t.Error("a sign ends the text that it is in")
	}
}
