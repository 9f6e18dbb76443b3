package routex

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform"
)

// errNoAnswer is wrapped when an upstream claims success and sends something
// else than an answer.
var errNoAnswer = errors.New("the upstream sent no answer of its protocol")

// maxErrorBody bounds what is kept of an error answer, in bytes.
const maxErrorBody = 1 << 20

// judge looks at the answer of an upstream: success alone, a failure, or a
// failure with the answer that tells of it.
func (at *attempt) judge(up *http.Response) (*http.Response, *breaker.Failure) {
	err := decompress(up)
	if up.StatusCode < http.StatusOK && !at.c.endpoint.upgrade { // nobody asked to switch protocols, and such a body heeds no context
		err = fmt.Errorf("%w: status %d", errNoAnswer, up.StatusCode)
	}
	if err != nil {
		_ = up.Body.Close()
		return nil, at.failed(err)
	}
	switch {
	case up.StatusCode == http.StatusSwitchingProtocols:
		return at.switched(up)
	case up.StatusCode >= http.StatusBadRequest:
		return at.judgeError(up)
	case up.StatusCode >= http.StatusMultipleChoices:
		return at.handOver(up), nil
	case at.c.endpoint.kind == passesOn:
		return at.passOn(up), nil
	case at.c.view.Stream && !isDocument(up.Header):
		return at.judgeStream(up)
	}
	return at.judgeWhole(up)
}

// isDocument reports content that cannot be a stream, whatever was asked for.
func isDocument(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/json", "text/html":
		return true
	}
	return false
}

// judgeError reads an error answer and gives it in the caller's protocol.
func (at *attempt) judgeError(up *http.Response) (*http.Response, *breaker.Failure) {
	defer closeQuietly(up.Body)
	began := time.Now()
	body, err := io.ReadAll(io.LimitReader(up.Body, maxErrorBody+1))
	at.waited += time.Since(began)
	if err != nil && at.c.gone() {
		return nil, at.c.hangUp()
	}
	body = at.redact(body)
	told := transform.ReadError(at.ch.dialect, up.StatusCode, body)
	f := at.told(told, up.Header)
	f.Status = up.StatusCode
	if err != nil || len(body) > maxErrorBody || at.c.endpoint.kind != passesOn && jsonscan.Check(body) != nil {
		// Half of a body, or a proxy's page: no client of a model could read it.
		body = told.Body(at.ch.dialect)
		up.Header.Set("Content-Type", "application/json")
	}
	resp, err := at.changed(up, body)
	if err != nil {
		return nil, at.failed(err)
	}
	return resp, f
}

// told makes a failure of what a provider said.
func (at *attempt) told(e *transform.Error, h http.Header) *breaker.Failure {
	at.redactError(e)
	at.got.told = e
	f := failureOf(e)
	f.RetryAfter = cmp.Or(breaker.RetryAfter(h, time.Now()), e.RetryAfter)
	return f
}

// failureOf sorts an error that a provider told.
func failureOf(e *transform.Error) *breaker.Failure {
	class, reason := breaker.Classify(breaker.Report{Status: e.Status, Type: e.Type, Code: e.Code, Message: e.Message})
	return &breaker.Failure{Class: class, Reason: reason, Status: e.Status, RetryAfter: e.RetryAfter}
}

// inBand turns an error that came under a status of success into an answer.
func (at *attempt) inBand(up *http.Response, e *transform.Error) (*http.Response, *breaker.Failure) {
	if e.Status < http.StatusBadRequest {
		e.Status = http.StatusBadGateway
	}
	f := at.told(e, up.Header)
	f.Err = e
	h := passing(up.Header, 2)
	h.Set("Content-Type", "application/json")
	return at.c.answer(e.StatusFor(at.c.dialect), h, e.Body(at.c.dialect)), f
}

// changed gives a whole answer as the caller's protocol has it.
func (at *attempt) changed(up *http.Response, body []byte) (*http.Response, error) {
	h := passing(up.Header, 3)
	if at.change == nil {
		return at.c.answer(up.StatusCode, h, body), nil
	}
	r := transform.Response{Request: &at.sent, Status: up.StatusCode, Header: h, Body: body}
	if err := at.change.Response(at.ctx, &r); err != nil {
		return nil, err
	}
	at.lossy(r.Header)
	return at.c.answer(r.Status, r.Header, r.Body), nil
}

// handOver gives an answer that is neither success nor failure as it is.
func (at *attempt) handOver(up *http.Response) *http.Response {
	resp := at.c.answer(up.StatusCode, passing(up.Header, 1), nil)
	body := up.Body
	if g, ok := body.(*guarded); ok { // the limit of the whole answer ends here
		g.allow(at.ch.timeouts.Idle, 0, nil)
	} else {
		body = newGuarded(body, at.ch.timeouts.Idle, at.cancel)
	}
	resp.Body, resp.ContentLength = &handedOver{ReadCloser: body, at: at}, up.ContentLength
	return resp
}

// handedOver settles the call when the caller closes the body.
type handedOver struct {
	io.ReadCloser
	at *attempt
}

func (b *handedOver) Close() error {
	err := b.ReadCloser.Close()
	b.at.cancel(nil)
	b.at.over(nil)
	b.at.c.settle(breaker.OK, "")
	return err
}

// proved notes that the answer has begun.
func (at *attempt) proved() {
	at.wait.end()
	now := time.Now()
	at.got.begun, at.got.firstByte = true, now.Sub(at.started)
	at.key.over(nil, now)
}

// lossy tells the caller what was lost, unless that is not wanted.
func (at *attempt) lossy(h http.Header) {
	if len(at.sent.Losses) == 0 || at.ch.Losses != LossWarn {
		return
	}
	fields := make([]string, 0, 16)
	for _, l := range at.sent.Losses {
		if len(fields) == cap(fields) {
			fields = append(fields, "...")
			break
		}
		fields = append(fields, headerText(l.Field))
	}
	h.Set("X-Routex-Lossy", strings.Join(fields, ", "))
}

// closeQuietly closes a body that has served its purpose; nothing can be done
// about an error.
func closeQuietly(body io.Closer) { _ = body.Close() }

func contentType(h http.Header) string {
	if t := h.Get("Content-Type"); t != "" {
		return t
	}
	return "no content type"
}
