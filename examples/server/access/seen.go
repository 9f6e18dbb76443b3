package access

import (
	"net/netip"
	"sync/atomic"
)

// A seen is the metadata of the caller that came last with a key, or with none:
// most calls come from where the one before did.
type seen struct{ last atomic.Pointer[caller] }

type caller struct {
	addr     netip.Addr
	metadata map[string]string
}

// about gives the metadata of a caller. It must not be changed.
func (s *seen) about(name string, addr netip.Addr) map[string]string {
	if c := s.last.Load(); c != nil && c.addr == addr {
		return c.metadata
	}
	c := &caller{addr, map[string]string{MetadataClient: name, MetadataAddress: ""}}
	if addr.IsValid() {
		c.metadata[MetadataAddress] = addr.String()
	}
	s.last.Store(c)
	return c.metadata
}
