package router

import (
	"fmt"
	"slices"
	"strings"
)

// A check is one part of a condition, ready for use.
type check interface {
	holds(r *Request) bool
	// why says what is missing when it does not hold. It tells nothing of the
	// header and the metadata of the call, which may be secret.
	why(r *Request) string
	// impliedBy reports that it holds for every call for which the other does,
	// as far as that shows.
	impliedBy(other check) bool
}

// A flagCheck looks for something that is there or not.
type flagCheck struct {
	what string
	get  func(*Request) bool
	want bool
}

// The flags.
const (
	flagTools     = "tools"
	flagImages    = "images"
	flagThinking  = "reasoning"
	flagWebSearch = "web search tool"
	flagCode      = "code"
)

func newFlagCheck(what string, want bool) check {
	get := map[string]func(*Request) bool{
		flagTools: (*Request).HasTools, flagImages: (*Request).HasImages, flagThinking: (*Request).HasThinking,
		flagWebSearch: (*Request).HasWebSearch, flagCode: func(r *Request) bool { return r.analysis().HasCode },
	}[what]
	return flagCheck{what: what, get: get, want: want}
}

func (c flagCheck) holds(r *Request) bool { return c.get(r) == c.want }

func (c flagCheck) why(*Request) string {
	if c.want {
		return "the call has no " + c.what
	}
	return "the call has " + c.what
}

func (c flagCheck) impliedBy(other check) bool {
	switch o := other.(type) {
	case flagCheck:
		return o.what == c.what && o.want == c.want
	case toolCheck:
		return c.what == flagTools && c.want
	}
	return false
}

// A tokenCheck bounds the number of tokens from below.
type tokenCheck int

func (c tokenCheck) holds(r *Request) bool { return r.Tokens() >= int(c) }

func (c tokenCheck) why(r *Request) string {
	return fmt.Sprintf("about %d tokens, under %d", r.Tokens(), int(c))
}

func (c tokenCheck) impliedBy(other check) bool {
	o, ok := other.(tokenCheck)
	return ok && o >= c
}

// A wordCheck bounds the number of words.
type wordCheck struct{ least, most int } // 0 does not care

func (c wordCheck) holds(r *Request) bool {
	n := r.Words()
	return n >= c.least && (c.most == 0 || n <= c.most)
}

func (c wordCheck) why(r *Request) string {
	if n := r.Words(); n < c.least {
		return fmt.Sprintf("%d words, under %d", n, c.least)
	}
	return fmt.Sprintf("%d words, over %d", r.Words(), c.most)
}

func (c wordCheck) impliedBy(other check) bool {
	o, ok := other.(wordCheck)
	return ok && o.least >= c.least && (c.most == 0 || o.most != 0 && o.most <= c.most)
}

// A topicCheck compares what the text is about.
type topicCheck struct {
	*topic
	any OneOf
	all bool // the choice leaves nothing out
}

// A topic is what a text can be about.
type topic struct {
	what  string
	field string
	known []string
	total bool // every text has one of the known
	is    func(*Analysis) string
}

var (
	categoryTopic   = topic{"category", "ContentCategory", categories[:], true, func(a *Analysis) string { return a.Category }}
	complexityTopic = topic{"complexity", "ComplexityLevel", complexities[:], true, func(a *Analysis) string { return a.Complexity }}
	intentTopic     = topic{"intent", "Intent", intents[:], true, func(a *Analysis) string { return a.Intent }}
	languageTopic   = topic{"programming language", "ProgrammingLanguage", languages[:], false, nil} // there may be several
)

func newTopicCheck(t *topic, any OneOf) check {
	missing := func(v string) bool { return !slices.Contains(any, v) }
	return topicCheck{topic: t, any: any, all: t.total && !slices.ContainsFunc(t.known, missing)}
}

func (c topicCheck) holds(r *Request) bool {
	if c.is != nil {
		return slices.Contains(c.any, c.is(r.analysis()))
	}
	return slices.ContainsFunc(r.analysis().Languages, func(v string) bool { return slices.Contains(c.any, v) })
}

func (c topicCheck) why(r *Request) string {
	is := strings.Join(r.analysis().Languages, ", ")
	if c.is != nil {
		is = c.is(r.analysis())
	} else if is == "" {
		is = "none"
	}
	return fmt.Sprintf("%s: %s, not %s", c.what, is, strings.Join(c.any, " or "))
}

func (c topicCheck) impliedBy(other check) bool {
	if c.all {
		return true
	}
	o, ok := other.(topicCheck)
	return ok && o.topic == c.topic && !slices.ContainsFunc(o.any, func(v string) bool { return !slices.Contains(c.any, v) })
}

// A funcCheck asks a function of the host.
type funcCheck struct {
	name string
	f    func(*Request) bool
}

func (c funcCheck) holds(r *Request) bool { return c.f(r) }

func (c funcCheck) why(*Request) string { return fmt.Sprintf("the function %q says no", c.name) }

// impliedBy is always false: the function may answer otherwise when it is
// asked again.
func (c funcCheck) impliedBy(check) bool { return false }
