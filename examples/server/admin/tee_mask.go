package admin

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dctx-team/routex/examples/server/secret"
)

// maskTeeHeaders gives the headers of a tee as they may be shown: whatever may
// be a credential is masked.
func maskTeeHeaders(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		switch http.CanonicalHeaderKey(name) {
		case "Content-Type", "Accept", "User-Agent":
			if secret.Sealed(value) {
				value = hidden
			}
			out[name] = value
		default:
			out[name] = mask(value)
		}
	}
	return out
}

// maskTeeURL gives the URL of a tee as it may be shown, without its password,
// the values in its query, and what in its path looks like a credential: many
// receivers have no other.
func maskTeeURL(text string) string {
	if secret.Sealed(text) {
		return hidden
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	var b strings.Builder
	b.WriteString(u.Scheme + "://")
	if u.User != nil {
		b.WriteString(maskRandom(u.User.Username()))
		if _, has := u.User.Password(); has {
			b.WriteString(":" + hidden)
		}
		b.WriteString("@")
	}
	b.WriteString(u.Host)
	for i, part := range strings.Split(u.EscapedPath(), "/") {
		if i > 0 {
			b.WriteString("/")
		}
		b.WriteString(maskRandom(part))
	}
	for i, part := range strings.Split(u.RawQuery, "&") {
		switch {
		case i > 0:
			b.WriteString("&")
		case u.RawQuery != "":
			b.WriteString("?")
		}
		name, value, found := strings.Cut(part, "=")
		b.WriteString(name)
		if found {
			b.WriteString("=" + mask(value))
		}
	}
	return b.String()
}

// maskRandom masks a text that looks like a credential.
func maskRandom(text string) string {
	if looksRandom(text) || secretValue(text) {
		return mask(text)
	}
	return text
}

// minRandom is the length of the shortest text that is taken for random. The
// tokens in the URLs of webhooks are longer, the names beside them shorter.
const minRandom = 16

// looksRandom guesses whether a part of a URL was drawn by lot: it is long, and
// has a digit, or letters of both cases, or no end of a word in all its length.
func looksRandom(text string) bool {
	if len(text) < minRandom {
		return false
	}
	upper, lower := strings.ToLower(text) != text, strings.ToUpper(text) != text
	return strings.ContainsAny(text, "0123456789") || upper && lower || !strings.ContainsAny(text, "-_.~")
}

// unmaskTeeURL is unmask for the URL of a tee.
func unmaskTeeURL(sent, stored string) (text string, ok bool) {
	if sent != "" && sent == maskTeeURL(stored) {
		return stored, true
	}
	return sent, !strings.Contains(sent, hidden)
}
