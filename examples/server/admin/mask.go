package admin

import (
	"maps"
	"strings"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
)

// hidden stands for the part of a secret that is not shown.
const hidden = "****"

// mask shows enough of a secret to tell it from others.
func mask(text string) string {
	r := []rune(text)
	switch {
	case len(r) == 0:
		return ""
	case len(r) < 12, secret.Sealed(text): // nobody could tell a sealed one by its letters
		return hidden
	}
	return string(r[:4]) + hidden + string(r[len(r)-4:])
}

// secretHeader guesses from its name whether a header holds a secret.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"auth", "key", "token", "secret", "cookie", "password", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// secretValue guesses from its beginning whether a text is a secret, whatever it
// is called.
func secretValue(text string) bool {
	text = strings.ToLower(text)
	for _, start := range []string{"bearer ", "basic ", "token ", "sk-", "sk_", "pk-", "rk_", "gsk_", "xai-", "hf_", "ghp_", "aiza", "eyj"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}

// hides reports a header, or a parameter of a URL, that is shown masked.
func hides(name, value string) bool {
	return secretHeader(name) || secretValue(value) || secret.Sealed(value)
}

// maskHeaders gives the headers of a channel as they may be shown.
func maskHeaders(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		if hides(name, value) {
			value = mask(value)
		}
		out[name] = value
	}
	return out
}

// unmask gives the secret that is meant: a masked value that was shown and
// comes back means the stored one. ok is false for a mask of something else,
// which would replace a secret by asterisks.
func unmask(sent, stored string) (value string, ok bool) {
	if sent != "" && sent == mask(stored) {
		return stored, true
	}
	return sent, !strings.Contains(sent, hidden)
}

// unmaskHeaders is unmask for the headers of a channel; wrong names those that
// are masks of something else.
func unmaskHeaders(sent, stored map[string]string) (out map[string]string, wrong []string) {
	out = maps.Clone(sent)
	for name, value := range sent {
		if !hides(name, stored[name]) {
			continue
		}
		clear, ok := unmask(value, stored[name])
		if !ok {
			wrong = append(wrong, name)
		}
		out[name] = clear
	}
	return out, wrong
}

// maskURL gives a base URL as it may be shown: a parameter of its query can
// hold a key.
func maskURL(base string) string {
	if secret.Sealed(base) {
		return hidden
	}
	head, query, found := strings.Cut(base, "?")
	if !found {
		return base
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if name, value, _ := strings.Cut(part, "="); hides(name, value) && value != "" {
			parts[i] = name + "=" + mask(value)
		}
	}
	return head + "?" + strings.Join(parts, "&")
}

// unmaskURL is unmask for a base URL.
func unmaskURL(sent, stored string) (base string, ok bool) {
	if sent == maskURL(stored) {
		return stored, true
	}
	_, query, _ := strings.Cut(sent, "?")
	return sent, !strings.Contains(query, hidden)
}

// maskProxy gives the URL of a proxy as it may be shown. A user name alone can
// be a token.
func maskProxy(proxy string) string {
	if secret.Sealed(proxy) {
		return hidden
	}
	scheme, user, host := cutProxy(proxy)
	if user == "" {
		return proxy
	}
	return scheme + hidden + "@" + host
}

// unmaskProxy is unmask for the URL of a proxy.
func unmaskProxy(sent, stored string) (proxy string, ok bool) {
	if sent == maskProxy(stored) {
		return stored, true
	}
	return sent, !strings.Contains(sent, hidden)
}

// proxyWithoutSecrets leaves the credentials out.
func proxyWithoutSecrets(proxy string) string {
	if secret.Sealed(proxy) {
		return ""
	}
	scheme, _, host := cutProxy(proxy)
	return scheme + host
}

// cutProxy cuts the URL of a proxy before and after its credentials and the @.
func cutProxy(proxy string) (scheme, user, host string) {
	at := strings.LastIndex(proxy, "@")
	if at < 0 {
		return "", "", proxy
	}
	begin := 0
	if i := strings.Index(proxy[:at], "://"); i >= 0 {
		begin = i + len("://")
	}
	return proxy[:begin], proxy[begin:at], proxy[at+1:]
}

// brokenReason says why a channel cannot be used whose secrets the master key
// does not open; "" for any other channel.
func brokenReason(c *store.Channel) string {
	fields := secret.Unreadable(c)
	if len(fields) == 0 {
		return ""
	}
	return "the master key does not open " + strings.Join(fields, ", ") + "; start the server with the key that they were written with, or send them anew"
}
