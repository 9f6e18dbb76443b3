package routex

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/dctx-team/routex/transform"
)

// A ChannelType says what kind of provider a channel is.
type ChannelType string

// The types of channels.
const (
	TypeAnthropic ChannelType = "anthropic" // speaks Anthropic Messages
	TypeOpenAI    ChannelType = "openai"    // speaks OpenAI Chat Completions
	TypeCustom    ChannelType = "custom"    // any server that speaks OpenAI Chat Completions; needs a BaseURL
)

// ChannelTypes lists the types of channels.
func ChannelTypes() []ChannelType { return []ChannelType{TypeAnthropic, TypeOpenAI, TypeCustom} }

// Dialect is the protocol that channels of this type speak; "" for an unknown
// type.
func (t ChannelType) Dialect() transform.Dialect {
	switch t {
	case TypeAnthropic:
		return transform.Anthropic
	case TypeOpenAI, TypeCustom:
		return transform.OpenAIChat
	}
	return ""
}

// DefaultBaseURL is where channels of this type are, "" when that has to be
// said.
func (t ChannelType) DefaultBaseURL() string {
	switch t {
	case TypeAnthropic:
		return "https://api.anthropic.com"
	case TypeOpenAI:
		return "https://api.openai.com"
	}
	return ""
}

// A Channel is an account with a provider. It is a value: a Transport copies
// what it is given.
type Channel struct {
	ID      string      // unique; "" means Name
	Name    string      // unique; required
	Type    ChannelType // required
	BaseURL string      // "" means the type's default; may end in /, /v1 or the whole endpoint
	APIKey  string      // "" sends no credentials
	// Headers are set on every request to the channel, over the caller's.
	Headers map[string]string
	// Models that the channel serves: exact names, or patterns in which *
	// stands for any text. Empty means any model.
	Models []string
	// ModelMap gives the provider's name for a model. Keys are names or
	// patterns: an exact one wins, then the one with the most literal text.
	ModelMap map[string]string
	Priority int // small first
	Weight   int // share among equals; 0 means 1
	// Drain takes the channel's share away: it is chosen only when no other
	// channel can be.
	Drain    bool
	Disabled bool
	// Transformers change every call to the channel, in its own protocol.
	Transformers []transform.Transformer
	// Timeouts of this channel; a zero field means the Config's.
	Timeouts Timeouts
}

// Timeouts bound the waits for a channel. A zero field means the default.
type Timeouts struct {
	// Header is the wait for the answer to a streamed call to begin. The
	// default is one minute.
	Header time.Duration `json:"header,omitempty"`
	// Unary is the wait for a whole answer, for calls that are not
	// streamed. The default is ten minutes, as in the official SDKs.
	Unary time.Duration `json:"unary,omitempty"`
	// Idle is the wait between two parts of a stream. The default is two
	// minutes.
	Idle time.Duration `json:"idle,omitempty"`
}

// over gives t with its zero fields taken from d.
func (t Timeouts) over(d Timeouts) Timeouts {
	if t.Header == 0 {
		t.Header = d.Header
	}
	if t.Unary == 0 {
		t.Unary = d.Unary
	}
	if t.Idle == 0 {
		t.Idle = d.Idle
	}
	return t
}

func (t Timeouts) validate(fail func(field, problem string)) {
	for field, d := range map[string]time.Duration{"Header": t.Header, "Unary": t.Unary, "Idle": t.Idle} {
		if d < 0 {
			fail("Timeouts."+field, "must not be negative")
		}
	}
}

// Serves reports whether the channel lists the model: in Models or as a key of
// ModelMap, or because Models is empty.
func (c *Channel) Serves(model string) bool {
	if len(c.Models) == 0 {
		return true
	}
	for _, pattern := range c.Models {
		if matchGlob(pattern, model) {
			return true
		}
	}
	_, ok := c.mapped(model)
	return ok
}

// UpstreamModel is the provider's name for a model that a caller names.
func (c *Channel) UpstreamModel(model string) string {
	if name, ok := c.mapped(model); ok {
		return name
	}
	return model
}

func (c *Channel) mapped(model string) (string, bool) {
	if name, ok := c.ModelMap[model]; ok {
		return name, true
	}
	best, name := -1, ""
	for pattern, to := range c.ModelMap {
		literal := len(pattern) - strings.Count(pattern, "*")
		// Equal lengths: the smaller pattern, so that the order of a map does not decide.
		if matchGlob(pattern, model) && (literal > best || literal == best && to < name) {
			best, name = literal, to
		}
	}
	return name, best >= 0
}

// matchGlob matches text against a pattern in which * stands for any text.
func matchGlob(pattern, text string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], next
	}
}

// endpoint is the URL that calls to the channel are sent to.
func (c *Channel) endpoint() (*url.URL, error) {
	base := c.BaseURL
	if base == "" {
		base = c.Type.DefaultBaseURL()
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("not a URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("must be an http or https URL with a host")
	}
	if u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("must hold neither credentials nor a fragment")
	}
	u.Path, u.RawPath = endpointPath(u.Path, c.Type.Dialect().Path()), ""
	return u, nil
}

// endpointPath completes the path of a base URL: with nothing, a version or
// the whole endpoint at its end, all reach the same place.
func endpointPath(base, full string) string {
	base = strings.TrimRight(base, "/")
	method := strings.TrimPrefix(full, "/v1") // such as /messages
	switch {
	case strings.HasSuffix(base, method):
		return base
	case isVersion(path.Base(base)):
		return base + method
	}
	return base + full
}

// isVersion reports a path element such as v1 or v4.
func isVersion(s string) bool {
	return len(s) == 2 && s[0] == 'v' && s[1] >= '1' && s[1] <= '9'
}

// setHeader puts the channel's credentials and own headers over the caller's.
func (c *Channel) setHeader(h http.Header) {
	if c.APIKey != "" {
		if c.Type == TypeAnthropic {
			h["X-Api-Key"] = []string{c.APIKey}
		} else {
			h["Authorization"] = []string{"Bearer " + c.APIKey}
		}
	}
	if c.Type == TypeAnthropic && h["Anthropic-Version"] == nil {
		h["Anthropic-Version"] = []string{"2023-06-01"}
	}
	for name, value := range c.Headers {
		h.Set(name, value)
	}
}

// validate reports every mistake in the channel.
func (c *Channel) validate(fail func(field, problem string)) {
	if strings.TrimSpace(c.Name) == "" {
		fail("Name", "required")
	}
	if c.Type.Dialect() == "" {
		fail("Type", fmt.Sprintf("no type %q; there are %q", c.Type, ChannelTypes()))
	} else if c.BaseURL == "" && c.Type.DefaultBaseURL() == "" {
		fail("BaseURL", fmt.Sprintf("required for type %q", c.Type))
	} else if _, err := c.endpoint(); err != nil {
		fail("BaseURL", err.Error())
	}
	if !validHeaderValue(c.APIKey) {
		fail("APIKey", "holds characters that a header cannot carry")
	}
	for name, value := range c.Headers {
		if !validHeaderName(name) || !validHeaderValue(value) {
			fail(fmt.Sprintf("Headers[%q]", name), "not a valid header")
		}
	}
	for i, model := range c.Models {
		if strings.TrimSpace(model) == "" {
			fail(fmt.Sprintf("Models[%d]", i), "must not be empty; leave Models out for any model")
		}
	}
	for from, to := range c.ModelMap {
		if from == "" || to == "" {
			fail(fmt.Sprintf("ModelMap[%q]", from), "neither side may be empty")
		}
	}
	if c.Weight < 0 {
		fail("Weight", "must not be negative")
	}
	c.Timeouts.validate(fail)
}
