package conv

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// Error returns the provider's message.
func (e *Error) Error() string { return e.Message }

// maxMessage bounds a message that is made from a body without an envelope.
const maxMessage = 512

// ReadError reads the body of an error answer. Every provider's envelope is
// understood, and a body that has none gives its text as the message. A status
// below 400 means that the error came inside of a good answer: then the status
// is found out from what the error says of itself.
func ReadError(status int, body []byte) *Error {
	e := &Error{Status: status}
	if text := View(body); gjson.Valid(text) {
		e.envelope(Body(text))
	}
	if e.Message == "" {
		e.Message = plainMessage(body)
	}
	if e.Status < 400 {
		e.Status = statusOf(e.Type, e.Code)
	}
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(e.Status))
	}
	if e.Message == "" {
		e.Message = "the provider gave no reason"
	}
	return e
}

// envelope reads {"error":{...}}, {"error":"text"}, an object without that
// member, and any of them as the first element of an array.
func (e *Error) envelope(r Raw) {
	if r.IsArray() {
		c := r.Walk()
		c.Next()
		r = c.Value
	}
	inner := r.Get("error")
	switch {
	case inner.IsObject():
		e.members(inner)
	case inner.IsString():
		e.members(r)
		e.Message = inner.Str().String()
	default:
		e.members(r)
	}
}

func (e *Error) members(r Raw) {
	e.Message = firstText(r, "message", "detail", "msg", "error_description")
	e.Type = firstText(r, "type", "status")
	e.Code = firstText(r, "code")
	e.Param = firstText(r, "param")
	details := r.Get("details")
	if code := details.Get("error_code"); code.IsString() {
		e.Code = code.Str().String()
	}
	if details.IsArray() {
		for c := details.Walk(); c.Next(); {
			if d, err := time.ParseDuration(c.Value.Get("retryDelay").Str().String()); err == nil && d > 0 {
				e.RetryAfter = d
			}
		}
	}
}

// firstText returns the first of the members that is a string or a number.
func firstText(r Raw, keys ...string) string {
	for _, key := range keys {
		switch v := r.Get(key); {
		case v.IsString() && v != `""`:
			return strings.Clone(strings.ToValidUTF8(v.Str().String(), "\ufffd"))
		case v.IsNumber():
			return strings.Clone(string(v))
		}
	}
	return ""
}

// plainMessage makes a message of a body that is no envelope: an HTML page
// gives its title, any other text itself.
func plainMessage(body []byte) string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd"))
	if strings.HasPrefix(text, "<") {
		_, title, _ := strings.Cut(text, "<title>")
		title, _, _ = strings.Cut(title, "</title>")
		text = strings.TrimSpace(title)
	}
	if len(text) > maxMessage {
		cut := maxMessage
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	return text
}

// statuses says which status fits the types and codes by which providers name
// their errors.
var statuses = map[string]int{
	"invalid_request_error": 400, "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400,
	"context_length_exceeded": 400, "content_filter": 400, "string_above_max_length": 400,
	"authentication_error": 401, "invalid_api_key": 401, "UNAUTHENTICATED": 401,
	"billing_error":    402,
	"permission_error": 403, "permission_denied": 403, "PERMISSION_DENIED": 403,
	"not_found_error": 404, "model_not_found": 404, "NOT_FOUND": 404,
	"conflict_error": 409, "conflict": 409, "ABORTED": 409,
	"request_too_large": 413,
	"rate_limit_error":  429, "rate_limit_exceeded": 429, "insufficient_quota": 429,
	"requests": 429, "tokens": 429, "RESOURCE_EXHAUSTED": 429,
	"api_error": 500, "server_error": 500, "internal_server_error": 500, "INTERNAL": 500,
	"service_unavailable": 503, "overloaded": 503, "UNAVAILABLE": 503,
	"timeout_error": 504, "timeout": 504, "DEADLINE_EXCEEDED": 504,
	"overloaded_error": 529,
}

// statusOf returns the status that fits an error's own words. The code is the
// nearer one; a code that is a number may be the status itself.
func statusOf(kind, code string) int {
	if n := Raw(code).Count(); n >= 400 && n < 600 {
		return int(n)
	}
	if s := statuses[code]; s != 0 {
		return s
	}
	if s := statuses[kind]; s != 0 {
		return s
	}
	return http.StatusInternalServerError
}
