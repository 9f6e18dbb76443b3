package secret

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
)

// replaced gives a copy of the channel in which f has replaced every secret. A
// place names the channel and the field.
func replaced(c store.Channel, f func(text, place string) string) store.Channel {
	secrets(&c, func(field, text string) string { return f(text, "channel\x00"+c.ID+"\x00"+field) })
	return c
}

// secrets puts in the place of every secret what f gives for it. Lists and
// maps are copied before they are changed.
func secrets(c *store.Channel, f func(field, text string) string) {
	if c.APIKey != "" {
		c.APIKey = f("apiKey", c.APIKey)
	}
	c.APIKeys = slices.Clone(c.APIKeys)
	for i, key := range c.APIKeys {
		c.APIKeys[i] = f("apiKeys", key)
	}
	c.Headers = maps.Clone(c.Headers)
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		if value := c.Headers[name]; value != "" {
			c.Headers[name] = f(fmt.Sprintf("headers[%q]", name), value)
		}
	}
	if strings.Contains(c.BaseURL, "?") || Sealed(c.BaseURL) {
		c.BaseURL = f("baseUrl", c.BaseURL)
	}
	if strings.Contains(c.ProxyURL, "@") || Sealed(c.ProxyURL) {
		c.ProxyURL = f("proxyUrl", c.ProxyURL)
	}
}

// Unreadable lists the fields of a channel with secrets that could not be
// opened, as the REST API calls them. What is in those fields is of no use but
// to be written back.
func Unreadable(c *store.Channel) []string {
	var fields []string
	look := *c
	secrets(&look, func(field, text string) string {
		if Sealed(text) && !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
		return text
	})
	return fields
}
