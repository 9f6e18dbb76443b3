package routex

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// proxy parses ProxyURL; nil stands for "". No error repeats a part of it, which
// can be a credential.
func (c *Channel) proxy() (*url.URL, error) {
	if c.ProxyURL == "" {
		return nil, nil //nolint:nilnil // as net/http has it
	}
	u, err := parseURL(c.ProxyURL)
	if err != nil {
		return nil, err
	}
	socks := u.Scheme == "socks5" || u.Scheme == "socks5h"
	if !socks && u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("must be an http, https, socks5 or socks5h URL with a host")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("must end after the host and its port: a proxy has no path, query or fragment")
	}
	if u.User != nil && socks {
		name := u.User.Username()
		if password, _ := u.User.Password(); name == "" || len(name) > 255 || len(password) > 255 {
			return nil, errors.New("the user name of a SOCKS proxy must not be empty, and neither it nor the password longer than 255 bytes")
		}
	}
	u.Path = ""
	return u, nil
}

// validateProxy checks ProxyURL for a Transport with the base, which is nil
// when it is not known.
func (c *Channel) validateProxy(base http.RoundTripper, fail func(field, problem string)) {
	if _, err := c.proxy(); err != nil {
		fail("ProxyURL", err.Error())
		return
	}
	if _, own := base.(*proxyingBase); c.ProxyURL != "" && base != nil && !own {
		fail("ProxyURL", "cannot be used with a RoundTripper of your own as Base, which chooses the proxies itself: set Proxy of Base's http.Transport, or leave Base out")
	}
}

// proxySecrets are the texts by which the proxy knows the channel.
func proxySecrets(u *url.URL) []string {
	if u == nil || u.User == nil {
		return nil
	}
	name := u.User.Username()
	password, _ := u.User.Password()
	secrets := []string{base64.StdEncoding.EncodeToString([]byte(name + ":" + password)), u.User.String()}
	if password != "" {
		secrets = append(secrets, url.QueryEscape(password), password)
	} else {
		secrets = append(secrets, name)
	}
	return slices.DeleteFunc(secrets, func(s string) bool { return len(s) < minRepeated })
}

// A proxyingBase is the base of a Transport of its own. It alone knows of the
// proxies of channels: net/http keeps the connections through each apart.
type proxyingBase struct{ *http.Transport }

type proxyKey struct{}

// withProxies makes the base ask the context of a request for the proxy, and
// only then what it asked before.
func withProxies(base *http.Transport) *proxyingBase {
	otherwise := base.Proxy
	base.Proxy = func(r *http.Request) (*url.URL, error) {
		if u, ok := r.Context().Value(proxyKey{}).(*url.URL); ok {
			return u, nil
		}
		if otherwise == nil {
			return nil, nil //nolint:nilnil // none
		}
		return otherwise(r)
	}
	return &proxyingBase{base}
}

// context is that of the attempt for its request.
func (at *attempt) context() context.Context {
	if at.ch.proxy == nil {
		return at.ctx
	}
	return context.WithValue(at.ctx, proxyKey{}, at.ch.proxy)
}

// ofProxy sorts out what a proxy says for itself: that it does not know who
// asks is no answer of the provider's, and its errors may repeat credentials.
func (at *attempt) ofProxy(up *http.Response, err error) (*http.Response, error) {
	if at.ch.proxy == nil {
		return up, err
	}
	if err == nil && up != nil && up.StatusCode == http.StatusProxyAuthRequired {
		if up.Body != nil {
			closeQuietly(up.Body)
		}
		return nil, errors.New("the proxy of the channel does not take the credentials in its ProxyURL")
	}
	if err != nil {
		if said := at.withoutProxySecrets(err.Error()); said != err.Error() {
			err = errors.New(said)
		}
	}
	return up, err
}

func (at *attempt) withoutProxySecrets(text string) string {
	for _, secret := range at.ch.proxySecrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}
