package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
)

// The bounds of what a channel or rule may say.
const (
	maxName    = 100       // characters
	maxCount   = 1_000_000 // priority, weight, maxConcurrency
	maxTimeout = 86_400_000
	maxWindow  = 1_000_000_000 // tokens
)

// The values of a channel's status. Only the first two can be set.
const (
	statusEnabled  = "enabled"
	statusDisabled = "disabled"
	statusLimited  = "rate_limited" // its provider takes no calls for now
	statusOpen     = "circuit_open" // it failed too often
	statusBroken   = "broken"       // its secrets cannot be read
)

// The defaults of channels and rules.
const (
	defaultPriority = 50
	defaultWeight   = 1
)

func newChannel() store.Channel {
	return store.Channel{Priority: defaultPriority, Weight: defaultWeight}
}

// readChannel reads the members of a request over a channel, and reports every
// mistake in the outcome. shown is the status that the channel has been shown
// with, "" for a new one.
func readChannel(o *object, c *store.Channel, shown string) error {
	old := *c
	readID(o, c.ID, shown == "")
	read(o, "name", &c.Name, "", name())
	read(o, "type", &c.Type, "", text().among(typeNamesOfChannels()...))
	read(o, "api", &c.API, "", text())
	read(o, "config", &c.Config, store.Provider{}, provider())
	if read(o, "baseUrl", &c.BaseURL, "", text()) {
		var ok bool
		if c.BaseURL, ok = unmaskURL(c.BaseURL, old.BaseURL); !ok {
			o.wrong.add("baseUrl", codeValue, "has a masked parameter, and not as the URL of this channel; send the whole URL, or leave it out")
		}
	}
	if read(o, "proxyUrl", &c.ProxyURL, "", text()) {
		var ok bool
		if c.ProxyURL, ok = unmaskProxy(c.ProxyURL, old.ProxyURL); !ok {
			o.wrong.add("proxyUrl", codeValue, "has masked credentials, and not as the proxy of this channel; send the whole URL, or leave it out")
		}
	}
	readKeys(o, c, &old)
	if read(o, "headers", &c.Headers, nil, textMap()) {
		var wrong []string
		c.Headers, wrong = unmaskHeaders(c.Headers, old.Headers)
		for _, header := range wrong {
			o.wrong.add(fmt.Sprintf("headers[%q]", header), codeValue, "is masked, and not as this header of this channel; send the whole value")
		}
	}
	read(o, "models", &c.Models, nil, texts())
	read(o, "modelMap", &c.ModelMap, nil, textMap())
	readCount(o, "priority", &c.Priority, defaultPriority)
	readCount(o, "weight", &c.Weight, defaultWeight)
	readStatus(o, &c.Disabled, shown)
	read(o, "transformers", &c.Transformers, nil, transformers())
	readCount(o, "maxConcurrency", &c.MaxConcurrency, 0)
	read(o, "contextWindow", &c.ContextWindow, nil, windows())
	read(o, "prices", &c.Prices, nil, channelPrices())
	read(o, "timeouts", &c.Timeouts, store.Timeouts{}, timeouts())
	read(o, "losses", &c.Losses, "", text())
	read(o, "usage", &c.Usage, "", text())
	o.ignore("requestCount", "successCount", "failureCount", "lastUsedAt", "createdAt", "updatedAt",
		"inFlight", "latencyMs", "breaker", "cooldownUntil", "keys", "problem")
	o.finish()
	return o.checkChannel(c)
}

// checkChannel adds what the library has against a channel.
func (o *object) checkChannel(c *store.Channel) error {
	checked, err := libraryChannel(c)
	if err != nil && !o.wrong.within("transformers") {
		o.wrong.add("transformers", codeValue, err.Error())
	}
	if len(checked.Type.APIs()) == 0 {
		code := codeValue
		if c.Type == "" {
			code = codeRequired
		}
		o.wrong.add("type", code, noType(c.Type))
		checked.Type, checked.API = routex.TypeOpenAI, "" // so that the rest can be checked
		checked.Transformers, checked.PerModel = nil, nil
	}
	if !usablePort(c.BaseURL) && !o.wrong.within("baseUrl") {
		o.wrong.add("baseUrl", codeValue, "must have a port from 1 to 65535")
	}
	err = routex.Config{Channels: []routex.Channel{checked}}.Validate()
	if bad, ok := errors.AsType[*routex.ConfigError](err); ok {
		for _, f := range bad.Fields {
			field := fieldName(strings.TrimPrefix(f.Field, "Channels[0]."))
			code := codeValue
			if strings.HasPrefix(f.Problem, "required") {
				code = codeRequired
			}
			o.wrong.add(field, code, f.Problem)
		}
	}
	return o.wrong.err()
}

// usablePort is false for a URL with a port that none can be. A channel that was
// stored with one before this was asked for is kept: calls to it fail.
func usablePort(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Port() == "" {
		return true // or it is another mistake
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

func typeNamesOfChannels() []string {
	names := make([]string, 0, len(routex.ChannelTypes()))
	for _, t := range routex.ChannelTypes() {
		names = append(names, string(t))
	}
	return names
}

func noType(given string) string {
	available := strings.Join(typeNamesOfChannels(), ", ")
	if given == "" {
		return "required; available now: " + available
	}
	return fmt.Sprintf("%q is not available; available now: %s", given, available)
}

// readID accepts the id that a record has.
func readID(o *object, id string, isNew bool) {
	var sent string
	if !read(o, "id", &sent, "", text()) || sent == "" || sent == id {
		return
	}
	if isNew {
		o.wrong.add("id", codeValue, "is made by the server; leave it out")
		return
	}
	o.wrong.add("id", codeValue, "cannot be changed; leave it out")
}

func readCount(o *object, field string, into *int, standard int) {
	n := int64(*into)
	if read(o, field, &n, int64(standard), integer(0, maxCount)) {
		*into = int(n)
	}
}

// readStatus takes a status that can be set, or the one that was shown.
func readStatus(o *object, disabled *bool, shown string) {
	var sent string
	if !read(o, "status", &sent, statusEnabled, text().among(statusEnabled, statusDisabled, statusLimited, statusOpen, statusBroken)) {
		return
	}
	if sent == shown && shown != "" { // sent back: unchanged
		return
	}
	switch sent {
	case statusEnabled:
		*disabled = false
	case statusDisabled:
		*disabled = true
	case statusLimited, statusOpen, statusBroken:
		o.wrong.add("status", codeValue, fmt.Sprintf("%q comes and goes by itself; it can be set to enabled or disabled", sent))
	default:
		o.wrong.add("status", codeValue, fmt.Sprintf("there is no status %q; it can be set to enabled or disabled", sent))
	}
}

// name reads the name of a channel or rule.
func name() parser[string] {
	takes := func() *schema { return &schema{Type: typeNames{"string"}, MaxLength: maxName} }
	return then(text(), takes, func(s string, fail failFunc) string {
		switch {
		case utf8.RuneCountInString(s) > maxName:
			fail("", codeValue, fmt.Sprintf("must not be longer than %d characters", maxName))
		case strings.TrimSpace(s) != s:
			fail("", codeValue, "must not begin or end with a space")
		case strings.ContainsFunc(s, unicode.IsControl):
			fail("", codeValue, "must not hold control characters")
		}
		return s
	})
}

// provider reads what only some types of channels need to be told.
func provider() parser[store.Provider] {
	return nested(func(o *object, p *store.Provider) {
		read(o, "deployment", &p.Deployment, "", text())
		read(o, "apiVersion", &p.APIVersion, "", text())
	})
}

// timeouts are in milliseconds.
func timeouts() parser[store.Timeouts] {
	return nested(func(o *object, t *store.Timeouts) {
		read(o, "header", &t.Header, 0, integer(0, maxTimeout))
		read(o, "firstToken", &t.FirstToken, 0, integer(0, maxTimeout))
		read(o, "unary", &t.Unary, 0, integer(0, maxTimeout))
		read(o, "idle", &t.Idle, 0, integer(0, maxTimeout))
	})
}

// windows reads the number of tokens for all models, or those by model.
func windows() parser[store.Windows] {
	forAll := integer(1, maxWindow)
	byModel := mapOf(forAll, "must be a number, or an object of numbers by model")
	return parser[store.Windows]{
		takes: func() *schema { return eitherSchema(forAll.takes(), byModel.takes()) },
		parse: func(raw json.RawMessage, fail failFunc) store.Windows {
			if raw[0] != '{' {
				return store.Windows{"*": int(forAll.parse(raw, fail))}
			}
			out := make(store.Windows)
			for model, tokens := range byModel.parse(raw, fail) {
				out[model] = int(tokens)
			}
			return out
		},
	}
}
