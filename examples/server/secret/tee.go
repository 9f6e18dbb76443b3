package secret

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dctx-team/routex/examples/server/store"
)

// replacedTee gives a copy of the tee in which f has replaced every secret.
func replacedTee(t store.Tee, f func(text, place string) string) store.Tee {
	teeSecrets(&t, func(field, text string) string { return f(text, "tee\x00"+t.ID+"\x00"+field) })
	return t
}

// teeSecrets puts in the place of every secret what f gives for it. The map is
// copied before it is changed.
func teeSecrets(t *store.Tee, f func(field, text string) string) {
	if t.Secret != "" {
		t.Secret = f("secret", t.Secret)
	}
	t.Headers = maps.Clone(t.Headers)
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		if value := t.Headers[name]; value != "" {
			t.Headers[name] = f(fmt.Sprintf("headers[%q]", name), value)
		}
	}
	if t.URL != "" { // any part of it can be the credential, as with many receivers the path
		t.URL = f("url", t.URL)
	}
}

// UnreadableTee is [Unreadable] for a tee.
func UnreadableTee(t *store.Tee) []string {
	var fields []string
	look := *t
	teeSecrets(&look, func(field, text string) string {
		if Sealed(text) && !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
		return text
	})
	return fields
}
