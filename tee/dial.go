package tee

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A Guard keeps webhooks from addresses that only this machine or its network
// can reach: whoever may name a URL shall not thereby get at what is behind
// the firewall. The zero value lets public addresses pass and no others.
type Guard struct {
	// Allow lists networks that may be reached although they are not public.
	Allow []netip.Prefix
	// AllowPrivate allows the private networks of RFC 1918, RFC 4193 and
	// RFC 6598 and this machine itself. Link-local addresses and those at
	// which clouds give out credentials still need to be in Allow.
	AllowPrivate bool
}

// An AddressError says that a [Guard] lets nobody connect to an address.
type AddressError struct {
	Host string // as the URL names it; "" if it is not known
	Addr netip.Addr
	Kind string // what sort of address that is, such as "link-local"
}

// Error names the host, its address and the way out.
func (e *AddressError) Error() string { return "tee: " + e.problem() }

func (e *AddressError) problem() string {
	where := e.Addr.String()
	if e.Host != "" && e.Host != where {
		where = fmt.Sprintf("%s (%s)", e.Host, where)
	}
	return fmt.Sprintf("%s is not a public address (%s): webhooks go there only if its network is allowed", where, e.Kind)
}

// ParseGuard reads a list, separated by commas, of networks, addresses and the
// word "private", which is [Guard.AllowPrivate].
func ParseGuard(list string) (Guard, error) {
	var g Guard
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		prefix, err := netip.ParsePrefix(item)
		if addr, no := netip.ParseAddr(item); no == nil {
			addr = addr.Unmap().WithZone("")
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		switch {
		case item == "":
		case item == "private":
			g.AllowPrivate = true
		case err != nil:
			return Guard{}, fmt.Errorf("tee: %q is no network, no address and not \"private\"", item)
		default:
			g.Allow = append(g.Allow, prefix.Masked())
		}
	}
	return g, nil
}

// Check gives an [*AddressError] for an address that is refused.
func (g Guard) Check(addr netip.Addr) error {
	if kind := g.refused(addr); kind != "" {
		return &AddressError{Addr: addr, Kind: kind}
	}
	return nil
}

// refused is the sort of an address that is refused, or "".
func (g Guard) refused(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if slices.ContainsFunc(g.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return ""
	}
	if inner, ok := embedded(addr); ok {
		return g.refused(inner)
	}
	kind, private := special(addr)
	if private && g.AllowPrivate {
		return ""
	}
	return kind
}

// DialContext connects as a [net.Dialer] does, and looks at the address after
// the name was resolved, so that nobody's name server gets around the guard.
func (g Guard) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return g.dial(ctx, &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}, network, addr)
}

func (g Guard) dial(ctx context.Context, d *net.Dialer, network, addr string) (net.Conn, error) {
	d.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		return g.Check(to.Addr())
	}
	conn, err := d.DialContext(ctx, network, addr)
	if refused, ok := errors.AsType[*AddressError](err); ok {
		host, _, _ := net.SplitHostPort(addr)
		return nil, &AddressError{Host: host, Addr: refused.Addr, Kind: refused.Kind}
	}
	return conn, err
}
