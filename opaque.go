package routex

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// isOpaque reports a body that is not read here: files and audio.
func isOpaque(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Body == nil || r.Body == http.NoBody || err != nil && kind == "" {
		return false
	}
	switch {
	case kind == "application/json", strings.HasSuffix(kind, "+json"), strings.HasPrefix(kind, "text/"),
		kind == "application/x-www-form-urlencoded": // what curl says of any text
		return false
	}
	return true
}

// An upload is a caller's body that is streamed through. What goes wrong with
// it is nobody's fault but the caller's.
type upload struct {
	io.ReadCloser
	left    int64                 // bytes that may still come
	problem atomic.Pointer[error] // that ended it

	timer    *time.Timer // of the wait for the answer, which every piece begins anew
	patience time.Duration
	answered atomic.Bool // the wait is over
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.moved()
	if u.left -= int64(n); u.left < 0 {
		n, err = 0, errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		u.problem.Store(&err)
	}
	return n, err
}

// moved begins the wait for the answer anew.
func (u *upload) moved() {
	u.timer.Reset(u.patience)
	if u.answered.Load() {
		u.timer.Stop()
	}
}

// waiting makes the timer one that runs while nothing moves. The caller calls
// what it gives when the answer has come.
func (u *upload) waiting(timer *time.Timer, patience time.Duration) (over func()) {
	u.timer, u.patience = timer, patience
	return func() {
		u.answered.Store(true)
		timer.Stop()
	}
}

// takeUpload prepares a call whose body is not read: it can be sent once.
func (c *call) takeUpload() *transform.Error {
	if c.req.ContentLength > c.s.cfg.MaxUpload {
		closeBody(c.req)
		return tooLargeError(c.s.cfg.MaxUpload)
	}
	c.upload = &upload{ReadCloser: c.req.Body, left: c.s.cfg.MaxUpload}
	c.look(&router.Request{Model: c.modelInURL()})
	c.d.Model = c.view.Model
	return nil
}

// uploadError is what ended the caller's body before its end, or nil.
func (c *call) uploadError() error {
	if c.upload == nil {
		return nil
	}
	if err := c.upload.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// closeUpload closes a body that will not be sent.
func (c *call) closeUpload() {
	if c.upload != nil {
		_ = c.upload.Close()
	}
}

// bodyRefusal is the answer for a body that could not be read.
func bodyRefusal(err error, limit int64) *transform.Error {
	switch {
	case errors.Is(err, errTooLarge):
		return tooLargeError(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &transform.Error{Status: http.StatusRequestTimeout, Message: "the request body did not arrive in time"}
	}
	return badRequest("the request body could not be read: " + err.Error())
}

// parsePassing looks at a body of which nothing is demanded.
func (c *call) parsePassing(body []byte) *router.Request {
	view, err := router.ParseAny(body)
	if err != nil {
		view = new(router.Request) // no JSON object: it passes all the same
	}
	if view.Model == "" {
		view.Model = c.modelInURL()
	}
	return view
}

// modelInURL is the model that the URL of a request names which passes: Gemini's
// in the path, that of OpenAI's realtime calls in the query. An operation has
// the provider's name of it, and is found by its own id.
func (c *call) modelInURL() string {
	if c.asked.model != "" && !strings.Contains(c.asked.model, operations) {
		return c.asked.model
	}
	return c.req.URL.Query().Get("model")
}
