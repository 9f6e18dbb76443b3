package routex

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/dctx-team/routex/transform"
)

// keyValues are the values of the channel's keys; one that is empty when it has
// none.
func (c *Channel) keyValues() []string {
	values := make([]string, 0, 1+len(c.APIKeys))
	if c.APIKey != "" || len(c.APIKeys) == 0 {
		values = append(values, c.APIKey)
	}
	return append(values, c.APIKeys...)
}

// validateKeys never names a key in what it reports.
func (c *Channel) validateKeys(fail func(field, problem string)) {
	const unfit = "holds characters that a header cannot carry"
	if !validHeaderValue(c.APIKey) {
		fail("APIKey", unfit)
	}
	for i, value := range c.APIKeys {
		field := fmt.Sprintf("APIKeys[%d]", i)
		switch first := slices.Index(c.APIKeys, value); {
		case value == "":
			fail(field, "must not be empty")
		case !validHeaderValue(value):
			fail(field, unfit)
		case value == c.APIKey:
			fail(field, "is the first key already")
		case first < i:
			fail(field, fmt.Sprintf("is the same key as number %d of them", first))
		}
	}
}

// setHeader puts the key and the channel's own headers over the caller's.
func (ch *channel) setHeader(h http.Header, key *grant) {
	key.set(h)
	if ch.dialect == transform.Anthropic {
		switch {
		case ch.APIVersion != "":
			h["Anthropic-Version"] = []string{ch.APIVersion}
		case h["Anthropic-Version"] == nil:
			h["Anthropic-Version"] = []string{"2023-06-01"}
		}
	}
	for name, value := range ch.Headers {
		h.Set(name, value)
	}
}

// credential is the header that carries a key.
func (ch *channel) credential(key string) (name, value string) {
	switch {
	case ch.Type == TypeAzure:
		return "Api-Key", key
	case ch.dialect == transform.Anthropic:
		return "X-Api-Key", key
	case ch.dialect == transform.Gemini:
		return "X-Goog-Api-Key", key
	}
	return "Authorization", "Bearer " + key
}
