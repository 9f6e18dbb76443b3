package responses

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// ReadError reads the body of an error answer, whatever it is. A status below
// 400 means that the error came inside of a good answer.
func ReadError(status int, body []byte) *conv.Error {
	e := conv.ReadError(status, body)
	if e.Type == "error" || e.Type == "response.failed" {
		e.Type = "" // of the event, which tells nothing of the error
	}
	if status < http.StatusBadRequest && isCallersFault(e.Code) {
		e.Status = http.StatusBadRequest
	}
	return e
}

// isCallersFault knows the codes by which an answer fails for what was sent:
// prompts and images that are not taken.
func isCallersFault(code string) bool {
	return code == "invalid_prompt" || strings.Contains(code, "image") || strings.Contains(code, "policy")
}

// WriteError appends the error's envelope in this protocol.
func WriteError(dst []byte, e *conv.Error) []byte { return openai.WriteError(dst, e) }

// AppendErrorEvent appends the data of the event that tells an error amid a
// stream. The protocol has the error's members in the event itself; the
// official clients raise an error only for an event that has a member error,
// and so it stands there a second time.
func AppendErrorEvent(dst []byte, e *conv.Error, sequence int) []byte {
	dst = append(dst, `{"type":"error","sequence_number":`...)
	dst = strconv.AppendInt(dst, int64(sequence), 10)
	dst = append(dst, `,"code":`...)
	dst = openai.AppendNullable(dst, openai.Code(e))
	dst = append(dst, `,"message":`...)
	dst = conv.AppendQuoted(dst, e.Message)
	dst = append(dst, `,"param":`...)
	dst = openai.AppendNullable(dst, e.Param)
	dst = append(dst, `,"error":`...)
	return append(openai.AppendError(dst, e), '}')
}

// failure returns the error in an answer whose status is that of a failed one.
func failure(response conv.Raw) *conv.Error {
	switch status := response.Get("status"); {
	case !response.Get("error").IsEmpty():
		return ReadError(0, []byte(response))
	case status == `"failed"`, status == `"cancelled"`:
		return &conv.Error{Status: http.StatusBadGateway, Message: "the provider gave up: " + status.Str().Inner()}
	}
	return nil
}
