package tokentest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"

	"github.com/dctx-team/routex/router"
)

// vocabularies by a model that has them.
var vocabularies = map[string]tokenizer.Encoding{"gpt-4o": tokenizer.O200kBase, "gpt-4": tokenizer.Cl100kBase}

// within is by how much, in percent, an estimate may be wrong.
const within = 10

// None of the samples is among what the tables of the estimate were made from,
// which is the words in fit/words.
func TestEstimateIsNearTheVocabularies(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for model, encoding := range vocabularies {
		codec, err := tokenizer.Get(encoding)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := codec.Count(string(text))
			if err != nil {
				t.Fatal(err)
			}
			sample := strings.TrimSuffix(filepath.Base(file), ".txt")
			got := estimate(t, model, string(text))
			wrong := 100 * (float64(got)/float64(want) - 1)
			t.Logf("%-8s %-20s %5d tokens, %+5.1f %%", model, sample, want, wrong)
			if wrong > within || wrong < -within {
				t.Errorf("%s, %s: %d tokens for %d, which is %+.1f %%", model, sample, got, want, wrong)
			}
		}
	}
}

// estimate is that of a message with the text, less that of an empty one.
func estimate(t *testing.T, model, text string) int {
	t.Helper()
	count := func(text string) int {
		body, err := json.Marshal(map[string]any{"model": model, "messages": []map[string]string{{"role": "user", "content": text}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := router.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		return r.Tokens()
	}
	return count(text) - count("")
}
