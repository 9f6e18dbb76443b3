package routex

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// A payload is a caller's body, read once and sent as often as needed. Its
// memory is reused when the last of its users has let go: the base
// RoundTripper may still read a body after it has returned.
type payload struct {
	bytes []byte
	users atomic.Int32
}

// Larger bodies are rare; their memory is left to the collector.
const maxPooled = 1 << 20

var payloads = sync.Pool{New: func() any { return new(payload) }}

var (
	errTooLarge = errors.New("the body is too large")
	errReleased = errors.New("routex: body read after it was released")
)

// readPayload reads the request's body whole and closes it. The caller has the
// first hold on the payload.
func readPayload(req *http.Request, limit int64) (*payload, error) {
	p := payloads.Get().(*payload)
	p.users.Store(1)
	p.bytes = p.bytes[:0]
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
	if need := int(max(length, 0)) + 512; cap(p.bytes) < need {
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

func (p *payload) hold() { p.users.Add(1) }

func (p *payload) release() {
	if p.users.Add(-1) == 0 && cap(p.bytes) <= maxPooled {
		payloads.Put(p)
	}
}

// A pieces is a request body made of pieces of a payload and others: the model
// name is put in without copying what stands around it. The base RoundTripper
// may close it while it reads, hence the lock.
type pieces struct {
	mu    sync.Mutex
	owner *payload // nil once closed
	parts [3][]byte
}

// newPieces takes a hold on the payload until the reader is closed.
func newPieces(owner *payload, parts [3][]byte) *pieces {
	owner.hold()
	return &pieces{owner: owner, parts: parts}
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
