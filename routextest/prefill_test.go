package routextest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

// begun is the conversation of a front with the beginning of an answer.
func begun(f front, words string) string {
	role, form := `"assistant"`, `"content":"`+words+`"`
	switch {
	case strings.HasPrefix(f.name, "gemini"):
		role, form = `"model"`, `"parts":[{"text":"`+words+`"}]`
	case f.name == "anthropic":
		form = `"content":[{"type":"text","text":"` + words + `"}]`
	}
	return strings.TrimSuffix(f.streamedBody, "]}") + `,{"role":` + role + `,` + form + `}]}`
}

// said is the text of a stream.
func said(t *testing.T, f front, text string) string {
	t.Helper()
	var b strings.Builder
	for _, data := range events(t, text) {
		b.WriteString(gjson.Get(data, f.delta).String())
	}
	return b.String()
}

func TestPrefill(t *testing.T) {
	const all = "one two three four"
	canContinue := func(f front) bool { return f.name == "anthropic" || strings.HasPrefix(f.name, "gemini") }
	for prefill, want := range map[routextest.Prefill]func(front, string) string{
		routextest.PrefillUsual: func(f front, rest string) string {
			if canContinue(f) {
				return rest
			}
			return all
		},
		routextest.PrefillContinue: func(_ front, rest string) string { return rest },
		routextest.PrefillIgnore:   func(front, string) string { return all },
	} {
		o := routextest.Options{Prefill: prefill, Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Text: all, Usage: routextest.Usage{Input: 1, Output: 2}}
		}}
		fronts(t, o, func(t *testing.T, p *routextest.Provider, f front) {
			for _, test := range []struct{ said, rest string }{
				{"one two", " three four"},
				{"one tw", "o three four"},
				{"one two ", "three four"},
				{"one two\\n", "three four"},
				{all, ""},
				{"five", all}, // another beginning than the provider's
			} {
				resp, text, err := ask(t, http.DefaultTransport, f.streamedURL, begun(f, test.said))
				if err != nil {
					t.Fatal(err)
				}
				spaced := strings.HasSuffix(test.said, " ") || strings.HasSuffix(test.said, "n")
				if f.name == "anthropic" && spaced {
					if resp.StatusCode != 400 || !strings.Contains(text, "trailing whitespace") {
						t.Errorf("white space at the end is taken: %s", text)
					}
					continue
				}
				if got := said(t, f, text); got != want(f, test.rest) {
					t.Errorf("%d after %q: %q, want %q", prefill, test.said, got, want(f, test.rest))
				}
				if !ended(text) {
					t.Errorf("%d after %q it does not end: %s", prefill, test.said, text)
				}
				if got := p.LastCall().Prefill; got != strings.ReplaceAll(test.said, `\n`, "\n") {
					t.Errorf("recorded %q, want %q", got, test.said)
				}
			}
		})
	}
}

func TestPrefillRefused(t *testing.T) {
	fronts(t, routextest.Options{Prefill: routextest.PrefillRefuse}, func(t *testing.T, p *routextest.Provider, f front) {
		resp, text, err := ask(t, http.DefaultTransport, f.streamedURL, begun(f, "one"))
		if err != nil || resp.StatusCode != 400 || gjson.Get(text, "error.message").String() == "" {
			t.Errorf("it is not refused: %v %s", err, text)
		}
		if f.name == "anthropic" && !strings.Contains(text, "This model does not support assistant message prefill. The conversation must end with a user message.") {
			t.Errorf("refused with other words than the real ones: %s", text)
		}
		if resp, text, _ := f.say(t, true); resp.StatusCode != 200 || p.LastCall().Prefill != "" {
			t.Errorf("a call without prefill is refused: %s", text)
		}
	})
}
