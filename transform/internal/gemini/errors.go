package gemini

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// ReadError reads the body of an error answer, whatever it is. A status below
// 400 means that the error came inside of a good answer.
func ReadError(status int, body []byte) *conv.Error {
	e := conv.ReadError(status, body)
	// A bad key is told like a bad request, which would be the caller's fault.
	if e.Status == 400 && (bytes.Contains(body, []byte(`"API_KEY_INVALID"`)) || strings.HasPrefix(e.Message, "API key not valid")) {
		e.Status = 401
	}
	return e
}

// WriteError appends the error's envelope in this protocol.
func WriteError(dst []byte, e *conv.Error) []byte {
	code, status := errorStatus(e)
	dst = strconv.AppendInt(append(dst, `{"error":{"code":`...), int64(code), 10)
	dst = conv.AppendQuoted(append(dst, `,"message":`...), e.Message)
	dst = append(append(append(dst, `,"status":"`...), status...), '"')
	if e.RetryAfter > 0 {
		dst = append(dst, `,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"`...)
		dst = strconv.AppendFloat(dst, e.RetryAfter.Seconds(), 'f', -1, 64)
		dst = append(dst, `s"}]`...)
	}
	return append(dst, `}}`...)
}

// errorStatus returns the status of HTTP and its name here. A name of this
// protocol is kept.
func errorStatus(e *conv.Error) (code int, name string) {
	code = e.Status
	switch code {
	case 400:
		if e.Type == "FAILED_PRECONDITION" || e.Type == "OUT_OF_RANGE" {
			return code, e.Type
		}
	case 401:
		return code, "UNAUTHENTICATED"
	case 402:
		return code, "FAILED_PRECONDITION"
	case 403:
		return code, "PERMISSION_DENIED"
	case 404:
		return code, "NOT_FOUND"
	case 408, 504:
		return code, "DEADLINE_EXCEEDED"
	case 409:
		return code, "ABORTED"
	case 429:
		return code, "RESOURCE_EXHAUSTED"
	case 499:
		return code, "CANCELLED"
	case 501:
		return code, "UNIMPLEMENTED"
	case 529: // Anthropic's own
		return 503, "UNAVAILABLE"
	case 502, 503:
		return code, "UNAVAILABLE"
	}
	if code >= 400 && code < 500 {
		return code, "INVALID_ARGUMENT"
	}
	return code, "INTERNAL"
}
