package router

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// compile gives the tests of a condition, the cheap ones first.
func (c *Condition) compile(fail func(string, error)) []test {
	var tests []test
	if re := pattern("ModelPattern", c.ModelPattern, fail); re != nil {
		tests = append(tests, modelTest(re))
	}
	if c.HasTools != nil {
		tests = append(tests, boolTest("tools", *c.HasTools, (*Request).HasTools))
	}
	if c.HasImages != nil {
		tests = append(tests, boolTest("images", *c.HasImages, (*Request).HasImages))
	}
	if c.Keywords != nil {
		tests = append(tests, keywordTest(c.Keywords, fail))
	}
	if re := pattern("UserPattern", c.UserPattern, fail); re != nil {
		tests = append(tests, test{
			holds: func(r *Request) bool { return re.MatchString(r.UserText()) },
			why:   func(*Request) string { return fmt.Sprintf("the user's text does not match %q", c.UserPattern) },
		})
	}
	switch {
	case c.TokenThreshold < 0:
		fail("TokenThreshold", errNegative)
	case c.TokenThreshold > 0:
		tests = append(tests, tokenTest(c.TokenThreshold))
	}
	return tests
}

// pattern compiles a pattern so that case does not matter unless it says so.
func pattern(field, text string, fail func(string, error)) *regexp.Regexp {
	if text == "" {
		return nil
	}
	re, err := regexp.Compile("(?i)" + text)
	if err != nil {
		fail(field, fmt.Errorf("not a RE2 pattern: %w", err))
	}
	return re
}

func modelTest(re *regexp.Regexp) test {
	return test{
		holds: func(r *Request) bool { return re.MatchString(r.Model) },
		why: func(r *Request) string {
			return fmt.Sprintf("model %q does not match %q", r.Model, strings.TrimPrefix(re.String(), "(?i)"))
		},
	}
}

func tokenTest(threshold int) test {
	return test{
		holds: func(r *Request) bool { return r.Tokens() >= threshold },
		why:   func(r *Request) string { return fmt.Sprintf("about %d tokens, under %d", r.Tokens(), threshold) },
	}
}

func boolTest(what string, want bool, get func(*Request) bool) test {
	return test{
		holds: func(r *Request) bool { return get(r) == want },
		why: func(*Request) string {
			if want {
				return "the call has no " + what
			}
			return "the call has " + what
		},
	}
}

func keywordTest(keywords []string, fail func(string, error)) test {
	if len(keywords) == 0 || slices.ContainsFunc(keywords, func(k string) bool { return strings.TrimSpace(k) == "" }) {
		fail("Keywords", errKeyword)
		return test{}
	}
	// One pattern finds any of them in one pass, folding case as Unicode does.
	quoted := make([]string, len(keywords))
	for i, k := range keywords {
		quoted[i] = regexp.QuoteMeta(k)
	}
	re := regexp.MustCompile("(?i)" + strings.Join(quoted, "|"))
	return test{
		holds: func(r *Request) bool { return re.MatchString(r.UserText()) },
		why:   func(*Request) string { return fmt.Sprintf("the user's text has none of %q", keywords) },
	}
}
