package tee

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestGuardLetsOnlyPublicAddressesPass(t *testing.T) {
	const nobody, private, everybody = "", "private", "public"
	for addr, want := range map[string]string{
		"93.184.216.34": everybody, "8.8.8.8": everybody, "172.15.255.255": everybody, "172.32.0.0": everybody,
		"100.63.255.255": everybody, "100.128.0.0": everybody, "169.253.1.1": everybody, "198.20.0.1": everybody,
		"2606:4700::1111": everybody, "2a00:1450::1": everybody, "64:ff9b::8.8.8.8": everybody, "::ffff:8.8.8.8": everybody,
		"2002:0808:0808::1": everybody,

		"127.0.0.1": private, "127.255.255.254": private, "::1": private, "::ffff:127.0.0.1": private, "64:ff9b::127.0.0.1": private,
		"10.0.0.1": private, "172.16.0.1": private, "172.31.255.255": private, "192.168.1.1": private, "100.64.0.1": private,
		"100.127.255.255": private, "fc00::1": private, "fd12:3456::1": private, "::ffff:10.0.0.1": private,
		"64:ff9b::a00:1": private, "2002:0a00:0001::1": private, "2002:7f00:0001::": private,

		"169.254.169.254": nobody, "fe80::1": nobody, "fe80::1%eth0": nobody, "::ffff:169.254.169.254": nobody,
		"64:ff9b::169.254.169.254": nobody, "2002:a9fe:a9fe::": nobody, "168.63.129.16": nobody, "100.100.100.200": nobody,
		"fd00:ec2::254": nobody, "0.0.0.0": nobody, "0.1.2.3": nobody, "::": nobody, "::ffff:0.0.0.0": nobody, "224.0.0.1": nobody,
		"239.255.255.250": nobody, "ff02::1": nobody, "240.0.0.1": nobody, "255.255.255.255": nobody, "192.0.0.192": nobody,
		"192.0.2.1": nobody, "198.51.100.1": nobody, "203.0.113.1": nobody, "198.18.0.1": nobody, "198.19.255.255": nobody,
		"192.88.99.1": nobody, "2001:db8::1": nobody, "2001::1": nobody, "3fff::1": nobody, "fec0::1": nobody,
		"::8.8.8.8": nobody, "64:ff9b:1::1": nobody, "4000::1": nobody, "100::1": nobody, "5f00::1": nobody,
	} {
		a := netip.MustParseAddr(addr)
		if err := (Guard{}).Check(a); (err == nil) != (want == everybody) {
			t.Errorf("the zero value gives %v for %s", err, addr)
		}
		if err := (Guard{AllowPrivate: true}).Check(a); (err == nil) != (want != nobody) {
			t.Errorf("with AllowPrivate, %s gives %v", addr, err)
		}
		own := Guard{Allow: []netip.Prefix{netip.PrefixFrom(a.Unmap().WithZone(""), a.Unmap().BitLen())}}
		if err := own.Check(a); err != nil {
			t.Errorf("%s is allowed and yet gives %v", addr, err)
		}
	}
	if (Guard{AllowPrivate: true}).Check(netip.Addr{}) == nil {
		t.Error("no address at all was let pass")
	}
	inner := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for addr, want := range map[string]bool{"10.1.2.3": true, "10.2.0.1": false, "::ffff:10.1.2.3": true, "64:ff9b::10.1.2.3": true} {
		if got := inner.Check(netip.MustParseAddr(addr)) == nil; got != want {
			t.Errorf("with 10.1.0.0/16 allowed, %s passes: %v", addr, got)
		}
	}
}

func TestParseGuard(t *testing.T) {
	g, err := ParseGuard(" private, 169.254.1.0/24,fe80::7 ,, 10.1.2.3/8, ::ffff:192.0.2.9")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(g.AllowPrivate, g.Allow); got != "true [169.254.1.0/24 fe80::7/128 10.0.0.0/8 192.0.2.9/32]" {
		t.Errorf("it is %s", got)
	}
	if g, err := ParseGuard(""); err != nil || g.AllowPrivate || g.Allow != nil {
		t.Errorf("an empty list gives %v, %v", g, err)
	}
	for _, bad := range []string{"public", "10.0.0.0/33", "10.0.0", "example.com", "private 10.0.0.0/8"} {
		if _, err := ParseGuard("10.0.0.0/8," + bad); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

func TestDialRefusesAfterTheNameIsResolved(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost"} {
		_, err = Guard{}.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		refused, ok := errors.AsType[*AddressError](err)
		if !ok || refused.Host != host || !refused.Addr.IsLoopback() || refused.Kind != "loopback" {
			t.Fatalf("%s gives %v", host, err)
		}
		if text := err.Error(); !strings.Contains(text, host) || !strings.Contains(text, "only if its network is allowed") {
			t.Errorf("the text is %s", text)
		}
	}
	conn, err := Guard{AllowPrivate: true}.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

// A name that is public when it is looked at and then is not gains nothing:
// it is the address of the connection that is looked at.
func TestDialRefusesANameThatIsBoundAnew(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	answer := [4]byte{93, 184, 216, 34}
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go nameServer(far, answer)
		return near, nil
	}}
	if found, err := resolver.LookupNetIP(t.Context(), "ip4", "hook.example"); err != nil || (Guard{}).Check(found[0].Unmap()) != nil {
		t.Fatalf("the name is first at %v, %v", found, err)
	}
	answer = [4]byte{127, 0, 0, 1}
	_, err = Guard{}.dial(t.Context(), &net.Dialer{Resolver: resolver}, "tcp4", net.JoinHostPort("hook.example", port))
	if refused, ok := errors.AsType[*AddressError](err); !ok || refused.Host != "hook.example" || refused.Addr.String() != "127.0.0.1" {
		t.Errorf("the name that moved gives %v", err)
	}
}

// nameServer answers one question with an address of IPv4, in the framing of
// TCP, which is what a pipe gets.
func nameServer(conn net.Conn, addr [4]byte) {
	defer func() { _ = conn.Close() }()
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	msg := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, msg); err != nil {
		return
	}
	end := 12
	for msg[end] != 0 {
		end += int(msg[end]) + 1
	}
	end += 5 // the root, type and class
	isA := binary.BigEndian.Uint16(msg[end-4:]) == 1
	reply := append([]byte{}, msg[:end]...)
	reply[2], reply[3] = 0x81, 0x80 // an answer, from one who recurses
	copy(reply[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	if isA {
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, addr[:]...)
	}
	_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
}
