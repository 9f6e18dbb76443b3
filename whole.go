package routex

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform"
)

// judgeWhole reads an answer that is not streamed, so that a broken one never
// reaches the caller.
func (at *attempt) judgeWhole(up *http.Response) (*http.Response, *breaker.Failure) {
	defer closeQuietly(up.Body)
	began := time.Now()
	body, err := readAnswer(up)
	at.waited += time.Since(began)
	if err != nil {
		return nil, at.failed(err)
	}
	if err := jsonscan.Check(body); err != nil {
		return nil, at.failed(fmt.Errorf("%w: %s: %w", errNoAnswer, contentType(up.Header), err))
	}
	usage, known, failure := at.look(body)
	at.got.usage, at.got.known = usage, known
	if failure != nil { // an error in the clothes of a success
		up.StatusCode = failure.Status
		at.got.status = failure.Status
		return at.inBand(up, failure)
	}
	if at.c.view.Stream {
		return nil, at.failed(fmt.Errorf("%w: a stream was asked for", errNoAnswer))
	}
	if at.span.On() {
		at.got.about = transform.ReadAbout(at.ch.dialect, body)
	}
	resp, err := at.changed(up, body)
	if told, ok := errors.AsType[*transform.Error](err); ok { // what the model said is none
		up.StatusCode, at.got.status = told.Status, told.Status
		return at.inBand(up, told)
	}
	if err != nil {
		return nil, at.failed(fmt.Errorf("%w: %w", errNoAnswer, err))
	}
	at.proved()
	at.bindAnswer(body)
	at.got.whole = true
	return resp, nil
}

// readAnswer reads a whole body of bounded size. A body shorter than was
// announced is an error of the reader.
func readAnswer(up *http.Response) ([]byte, error) {
	room := int64(4 << 10)
	if up.ContentLength > 0 && up.ContentLength <= maxAnswer {
		room = up.ContentLength + 1 // the end is found without growing
	}
	body := make([]byte, 0, room)
	for len(body) <= maxAnswer {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := up.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: over %d bytes", errNoAnswer, maxAnswer)
}
