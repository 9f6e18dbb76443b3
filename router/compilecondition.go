package router

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// condition gives the checks of a condition, the cheap ones first.
func (c *compiler) condition(cond *Condition, fail failFunc) []check {
	var checks []check
	add := func(list ...check) { checks = append(checks, list...) }
	add(fieldChecks(cond, fail)...)
	for _, f := range [...]struct {
		what string
		want *bool
	}{{flagTools, cond.HasTools}, {flagThinking, cond.HasThinking}, {flagImages, cond.HasImages}} {
		if f.want != nil {
			add(newFlagCheck(f.what, *f.want))
		}
	}
	if p := compilePattern("ToolName", cond.ToolName, fail); p != nil {
		add(toolCheck{p})
	}
	if cond.TimeOfDay != nil {
		add(newTimeCheck(cond.TimeOfDay, fail))
	}
	if cond.Keywords != nil {
		add(c.keywords(cond.Keywords, fail))
	}
	if p := compilePattern("UserPattern", cond.UserPattern, fail); p != nil {
		add(c.text(&textCheck{pattern: p}))
	}
	if least, most := cond.MinWordCount, cond.MaxWordCount; least != 0 || most != 0 {
		notNegative("MinWordCount", least, fail)
		notNegative("MaxWordCount", most, fail)
		add(wordCheck{least: least, most: most})
	}
	if n := cond.TokenThreshold; n != 0 {
		notNegative("TokenThreshold", n, fail)
		add(tokenCheck(n))
	}
	add(topicChecks(cond, fail)...)
	if cond.CustomFunction != "" {
		add(c.function(cond.CustomFunction, fail))
	}
	return checks
}

// fieldChecks are for what stands outside of the messages.
func fieldChecks(cond *Condition, fail failFunc) []check {
	var checks []check
	if p := compilePattern("ModelPattern", cond.ModelPattern, fail); p != nil {
		checks = append(checks, &fieldCheck{pattern: p, what: "model", get: modelOf})
	}
	if p := compilePattern("Path", cond.Path, fail); p != nil {
		checks = append(checks, &fieldCheck{pattern: p, what: "path", get: pathOf})
	}
	for _, name := range named("Header", cond.Header, fail) {
		if !isHeaderName(name) {
			fail(fmt.Sprintf("Header[%q]", name), errHeader)
		}
		if p := anyPattern(fmt.Sprintf("Header[%q]", name), cond.Header[name], fail); p != nil {
			checks = append(checks, &namedCheck{pattern: p, what: "header", name: http.CanonicalHeaderKey(name), get: headerOf})
		}
	}
	for _, name := range named("Metadata", cond.Metadata, fail) {
		if p := anyPattern(fmt.Sprintf("Metadata[%q]", name), cond.Metadata[name], fail); p != nil {
			checks = append(checks, &namedCheck{pattern: p, what: "metadata", name: name, get: metadataOf})
		}
	}
	return checks
}

// topicChecks are for what the text is about.
func topicChecks(cond *Condition, fail failFunc) []check {
	var checks []check
	if cond.HasCode != nil {
		checks = append(checks, newFlagCheck(flagCode, *cond.HasCode))
	}
	for _, t := range [...]struct {
		*topic
		any OneOf
	}{
		{&categoryTopic, cond.ContentCategory},
		{&complexityTopic, cond.ComplexityLevel},
		{&intentTopic, cond.Intent},
		{&languageTopic, cond.ProgrammingLanguage},
	} {
		if t.any == nil {
			continue
		}
		if len(t.any) == 0 {
			fail(t.field, errValues)
		}
		for i, v := range t.any {
			if !slices.Contains(t.known, v) {
				field := t.field
				if len(t.any) > 1 {
					field = fmt.Sprintf("%s[%d]", field, i)
				}
				fail(field, fmt.Errorf("no %s %q; there are %s", t.what, v, strings.Join(t.known, ", ")))
			}
		}
		checks = append(checks, newTopicCheck(t.topic, t.any))
	}
	return checks
}

// named gives the names of a map, and fails if there are none or an empty one.
func named(field string, patterns map[string]string, fail failFunc) []string {
	if _, empty := patterns[""]; empty || patterns != nil && len(patterns) == 0 {
		fail(field, errNames)
	}
	names := slices.Sorted(maps.Keys(patterns))
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// isHeaderName accepts the characters that names of headers have.
func isHeaderName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r >= 0x7F || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// compilePattern gives nil for a pattern that is not there or not valid.
func compilePattern(field, text string, fail failFunc) *pattern {
	if text == "" {
		return nil
	}
	return anyPattern(field, text, fail)
}

// anyPattern is for values that need not be there: an empty pattern asks that
// they are.
func anyPattern(field, text string, fail failFunc) *pattern {
	p, err := newPattern(text)
	if err != nil {
		fail(field, err)
		return nil
	}
	return p
}

func notNegative(field string, n int, fail failFunc) {
	if n < 0 {
		fail(field, errNegative)
	}
}

func (c *compiler) keywords(words []string, fail failFunc) check {
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" }) {
		fail("Keywords", errKeyword)
		return &textCheck{pattern: &pattern{exact: true}}
	}
	return c.text(&textCheck{pattern: newWords(words), words: words})
}

// text has the finder look for the literals of a pattern. It does not know the
// beginning and the end of the text, and finds what stands anywhere.
func (c *compiler) text(check *textCheck) *textCheck {
	check.finder = c.finder
	for _, clause := range check.clauses {
		ids := make([]int, len(clause))
		for i, l := range clause {
			if l.left == ofText || l.right == ofText {
				l.left, l.right = anywhere, anywhere
				clause[i], check.exact = l, false
			}
			ids[i] = c.id(l)
		}
		check.ids = append(check.ids, ids)
	}
	return check
}

// id gives the place of a literal among those of all rules.
func (c *compiler) id(l literal) int {
	id, known := c.ids[l]
	if !known {
		id = len(c.literals)
		c.ids[l], c.literals = id, append(c.literals, l)
	}
	return id
}
