package tokens_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dctx-team/routex/internal/tokens"
)

func both(t *testing.T, f func(t *testing.T, v *tokens.Vocabulary)) {
	t.Run("recent", func(t *testing.T) { f(t, tokens.Recent()) })
	t.Run("older", func(t *testing.T) { f(t, tokens.Older()) })
}

// A text that stands in a JSON string is counted as the text, however its
// characters are escaped.
func TestEscapesCountAsWhatTheyStandFor(t *testing.T) {
	both(t, func(t *testing.T, v *tokens.Vocabulary) {
		for _, text := range []string{
			"plain words", "a \"quoted\" word", "if x {\n\treturn \"y\"\n}\r\n", `C:\dir\new`, "/path/to/file",
			"Größe, été, Łódź", "中文，和 English 混合", "Привет мир", "मैं ठीक हूँ", "ok 👍🏽 done 🚀", "a<b && c>d", "\x01\x02", "————",
		} {
			plain, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			want := v.Text([]byte(text))
			for name, raw := range map[string]string{
				"as encoding/json has it": string(plain),
				"all escaped":             asciiOnly(text),
			} {
				if got := v.JSON([]byte(strings.Trim(raw, `"`))); got != want {
					t.Errorf("%q %s: %d units, as text %d", text, name, got, want)
				}
			}
		}
	})
}

// asciiOnly escapes a text as other encoders do.
func asciiOnly(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '/':
			b.WriteString(`\/`)
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20:
			b.WriteString(unit(r))
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xFFFF:
			b.WriteString(unit(0xD800+(r-0x10000)>>10) + unit(0xDC00+(r-0x10000)&0x3FF))
		default:
			b.WriteString(unit(r))
		}
	}
	return b.String()
}

func unit(r rune) string {
	const digits = "0123456789aBcDeF"
	return `\u` + string(digits[r>>12&15]) + string(digits[r>>8&15]) + string(digits[r>>4&15]) + string(digits[r&15])
}

func TestWhatStandsBetweenBlanksIsATokenAtLeast(t *testing.T) {
	both(t, func(t *testing.T, v *tokens.Vocabulary) {
		for _, word := range []string{"word", "a", "the", "ing", "x1", "--", "é"} {
			got := v.Text([]byte(strings.Repeat(word+" ", 100)))
			if got < 100*tokens.Unit {
				t.Errorf("%q a hundred times: %d tokens", word, got/tokens.Unit)
			}
		}
	})
}

func TestLongRunsAreFewTokens(t *testing.T) {
	both(t, func(t *testing.T, v *tokens.Vocabulary) {
		for _, run := range []string{" ", "-", "=", "─", "\n"} {
			if got := v.Text([]byte(strings.Repeat(run, 400))); got > 160*tokens.Unit {
				t.Errorf("400 times %q: %d tokens", run, got/tokens.Unit)
			}
		}
	})
}

func TestNothingIsNothing(t *testing.T) {
	both(t, func(t *testing.T, v *tokens.Vocabulary) {
		if got := v.Text(nil) + v.JSON([]byte{}); got != 0 {
			t.Errorf("no text has %d units", got)
		}
	})
}

func TestCountingDoesNotAllocate(t *testing.T) {
	text := []byte(`Words, ключ, 中文 \u4e2d 👍 \"x\" é`)
	if n := testing.AllocsPerRun(100, func() { tokens.Recent().JSON(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever the bytes are, an estimate is made, and is not absurd.
func FuzzCount(f *testing.F) {
	for _, text := range []string{"", `\`, `\u`, `\ud83d`, `\ud83d\u`, `\ud83d\ude00`, "\xe4", "\xe4\xb8", "\xd0", "\xff", "a'b", "中\xe4文", `\u0041`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		both(t, func(t *testing.T, v *tokens.Vocabulary) {
			for _, got := range []int{v.Text([]byte(text)), v.JSON([]byte(text))} {
				if got < 0 || got > (4*len(text)+1)*tokens.Unit {
					t.Errorf("%q: %d units", text, got)
				}
			}
		})
	})
}
