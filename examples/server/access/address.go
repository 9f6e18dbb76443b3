package access

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ParseProxies reads a list of addresses and networks, such as
// "10.0.0.0/8, 192.168.1.1", separated by commas. The list may be empty.
func ParseProxies(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		if addr, err := netip.ParseAddr(item); err == nil {
			out = append(out, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network; write 10.0.0.1 or 10.0.0.0/8", item)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// ClientAddress tells who asks: the peer of the connection, or when that is one
// of the trusted proxies, whom it speaks for. It is the zero Addr when the
// peer has no address.
func (g *Guard) ClientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap().WithZone("")
	forwarded := r.Header["X-Forwarded-For"]
	if forwarded == nil {
		return client
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) { // each was added by the one after it
		if !g.trusts(client) {
			return client
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return client
		}
		client = before.Unmap().WithZone("")
	}
	return client
}

func (g *Guard) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(g.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
