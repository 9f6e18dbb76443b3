package tee

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format prints the host alone, whatever the verb.
func (c WebhookConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.name()) }

// LogValue logs the host alone.
func (c WebhookConfig) LogValue() slog.Value { return slog.StringValue(c.name()) }

func (c *WebhookConfig) name() string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "webhook"
	}
	return "webhook at " + u.Host
}

// setByHTTP are the headers of a request that nobody else may set.
var setByHTTP = []string{
	"Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", HeaderID, HeaderTimestamp, HeaderSignature,
}

// validate fills in the defaults and reports every mistake at once.
func (c *WebhookConfig) validate() (*url.URL, error) {
	var bad Mistakes
	u, err := webhookURL(c.URL)
	if err != nil {
		bad.add("url", err.Error())
	} else if addr, no := netip.ParseAddr(u.Hostname()); no == nil && c.Transport == nil {
		if kind := c.Guard.refused(addr); kind != "" {
			bad.add("url", (&AddressError{Addr: addr, Kind: kind}).problem())
		}
	}
	c.Method = cmp.Or(c.Method, http.MethodPost)
	if c.Method != http.MethodPost && c.Method != http.MethodPut {
		bad.add("method", fmt.Sprintf("%q is neither POST nor PUT", c.Method))
	}
	for name, values := range c.Header {
		switch key := http.CanonicalHeaderKey(name); {
		case !token(name):
			bad.add("headers", fmt.Sprintf("%q is no name of a header", name))
		case slices.Contains(setByHTTP, key):
			bad.add("headers."+key, "cannot be set: HTTP or the signature needs it")
		case slices.ContainsFunc(values, func(v string) bool { return strings.ContainsFunc(v, control) }):
			bad.add("headers."+key, "has a character that no header can have")
		}
	}
	if c.Secret != "" {
		if _, err := signingKey(c.Secret); err != nil {
			bad.add("secret", err.Error())
		}
	}
	for field, d := range map[string]time.Duration{"timeout": c.Timeout, "backoff": c.Backoff, "maxBackoff": c.MaxBackoff} {
		if d < 0 {
			bad.add(field, "must not be negative")
		}
	}
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.Retries = cmp.Or(c.Retries, 3)
	c.Backoff = cmp.Or(c.Backoff, time.Second/2)
	c.MaxBackoff = max(cmp.Or(c.MaxBackoff, time.Minute/2), c.Backoff)
	slices.SortFunc(bad, func(a, b Mistake) int { return strings.Compare(a.Field, b.Field) })
	return u, bad.err()
}

// webhookURL reads a URL. Its errors do not show it, for a part of it can be a
// credential.
func webhookURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("must be an http or https URL with a host")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("must have a port from 1 to 65535")
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// hiding replaces whatever is secret in a configuration.
func (c *WebhookConfig) hiding(u *url.URL) *strings.Replacer {
	var pairs []string
	hide := func(secret string) {
		if len(secret) >= 6 { // shorter ones would tear words to pieces
			pairs = append(pairs, secret, "***")
		}
	}
	hide(c.Secret)
	for _, values := range c.Header {
		for _, v := range values {
			hide(v)
			_, credential, _ := strings.Cut(v, " ") // after Bearer
			hide(credential)
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			hide(v)
		}
	}
	hide(u.RawQuery)
	hide(u.EscapedPath()) // which is all that some receivers ask for
	if password, ok := u.User.Password(); ok {
		hide(password)
	}
	return strings.NewReplacer(pairs...)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// control tells characters that the value of a header cannot have.
func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// token tells whether a text can be the name of a header.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}
