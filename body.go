package routex

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// A payload is a caller's body, read once and sent as often as needed. The
// memory of a long one is used again when the last of its users has let go:
// the base RoundTripper may still read a body after it has returned.
type payload struct {
	bytes  []byte
	pooled bool
	users  atomic.Int32
}

const (
	// Up to this size a body is sent from memory of its own: http.Transport
	// writes a plain reader together with the header, which saves more than
	// the memory costs.
	minPooled = 32 << 10
	// Longer bodies are rare; their memory is left to the collector.
	maxPooled = 1 << 20
)

var payloads = sync.Pool{New: func() any { return &payload{pooled: true} }}

var (
	errTooLarge = errors.New("the body is too large")
	errReleased = errors.New("routex: body read after it was released")
)

// readPayload reads the request's body whole and closes it. The caller has the
// first hold on the payload.
func readPayload(req *http.Request, limit int64) (*payload, error) {
	p := new(payload)
	if req.ContentLength > minPooled {
		p = payloads.Get().(*payload)
		p.bytes = p.bytes[:0]
	}
	p.users.Store(1)
	if req.Body == nil {
		return p, nil
	}
	err := p.fill(req.Body, req.ContentLength, limit)
	if closeErr := req.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// fill reads r to its end. A known length saves growing.
func (p *payload) fill(r io.Reader, length, limit int64) error {
	if length > limit {
		return errTooLarge
	}
	// One more, to see the end. A length is only a promise: beyond the usual,
	// memory is taken as the bytes come.
	if need := int(min(max(length, 511), maxPooled)) + 1; cap(p.bytes) < need {
		p.bytes = make([]byte, 0, need)
	}
	for {
		if len(p.bytes) == cap(p.bytes) {
			p.bytes = append(p.bytes, 0)[:len(p.bytes)]
		}
		n, err := r.Read(p.bytes[len(p.bytes):cap(p.bytes)])
		p.bytes = p.bytes[:len(p.bytes)+n]
		switch {
		case int64(len(p.bytes)) > limit:
			return errTooLarge
		case err == io.EOF && length > int64(len(p.bytes)):
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (p *payload) release() {
	if p.users.Add(-1) == 0 && p.pooled && cap(p.bytes) <= maxPooled {
		payloads.Put(p)
	}
}

// A lease is a call's own hold on its payload. It ends with RoundTrip: a base
// that asks for the body again later gets an error, not other bytes.
type lease struct {
	mu sync.Mutex
	p  *payload // under mu; nil when over
}

func (l *lease) take(p *payload) { l.p = p }

// bytes is for RoundTrip itself, while it runs.
func (l *lease) bytes() []byte { return l.p.bytes }

// share gives the payload to one more user, who has to release it; nil when the
// lease is over.
func (l *lease) share() *payload {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.p != nil {
		l.p.users.Add(1)
	}
	return l.p
}

func (l *lease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.p != nil {
		l.p.release()
		l.p = nil
	}
}

// body gives a body made of parts of the payload.
func (l *lease) body(parts [3][]byte) (io.ReadCloser, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.p == nil {
		return nil, errReleased
	}
	if !l.p.pooled {
		return plainBody(join(parts)), nil
	}
	l.p.users.Add(1)
	return &pieces{owner: l.p, parts: parts}, nil
}

// plainBody is of a kind that http.Transport knows.
func plainBody(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// join copies only when there is more than the first part.
func join(parts [3][]byte) []byte {
	if len(parts[1])+len(parts[2]) == 0 {
		return parts[0]
	}
	return slices.Concat(parts[0], parts[1], parts[2])
}

// A pieces is a request body made of pieces of a payload and others: the model
// name is put in without copying what stands around it. The base RoundTripper
// may close it while it reads, hence the lock.
type pieces struct {
	mu    sync.Mutex
	owner *payload // nil once closed
	parts [3][]byte
}

func (r *pieces) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owner == nil {
		return 0, errReleased
	}
	total := 0
	for i := range r.parts {
		n := copy(b[total:], r.parts[i])
		r.parts[i] = r.parts[i][n:]
		total += n
	}
	if total == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return total, nil
}

func (r *pieces) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owner != nil {
		r.owner.release()
		r.owner, r.parts = nil, [3][]byte{}
	}
	return nil
}

// jsonText is a string as JSON text.
func jsonText(s string) []byte {
	b, _ := json.Marshal(s) // cannot fail for a string
	return b
}
