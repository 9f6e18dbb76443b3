package routex

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/dctx-team/routex/transform"
)

// proxy sends a call through the pipeline. The whole request is read before
// anything is sent on: an answer that overtakes the request would cut it.
func (h handler) proxy(w http.ResponseWriter, r *http.Request, e endpoint) {
	rec := &Record{outer: recordOf(r.Context()), brief: true}
	in := r.WithContext(context.WithValue(r.Context(), recordKey{}, rec))
	in.Header = withoutForwarding(r.Header)
	out := flushing{w, http.NewResponseController(w)}
	if r.Body != http.NoBody {
		in.Body = &timedBody{ReadCloser: r.Body, control: out.control}
	}
	var p *pulse
	if h.early {
		p = h.pulse(out, e)
		defer p.cut()
	}
	resp, err := h.t.roundTrip(in, e, p)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		panic(http.ErrAbortHandler) // the caller has left; to return would be to answer 200
	}
	if resp != nil {
		defer closeQuietly(resp.Body)
	}
	if p.arrived() {
		serveLate(p, resp, e.dialect)
		return
	}
	if resp == nil {
		rec.describe(w.Header())
		late := tooLate()
		writeBody(w, late.Status, late.Body(e.dialect))
		return
	}
	describe(w.Header(), resp, rec)
	if e.files {
		throughHere(w.Header(), r)
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		maps.Copy(resp.Header, w.Header())
		serveTunnel(w, resp)
	case resp.ContentLength >= 0:
		w.Header()["Content-Length"] = []string{strconv.FormatInt(resp.ContentLength, 10)}
		w.WriteHeader(resp.StatusCode)
		deliver(w, resp.Body)
	default:
		w.WriteHeader(resp.StatusCode)
		if p == nil {
			p = h.pulse(out, e)
		}
		serveStream(out, resp, p)
	}
}

// pulse gives what writes the stream of a model, or nil for all else.
func (h handler) pulse(out flushing, e endpoint) *pulse {
	if e.kind != callsModel {
		return nil
	}
	ping := pingOf(e.dialect)
	if ping == "" || h.pings <= 0 {
		return newPulse(out, "", never)
	}
	return newPulse(out, ping, h.pings)
}

// isStream tells the answer of a model from all else of unknown length.
func isStream(resp *http.Response) bool {
	return resp.ContentLength < 0 && resp.StatusCode < http.StatusMultipleChoices
}

// serveStream hands on an answer as it comes, by p if that is not nil.
func serveStream(out flushing, resp *http.Response, p *pulse) {
	if p == nil || !isStream(resp) {
		deliver(out, resp.Body)
		return
	}
	p.start()
	defer p.cut()
	deliver(p, resp.Body)
	p.finish()
}

// serveLate ends an answer whose header went out before it was known. A resp
// of nil means that none came in time.
func serveLate(p *pulse, resp *http.Response, d transform.Dialect) {
	e := tooLate()
	switch {
	case resp != nil && isStream(resp):
		deliver(p, resp.Body)
		p.finish()
		return
	case resp != nil:
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status tells what half of one does not
		e = transform.ReadError(d, max(resp.StatusCode, http.StatusBadRequest), body)
	}
	deliver(p, bytes.NewReader(e.Frame(d)))
	p.finish()
}

// tooLate tells a caller who still waits that a deadline which the host has
// set is over.
func tooLate() *transform.Error {
	return &transform.Error{Status: http.StatusGatewayTimeout, Message: "no answer came within the time that the server allows"}
}

// deliver hands an answer on.
func deliver(to io.Writer, body io.Reader) {
	if copyBody(to, body) == nil {
		return
	}
	if p, ok := to.(*pulse); ok {
		p.breakOff()
	}
	panic(http.ErrAbortHandler) // the answer must not look whole
}

var copyBuffers = sync.Pool{New: func() any { return new([16 << 10]byte) }}

func copyBody(to io.Writer, body io.Reader) error {
	buf := copyBuffers.Get().(*[16 << 10]byte)
	defer copyBuffers.Put(buf)
	for {
		n, err := body.Read(buf[:])
		ended := errors.Is(err, io.EOF)
		if n > 0 {
			write := to.Write
			if last, ok := to.(lastWriter); ok && ended {
				write = last.writeLast
			}
			if _, werr := write(buf[:n]); werr != nil {
				return werr
			}
		}
		if ended {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// flushing sends every piece on its way at once.
type flushing struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.ResponseWriter.Write(b)
	if err == nil {
		f.flush()
	}
	return n, err
}

// A lastWriter is told which piece of an answer is the last. The end of the
// answer, which follows at once, is sent together with it.
type lastWriter interface {
	writeLast(b []byte) (int, error)
}

func (f flushing) writeLast(b []byte) (int, error) { return f.ResponseWriter.Write(b) }

func (f flushing) flush() {
	_ = f.control.Flush() // a writer that cannot flush still gets it all
}

// bodyIdle is how long a caller may pause while it sends a request.
const bodyIdle = time.Minute

// timedBody gives up on a caller that stops in the middle of a request. The
// limit ends with the request: an answer may take as long as it does.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(bodyIdle)) // a writer without deadlines has none
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
