package routex

import (
	"context"
	"io"
	"net"
	"net/http"
)

// withBodyConns makes the base send long bodies from where they lie. What it
// dials otherwise stays as it is; connections under TLS have no use for it.
func withBodyConns(base *http.Transport) {
	dial := base.DialContext
	if dial == nil {
		return
	}
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
			return bodyConn{tcp}, nil
		}
		return conn, err
	}
}

// A bodyConn is a connection whose ReadFrom, with which http.Transport sends a
// body, writes ours as it lies. Otherwise it would be copied through a small
// buffer, made anew for each request.
type bodyConn struct{ *net.TCPConn }

// maxAtOnce is how much of a body is written at once, in bytes: with less there
// are more calls of the system, with all of it the receiver waits for too long.
const maxAtOnce = 128 << 10

func (c bodyConn) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return c.TCPConn.ReadFrom(r)
	}
	body, ok := limited.R.(*pieces)
	if !ok || body.left() > limited.N {
		return c.TCPConn.ReadFrom(r)
	}
	n, err := body.writeTo(c.TCPConn)
	limited.N -= n
	return n, err
}

func (r *pieces) left() (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, part := range r.parts {
		n += int64(len(part))
	}
	return n
}

// writeTo writes what is left. The body may be closed meanwhile: the payload is
// held until nothing reads it any more.
func (r *pieces) writeTo(conn *net.TCPConn) (int64, error) {
	owner, parts := r.takeAll()
	if owner == nil {
		return 0, errReleased
	}
	defer owner.release()
	var n int64
	for {
		written, err := cutFirst(&parts).WriteTo(conn)
		n += written
		if err != nil || written == 0 {
			return n, err
		}
	}
}

// cutFirst cuts off what is written at once.
func cutFirst(parts *[3][]byte) *net.Buffers {
	first := make(net.Buffers, 0, len(parts))
	room := maxAtOnce
	for i, part := range parts {
		if n := min(len(part), room); n > 0 {
			first = append(first, part[:n])
			parts[i] = part[n:]
			room -= n
		}
	}
	return &first
}

// takeAll takes what is left, with a hold on the payload; none of a closed one.
func (r *pieces) takeAll() (owner *payload, parts [3][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owner == nil {
		return nil, parts
	}
	r.owner.users.Add(1)
	owner, parts, r.parts = r.owner, r.parts, parts
	return owner, parts
}
