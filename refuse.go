package routex

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// refuse answers a call in the caller's protocol without an upstream's help.
func (c *call) refuse(e *transform.Error) (*http.Response, error) {
	h := jsonHeader()
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	if e.Status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodPost)
	}
	c.retried(h)
	resp := c.answer(e.StatusFor(c.dialect), h, e.Body(c.dialect))
	c.give(resp)
	c.settle(classOfRefusal(e), e.Message)
	return resp, nil
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func classOfRefusal(e *transform.Error) breaker.Class {
	if e.Status < http.StatusInternalServerError { // nobody but the caller had a part in it
		return breaker.Caller
	}
	if class := breaker.ClassOf(e.Status); class != breaker.OK {
		return class
	}
	return breaker.Server
}

// give notes the answer that the caller gets.
func (c *call) give(resp *http.Response) {
	now := time.Now()
	c.d.Status, c.d.FirstByte = resp.StatusCode, now.Sub(c.start)
	c.times.handedOver(now)
	c.said.give(resp)
}

// answer makes a response for the caller, with a whole body.
func (c *call) answer(status int, h http.Header, body []byte) *http.Response {
	return &http.Response{
		Status:        statusLine(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        h,
		Body:          wholeBody(body),
		ContentLength: int64(len(body)),
		Request:       c.req,
	}
}

func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// A whole is a body in memory.
type whole struct {
	bytes.Reader
	text []byte // all of it
}

func wholeBody(b []byte) *whole {
	w := &whole{text: b}
	w.Reset(b)
	return w
}

func (*whole) Close() error { return nil }

// retried tells the official SDKs not to retry what was retried here already.
func (c *call) retried(h http.Header) {
	if len(c.d.Attempts) > 1 {
		h.Set("X-Should-Retry", "false")
	}
}

func badRequest(message string) *transform.Error {
	return &transform.Error{Status: http.StatusBadRequest, Message: message}
}

func methodError(method string) *transform.Error {
	return &transform.Error{Status: http.StatusMethodNotAllowed, Message: fmt.Sprintf("method %s is not allowed here; use POST", method)}
}

func tooLargeError(limit int64) *transform.Error {
	return &transform.Error{
		Status:  http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("the request body is over the limit of %d bytes", limit),
	}
}

func unknownModel(model string) *transform.Error {
	return &transform.Error{
		Status: http.StatusNotFound, Code: "model_not_found", Param: "model",
		Message: fmt.Sprintf("model: no channel serves %q", model),
	}
}

// noProtocol is for a call that no channel could be asked.
func noProtocol(path string) *transform.Error {
	return &transform.Error{
		Status: http.StatusNotFound, Code: "unknown_url",
		Message: fmt.Sprintf("no channel speaks the protocol of %s", path),
	}
}

func closedError() *transform.Error {
	return &transform.Error{Status: http.StatusServiceUnavailable, Message: "Routex is shutting down"}
}

// what names what was asked for: a model, or an endpoint that needs none.
func (c *call) what() string {
	if c.d.Model != "" {
		return strconv.Quote(c.d.Model)
	}
	return c.d.Path
}

// unavailable tells why no channel gave any answer: none could be asked, or
// none was reached.
func (c *call) unavailable() *transform.Error {
	if n := len(c.d.Attempts); n > 0 {
		last := c.d.Attempts[n-1]
		status := http.StatusBadGateway
		if last.Class == breaker.Timeout {
			status = http.StatusGatewayTimeout
		}
		return &transform.Error{
			Status: status, RetryAfter: c.comeBack(),
			Message: fmt.Sprintf("no channel gave an answer to %s; the last of %d tried was %q: %s", c.what(), n, last.Channel, last.Error),
		}
	}
	return &transform.Error{
		Status: http.StatusServiceUnavailable, RetryAfter: c.comeBack(),
		Message: fmt.Sprintf("no channel that serves %s is available now", c.what()),
	}
}

// giveLast gives the caller the last answer that an upstream gave.
func (c *call) giveLast() (*http.Response, error) {
	from := &c.d.Attempts[c.lastAt] // later ones may have reached nobody
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = from.ChannelID, from.Channel, from.Model
	c.retried(c.last.Header)
	c.restAll(c.last.Header)
	c.give(c.last)
	c.settle(from.Class, from.Error)
	return c.last, nil
}
