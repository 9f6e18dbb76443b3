package anthropic

import (
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// ReadError reads the body of an error answer, whatever it is. A status below
// 400 means that the error came inside of a good answer.
func ReadError(status int, body []byte) *conv.Error {
	e := conv.ReadError(status, body)
	if text := conv.View(body); e.RequestID == "" && jsonscan.Valid(text) {
		e.RequestID = strings.Clone(conv.Body(text).Get("request_id").Str().String())
	}
	return e
}

// WriteError appends the error's envelope in this protocol.
func WriteError(dst []byte, e *conv.Error) []byte {
	dst = append(dst, `{"type":"error","error":{"type":"`...)
	dst = append(dst, errorType(e)...)
	dst = append(dst, `","message":`...)
	dst = conv.AppendQuoted(dst, e.Message)
	if e.Code != "" && !conv.Raw(e.Code).IsNumber() { // words, not a status
		dst = append(dst, `,"details":{"error_code":`...)
		dst = append(conv.AppendQuoted(dst, e.Code), '}')
	}
	dst = append(dst, '}')
	if e.RequestID != "" {
		dst = append(dst, `,"request_id":`...)
		dst = conv.AppendQuoted(dst, e.RequestID)
	}
	return append(dst, '}')
}

// errorType keeps a type of this protocol and finds one for the status
// otherwise.
func errorType(e *conv.Error) string {
	switch e.Type {
	case "authentication_error", "billing_error", "permission_error", "not_found_error",
		"timeout_error", "conflict_error", "request_too_large", "rate_limit_error",
		"api_error", "overloaded_error":
		return e.Type
	}
	switch e.Status {
	case 401:
		return "authentication_error"
	case 402:
		return "billing_error"
	case 403:
		return "permission_error"
	case 404:
		return "not_found_error"
	case 408, 504:
		return "timeout_error"
	case 409:
		return "conflict_error"
	case 413:
		return "request_too_large"
	case 429:
		return "rate_limit_error"
	case 503, 529:
		return "overloaded_error"
	}
	if e.Status >= 400 && e.Status < 500 {
		return "invalid_request_error"
	}
	return "api_error"
}
