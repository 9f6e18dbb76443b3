package sim

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// channelHeader tells the network which channel a request is for, whatever URL
// it has.
const channelHeader = "X-Routex-Sim-Channel"

var (
	errRefused = errors.New("connect: connection refused")
	errCut     = errors.New("read: connection reset by peer")
)

// A network is the base RoundTripper of a simulation: all providers, without
// any connection.
type network struct{ w *world }

type turnKey struct{}

// RoundTrip lets the provider of the channel answer.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	var body bytes.Buffer
	body.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	_, err := body.ReadFrom(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	if t, _ := r.Context().Value(turnKey{}).(*turn); t != nil && t.isCopy(r) {
		// It may come to the same provider as the call itself, which is first.
		if err := n.w.clock.wait(r.Context(), 1); err != nil {
			return nil, err
		}
	}
	at, err := n.w.begin(r)
	if err != nil {
		return nil, err
	}
	return at.answer(r, body.Bytes())
}

// answer makes the provider's answer, in its time.
func (at *attempt) answer(r *http.Request, body []byte) (*http.Response, error) {
	switch at.kind {
	case Refused:
		if at.w.clock.wait(r.Context(), at.first/16) != nil {
			return nil, at.cancelled(r.Context())
		}
		at.over(failed)
		return nil, errRefused
	case Silent:
		<-r.Context().Done()
		return nil, at.cancelled(r.Context())
	case Broken, Overloaded, Limited:
		if at.w.clock.wait(r.Context(), at.first/4) != nil {
			return nil, at.cancelled(r.Context())
		}
		return at.refusal(r, body), nil
	}
	played := at.play(r, body, routextest.Fault{Header: at.limits})
	if played.status >= http.StatusBadRequest { // the provider takes the request for a mistake
		at.w.saw(at.turn, at.up, Malformed, "the provider refused the request with status %d: %s", played.status, played.whole())
		at.over(neutral)
		return response(r, played, io.NopCloser(bytes.NewReader(played.whole()))), nil
	}
	return at.start(r, played)
}

// refusal is an error answer.
func (at *attempt) refusal(r *http.Request, body []byte) *http.Response {
	f := routextest.Fault{Header: at.limits, Status: http.StatusInternalServerError}
	end := failed
	switch at.kind {
	case Overloaded:
		f = routextest.Fault{Header: at.limits, Code: routextest.Overloaded}
	case Limited:
		f = routextest.Fault{Header: at.limits, Code: routextest.RateLimited, RetryAfter: at.retryAfter}
		end = limited
	}
	played := at.play(r, body, f)
	at.over(end)
	return response(r, played, io.NopCloser(bytes.NewReader(played.whole())))
}

// play lets the provider of routextest answer, which checks the request and
// knows the protocol.
func (at *attempt) play(r *http.Request, body []byte, f routextest.Fault) *tape {
	in := r.WithContext(context.Background())
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	up := at.up
	up.mu.Lock()
	defer up.mu.Unlock()
	up.asked = at
	up.speaker.Reset()
	up.speaker.Fail(f)
	t := newTape()
	up.speaker.ServeHTTP(t, in)
	return t
}

// speaks is what the model says. Asked to go on with a text, it does, in its
// own words.
func (at *attempt) speaks(c *routextest.Call) routextest.Answer {
	if c.Prefill != "" && at.up.continues() {
		at.prefilled = count(c.Prefill)
		rest := after(at.text, at.prefilled)
		at.text, at.pieces = c.Prefill+rest, pieces(rest)
		at.says = count(rest)
		return routextest.Answer{Text: at.text, Chunks: append([]string{c.Prefill}, at.pieces...), Usage: at.usage()}
	}
	at.pieces, at.says = pieces(at.text), count(at.text)
	return routextest.Answer{Text: at.text, Chunks: at.pieces, Usage: at.usage()}
}

func (at *attempt) usage() routextest.Usage {
	return routextest.Usage{Input: at.input - at.cached, CacheRead: at.cached, Output: at.says}
}

// start begins a good answer, or one that will break off.
func (at *attempt) start(r *http.Request, played *tape) (*http.Response, error) {
	stream := at.turn.stream
	b := &body{at: at, ctx: r.Context(), first: at.first / 2, cut: -1}
	wait := at.first / 2
	if stream {
		b.parts = played.parts(at.pieces)
		b.pace = at.speaking(at.says) / time.Duration(len(b.parts))
	} else {
		whole := played.whole()
		b.parts = [][]byte{whole[:len(whole)/2], whole[len(whole)/2:]}
		b.first, wait = 0, at.first+at.speaking(at.says)
	}
	switch at.kind {
	case Cut:
		b.cut = at.breaks % len(b.parts)
	case Stalled:
		b.cut, b.stalls = at.breaks%len(b.parts), true
	}
	if at.w.clock.wait(r.Context(), wait) != nil {
		return nil, at.cancelled(r.Context())
	}
	return response(r, played, b), nil
}

func response(r *http.Request, played *tape, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: http.StatusText(played.status), StatusCode: cmp.Or(played.status, http.StatusOK),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: played.header, Body: body, ContentLength: -1, Request: r,
	}
}
