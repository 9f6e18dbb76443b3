package routex

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
)

// passOn hands an answer to the caller as it is, while it arrives.
func (at *attempt) passOn(up *http.Response) *http.Response {
	at.proved()
	resp := at.c.answer(up.StatusCode, passing(up.Header, 1), nil)
	resp.Body, resp.ContentLength = &passed{ReadCloser: up.Body, at: at, left: up.ContentLength, ids: at.idsOf(up), tail: at.tailOf()}, up.ContentLength
	at.bindUpload(up.Header)
	return resp
}

// A passed is the body of an answer that is handed on unseen. Its end, or its
// Close, which may come while a Read is under way, ends the call.
type passed struct {
	io.ReadCloser
	at   *attempt
	once sync.Once

	mu   sync.Mutex
	left int64      // under mu: of the announced length; negative when none was
	ids  *idFinder  // under mu; nil when none are minted here
	tail *usageTail // under mu; nil when it tells nothing
}

func (b *passed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.look(p[:n])
	switch {
	case errors.Is(err, io.EOF):
		b.end(nil)
	case err != nil:
		b.end(b.at.failed(err))
	}
	return n, err
}

// look notes what the caller gets.
func (b *passed) look(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left > 0 {
		b.left -= int64(len(p))
	}
	b.tail.look(p)
	if b.ids.look(p); b.left == 0 { // the caller has all, and may name an id at once
		b.ids.bind(b.at)
	}
}

func (b *passed) Close() error {
	b.mu.Lock()
	whole := b.left == 0
	b.mu.Unlock()
	if whole {
		b.end(nil)
	} else {
		b.end(&breaker.Failure{Class: breaker.HangUp, Err: errClosed})
	}
	err := b.ReadCloser.Close()
	b.at.cancel(nil)
	return err
}

func (b *passed) end(f *breaker.Failure) {
	b.once.Do(func() {
		b.tell(f == nil)
		b.at.over(f)
		if f != nil {
			b.at.c.settle(f.Class, f.Error())
			return
		}
		b.at.c.settle(breaker.OK, "")
	})
}

// tell notes what the answer has told, the ids in it only if it is whole.
func (b *passed) tell(whole bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tail.tell(b.at)
	if whole {
		b.ids.bind(b.at)
	}
}

// passHeader puts back what belongs to a body, or a connection, that is not
// touched.
func (at *attempt) passHeader(h http.Header) {
	own := at.c.req.Header
	if own["Content-Encoding"] != nil {
		h["Content-Encoding"] = own["Content-Encoding"]
	}
	if at.c.endpoint.upgrade {
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, own["Upgrade"]
	}
}

// balancer is the one that is configured for calls to models. What has no
// model, such as a list of files, is asked of the first channel every time.
func (c *call) balancer() balance.Balancer {
	if c.view.Model != "" {
		return c.s.cfg.Balancer
	}
	return balance.Func(byPriority)
}

func byPriority(_ balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
	return slices.MinFunc(candidates, func(a, b *balance.Candidate) int { return a.Priority - b.Priority })
}
