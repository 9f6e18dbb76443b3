package router

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// An answer is what is known of a question.
type answer uint8

const (
	unknown answer = iota
	no
	yes
)

// The questions that are asked once.
const (
	asksTools = iota
	asksImages
	asksThinking
	asksWebSearch
	flagCount
)

func (r *Request) ask(flag int, look func(*Request) bool) bool {
	if r.flags[flag] == unknown {
		r.flags[flag] = no
		if look(r) {
			r.flags[flag] = yes
		}
	}
	return r.flags[flag] == yes
}

// HasTools reports whether the call offers the model at least one tool.
func (r *Request) HasTools() bool {
	return r.ask(asksTools, func(r *Request) bool {
		return r.Get("tools", "0").Exists() || r.Get("functions", "0").Exists()
	})
}

// camel gives a member by its name in camel case or, as Gemini also takes it,
// in snake case.
func (r *Request) camel(member, snake, path string) gjson.Result {
	if v := r.Get(member, path); v.Exists() {
		return v
	}
	return r.Get(snake, path)
}

// HasImages reports whether any message holds an image, also inside a tool's
// result.
func (r *Request) HasImages() bool { return r.ask(asksImages, (*Request).hasImages) }

func (r *Request) hasImages() bool {
	if !bytes.Contains(r.body, []byte("image")) && !bytes.Contains(r.body, []byte(`\u`)) {
		return false // whatever form it has, it is called that, and few calls name it
	}
	found := false
	r.eachPart(func(_ string, part gjson.Result) bool {
		found = isImage(part)
		return !found
	})
	return found
}

// HasThinking reports whether the caller asks the model to reason.
func (r *Request) HasThinking() bool { return r.ask(asksThinking, (*Request).hasThinking) }

func (r *Request) hasThinking() bool {
	if t := r.Get("thinking", "type"); t.Exists() && t.String() != "disabled" {
		return true
	}
	config := r.camel("generationConfig", "generation_config", "thinkingConfig")
	if budget := config.Get("thinkingBudget"); config.Exists() && (!budget.Exists() || budget.Int() != 0) {
		return true
	}
	effort := r.Get("reasoning_effort", "").String()
	if effort == "" {
		effort = r.Get("reasoning", "effort").String()
	}
	return effort != "" && effort != "none" && effort != "minimal"
}

// HasWebSearch reports whether the call offers a tool that searches the web.
func (r *Request) HasWebSearch() bool { return r.ask(asksWebSearch, (*Request).hasWebSearch) }

func (r *Request) hasWebSearch() bool {
	return r.Get("web_search_options", "").IsObject() || slices.ContainsFunc(r.ToolNames(), func(name string) bool {
		name = strings.ToLower(name)
		return strings.Contains(name, "web_search") || strings.Contains(name, "websearch") ||
			strings.HasPrefix(name, "googlesearch") || strings.HasPrefix(name, "google_search")
	})
}
