// Package access says who may use a server of Routex: an admin token guards
// its management API, client keys the calls to models.
package access

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
)

// Options are what a [Guard] is made of.
type Options struct {
	// Loopback says that the server listens on a loopback address alone.
	// Then requests from this machine need no credentials by default.
	Loopback bool
	// LoopbackAuth lets even those need the admin token.
	LoopbackAuth bool
	// AdminToken lets into the management API. The zero Digest is that of no
	// token.
	AdminToken Digest
	// Keys are the client keys; nil means none.
	Keys *Keys
	// OpenCalls lets calls do without a client key in any case.
	OpenCalls bool
	// TrustedProxies are believed when they say in X-Forwarded-For whom they
	// speak for. Nobody else is.
	TrustedProxies []netip.Prefix
	// Logger is told of whom was refused; nil means no log.
	Logger *slog.Logger
}

// A Guard stands before the handlers of a server. It is safe for concurrent
// use.
type Guard struct {
	o         Options
	origin    *http.CrossOriginProtection
	strangers seen // who have no key
}

// New makes a Guard.
func New(o Options) *Guard {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Keys == nil {
		o.Keys = new(Keys)
	}
	return &Guard{o: o, origin: http.NewCrossOriginProtection()}
}

// fromHere reports a request that was meant for this machine by somebody on
// it: not one that a proxy hands on, nor one of a web page whose name leads
// here.
func (g *Guard) fromHere(r *http.Request) bool {
	return g.o.Loopback && localHost(r.Host) && !forwarded(r.Header)
}

// localHost reports a Host header that names this machine, with any port.
func localHost(host string) bool {
	name, port, found := cutPort(host)
	if found && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	switch strings.ToLower(name) {
	case "localhost", "127.0.0.1", "[::1]":
		return true
	}
	return false
}

// cutPort parts what follows the last colon outside of brackets.
func cutPort(host string) (name, port string, found bool) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || i < strings.LastIndexByte(host, ']') {
		return host, "", false
	}
	return host[:i], host[i+1:], true
}

// forwarded reports that somebody hands the request on.
func forwarded(h http.Header) bool {
	for name := range h {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip":
			return true
		}
		if strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}
