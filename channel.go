package routex

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dctx-team/routex/internal/glob"
	"github.com/dctx-team/routex/trace/prices"
	"github.com/dctx-team/routex/transform"
)

// A Channel is an account with a provider. It is a value: a Transport copies
// what it is given.
type Channel struct {
	ID      string      // unique; "" means Name
	Name    string      // unique; required
	Type    ChannelType // required
	API     API         // "" means the first of the type's APIs
	BaseURL string      // "" means the type's default; may end in /, /v1 or the whole endpoint; its query is sent too
	// APIVersion is Azure's api-version, which calls the deployment by its
	// path; "" or "v1" means the newer paths, which take the deployment as
	// the model. For Anthropic it is the anthropic-version sent: "" means
	// the caller's own, or 2023-06-01 for callers of another protocol.
	APIVersion string
	// Deployment is Azure's name of the model, for all calls; "" means the
	// model's own name, after ModelMap.
	Deployment string
	APIKey     string // "" sends no credentials
	// APIKeys are more keys, used in turn with APIKey. One that the provider
	// refuses or limits rests, while the others are used. They are taken for
	// keys of one account: an id that was made with one of them, such as that
	// of a file or a response, is asked for with any.
	APIKeys []string
	// Headers are set on every request to the channel, over the caller's.
	Headers map[string]string
	// ProxyURL is the proxy through which every request to the channel goes:
	// http, https, socks5 or socks5h, a host, perhaps a port and credentials,
	// such as "socks5://user:password@proxy.example:1080". "" means what Base
	// does, by itself the proxies of the environment. A Config with a Base of
	// its own cannot have it.
	ProxyURL string
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
	// Transformers change every call to the channel, in its own protocol:
	// requests from the first to the last, answers from the last to the
	// first. One that names a protocol (see [named.Protocol]) must name the
	// channel's; a channel of TypeCustom without an API speaks what it names.
	Transformers []transform.Transformer
	// PerModel holds more of them, which come after Transformers, for calls
	// of one model, by the name that the caller or else the provider has for
	// it. Keys are as in ModelMap.
	PerModel map[string][]transform.Transformer
	// MaxConcurrency bounds the calls at one time, streams until they end;
	// 0 means no limit. A channel at its limit is left out.
	MaxConcurrency int
	// ContextWindow is how many tokens a call and its answer may have. Keys
	// are names of models or patterns, as in ModelMap, by the name that the
	// caller or else the provider has for the model; "*" is for all. A model
	// that is not in it has the window that Routex knows of, if any.
	ContextWindow map[string]int
	// Prices are what the channel's tokens cost. Keys are as in ContextWindow.
	// For [balance.LeastCost] a model that is not in it has no known price; the
	// cost of its calls is by the Config's Prices, which are in US dollars.
	Prices map[string]prices.Price
	// Timeouts of this channel; a zero field means the Config's.
	Timeouts Timeouts
	// Losses says what to do when translation for this channel cannot carry
	// everything; "" means as the Config says.
	Losses LossPolicy
	// Usage says when a Chat channel is asked to tell the usage of a stream
	// whose caller did not ask: [UsageAlways], or "" for never, which leaves
	// the body as it is and makes the usage an estimate. Calls that are
	// translated always ask.
	Usage UsagePolicy
}

// A UsagePolicy says when the usage of a stream is asked for.
type UsagePolicy string

// UsageAlways asks for the usage of every stream. The caller who did not ask
// does not see it.
const UsageAlways UsagePolicy = "always"

// Dialect is the protocol that the channel speaks; "" when its Type is unknown
// or has no such API.
func (c *Channel) Dialect() transform.Dialect {
	kind, api := c.speaks()
	apis := kind.APIs()
	switch {
	case len(apis) == 0:
		return ""
	case api == "":
		return apis[0].Dialect()
	case !slices.Contains(apis, api):
		return ""
	}
	return api.Dialect()
}

// Serves reports whether the channel lists the model: in Models or as a key of
// ModelMap, or because Models is empty.
func (c *Channel) Serves(model string) bool {
	if len(c.Models) == 0 {
		return true
	}
	for _, pattern := range c.Models {
		if glob.Match(pattern, model) {
			return true
		}
	}
	_, ok := c.mapped(model)
	return ok
}

// UpstreamModel is the provider's name for a model that a caller names.
func (c *Channel) UpstreamModel(model string) string {
	if c.Deployment != "" && (!c.deployed() || c.Dialect() != transform.OpenAIChat) { // else the path names it
		return c.Deployment
	}
	if name, ok := c.mapped(model); ok {
		return name
	}
	return model
}

func (c *Channel) mapped(model string) (string, bool) { return bestMatch(c.ModelMap, model) }

// bestMatch gives the value of the name, else of the pattern with the most
// literal text that matches it.
func bestMatch[T any](values map[string]T, name string) (value T, found bool) {
	if value, found = values[name]; found {
		return value, true
	}
	best, most := "", -1
	for pattern := range values {
		literal := len(pattern) - strings.Count(pattern, "*")
		// Equal lengths: the smaller pattern, so that the order of a map does not decide.
		if glob.Match(pattern, name) && (literal > most || literal == most && pattern < best) {
			best, most = pattern, literal
		}
	}
	return values[best], most >= 0
}

// validate reports every mistake in the channel.
func (c *Channel) validate(fail func(field, problem string)) {
	if strings.TrimSpace(c.Name) == "" {
		fail("Name", "required")
	}
	c.validateProvider(fail)
	c.validateTransformers(fail)
	c.validateKeys(fail)
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
	if c.MaxConcurrency < 0 {
		fail("MaxConcurrency", "must not be negative; 0 means no limit")
	}
	for model, tokens := range c.ContextWindow {
		if model == "" || tokens <= 0 {
			fail(fmt.Sprintf("ContextWindow[%q]", model), "needs a model and a number of tokens above 0")
		}
	}
	c.validatePrices(fail)
	for i, t := range c.Transformers {
		if t == nil {
			fail(fmt.Sprintf("Transformers[%d]", i), "must not be nil")
		}
	}
	c.Timeouts.validate(fail)
	if c.Losses != "" && !c.Losses.known() {
		fail("Losses", c.Losses.problem())
	}
	if c.Usage != "" && c.Usage != UsageAlways {
		fail("Usage", fmt.Sprintf("no policy %q; there is %q", c.Usage, UsageAlways))
	}
}

// validateProvider checks what says where the channel is and how it speaks.
func (c *Channel) validateProvider(fail func(field, problem string)) {
	apis := c.Type.APIs()
	if len(apis) == 0 {
		fail("Type", fmt.Sprintf("no type %q; there are %q", c.Type, ChannelTypes()))
		return
	}
	if c.Dialect() == "" {
		fail("API", fmt.Sprintf("type %q has no API %q; there are %q", c.Type, c.API, apis))
		return
	}
	if c.BaseURL == "" && c.Type.DefaultBaseURL() == "" {
		fail("BaseURL", fmt.Sprintf("required for type %q", c.Type))
	} else if _, err := c.base(); err != nil {
		fail("BaseURL", err.Error())
	}
	if !validHeaderValue(c.APIVersion) || strings.ContainsAny(c.APIVersion, "&?# ") {
		fail("APIVersion", "is not a version")
	}
	if kind, _ := c.speaks(); c.Deployment != "" && kind != TypeAzure {
		fail("Deployment", fmt.Sprintf("only channels of type %q have one", TypeAzure))
	}
}
