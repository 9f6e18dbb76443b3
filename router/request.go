package router

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// ErrBody is wrapped by the errors of [Parse].
var ErrBody = errors.New("invalid request body")

// A Request is a read-only view of one call. The top level of its body has
// been read; everything else is looked at when it is asked for, and only then.
// It is valid while its router runs, must not be kept, and is not safe for
// concurrent use.
type Request struct {
	Path   string      // of the URL, without the query
	Header http.Header // of the caller; must not be changed
	Model  string      // as the caller named it
	Stream bool        // the caller asks for a stream

	body    []byte
	members []jsonscan.Member
	inline  [12]jsonscan.Member // where members usually fit
	model   jsonscan.Member

	text   *string // UserText, once asked for
	tokens int     // Tokens + 1, once asked for
}

// Parse reads the top level of a body in one pass. It fails when the body is
// no JSON object, is not closed, has a member that cannot be read, or names no
// model. The view keeps using body.
func Parse(body []byte) (*Request, error) {
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	if err := r.readModel(); err != nil {
		return nil, err
	}
	if m, ok := r.member("stream"); ok {
		r.Stream = string(body[m.Start:m.End]) == "true"
	}
	return r, nil
}

// ParseNamed is [Parse] for protocols whose URL names the model and says
// whether a stream is wanted, as Gemini's does. The body need not name them.
func ParseNamed(body []byte, model string, stream bool) (*Request, error) {
	if strings.TrimSpace(model) == "" {
		return nil, fmt.Errorf("%w: model: required, the name of a model in the path", ErrBody)
	}
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	r.Model, r.Stream = model, stream
	return r, nil
}

// ParseAny is [Parse] for calls that need not name a model.
func ParseAny(body []byte) (*Request, error) {
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	if _, named := r.member("model"); named {
		err = r.readModel()
	}
	if m, ok := r.member("stream"); ok {
		r.Stream = string(body[m.Start:m.End]) == "true"
	}
	return r, err
}

func parse(body []byte) (*Request, error) {
	r := &Request{body: body}
	members, err := jsonscan.Object(body, r.inline[:0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	r.members = members
	return r, nil
}

func (r *Request) readModel() error {
	seen := 0
	for _, m := range r.members {
		if m.Key == "model" {
			r.model, seen = m, seen+1
		}
	}
	switch {
	case seen == 0:
		return fmt.Errorf(`%w: model: required, the name of a model`, ErrBody)
	case seen > 1:
		return fmt.Errorf("%w: model: named %d times, once is needed", ErrBody, seen)
	}
	var ok bool
	if r.Model, ok = jsonscan.String(r.body, r.model); !ok {
		return fmt.Errorf("%w: model: must be a string", ErrBody)
	}
	if strings.TrimSpace(r.Model) == "" {
		return fmt.Errorf("%w: model: must not be empty", ErrBody)
	}
	return nil
}

// ModelSpan says where in the body the value of "model" stands; nowhere, with
// an end of 0, when the URL names the model.
func (r *Request) ModelSpan() (start, end int) { return r.model.Start, r.model.End }

// Get looks up a path (in gjson's syntax) below a member of the body's top
// level; an empty path gives the member itself. The result may be a view of
// the body.
func (r *Request) Get(member, path string) gjson.Result {
	m, ok := r.member(member)
	if !ok {
		return gjson.Result{}
	}
	value := view(r.body[m.Start:m.End])
	if path == "" {
		return gjson.Parse(value)
	}
	return gjson.Get(value, path)
}

// HasTools reports whether the call offers the model at least one tool.
func (r *Request) HasTools() bool {
	return r.Get("tools", "0").Exists() || r.Get("functions", "0").Exists()
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
func (r *Request) HasImages() bool {
	found := false
	r.eachPart(func(_ string, part gjson.Result) bool {
		found = isImage(part)
		return !found
	})
	return found
}

// HasThinking reports whether the caller asks the model to reason.
func (r *Request) HasThinking() bool {
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
func (r *Request) HasWebSearch() bool {
	found := r.Get("web_search_options", "").IsObject()
	r.Get("tools", "").ForEach(func(_, tool gjson.Result) bool {
		found = found || tool.Get("googleSearch").Exists() || tool.Get("google_search").Exists()
		for _, path := range []string{"type", "name", "function.name"} {
			name := strings.ToLower(tool.Get(path).String())
			found = found || strings.Contains(name, "web_search") || strings.Contains(name, "websearch")
		}
		return !found
	})
	return found
}

// UserText is the text of all the user's turns, one per line.
func (r *Request) UserText() string {
	if r.text == nil {
		var b strings.Builder
		r.eachPart(func(role string, part gjson.Result) bool {
			if text := textOf(part); role == "user" && text != "" {
				if b.Len() > 0 {
					b.WriteByte('\n')
				}
				b.WriteString(text)
			}
			return true
		})
		text := b.String()
		r.text = &text
	}
	return *r.text
}

func (r *Request) member(key string) (jsonscan.Member, bool) {
	for _, m := range slices.Backward(r.members) {
		if m.Key == key {
			return m, true
		}
	}
	return jsonscan.Member{}, false
}

// eachPart calls f for every part of every message, those inside a tool's
// result included, until it gives false. Text content counts as one part.
func (r *Request) eachPart(f func(role string, part gjson.Result) bool) {
	for _, list := range [...]string{"messages", "input", "contents"} {
		v := r.Get(list, "")
		if v.Type == gjson.String { // an input that is one text
			f("user", v)
		} else {
			v.ForEach(func(_, msg gjson.Result) bool { return eachOfMessage(msg, f) })
		}
	}
}

// eachOfMessage knows the messages of each protocol: content as text or parts,
// Gemini's parts, and the items of Responses that are no messages.
func eachOfMessage(msg gjson.Result, f func(string, gjson.Result) bool) bool {
	role := msg.Get("role").Str
	if parts := msg.Get("parts"); parts.Exists() {
		if role == "" {
			role = "user"
		}
		return eachOf(role, parts, f)
	}
	if output := msg.Get("output"); output.Exists() {
		return eachOf("tool", output, f)
	}
	return eachOf(role, msg.Get("content"), f)
}

// eachOf does not look for results in results: there are none, and each level
// would read again all that is below it.
func eachOf(role string, content gjson.Result, f func(string, gjson.Result) bool) bool {
	if content.Type == gjson.String {
		return f(role, content)
	}
	on := true
	content.ForEach(func(_, part gjson.Result) bool {
		if on = f(role, part); on && role != "tool" && part.Get("type").Str == "tool_result" {
			on = eachOf("tool", part.Get("content"), f)
		}
		return on
	})
	return on
}

// textOf gives the text of a part: a plain string, or a text block.
func textOf(part gjson.Result) string {
	if part.Type == gjson.String {
		return part.Str
	}
	switch part.Get("type").Str {
	case "text", "input_text", "": // Gemini's parts have no type
		return part.Get("text").String()
	}
	return ""
}

func isImage(part gjson.Result) bool {
	switch part.Get("type").Str {
	case "image", "image_url", "input_image":
		return true
	case "":
		for _, path := range [...]string{"inlineData.mimeType", "inline_data.mime_type", "fileData.mimeType", "file_data.mime_type"} {
			if strings.HasPrefix(part.Get(path).Str, "image/") {
				return true
			}
		}
	}
	return false
}

// view reads bytes as a string without copying them.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
