package conv

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
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
	if text := View(body); !jsonscan.Deep(body) && gjson.Valid(text) {
		e.envelope(Body(text))
	}
	if e.Message == "" {
		e.Message = plainMessage(body)
	}
	if s := statusOfZhipu(e); s != 0 {
		e.Status = s
	} else if e.Status < 400 {
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
		r = r.element()
	}
	inner := r.Get("error")
	if errors := r.Get("errors"); inner.IsNull() && errors.IsArray() {
		inner = errors.element()
	}
	if inner.IsObject() {
		e.members(inner)
	} else {
		e.members(r)
		if inner.IsString() {
			e.Message = inner.Str().String()
		}
	}
	e.RequestID = firstText(r, "request_id", "requestId")
	if code := r.Get("statusCode"); e.Code == "" && e.Status < 400 && code.IsNumber() {
		e.Code = strings.Clone(string(code))
	}
}

// element returns the first element of an array.
func (r Raw) element() Raw {
	c := r.Walk()
	c.Next()
	return c.Value
}

func (e *Error) members(r Raw) {
	e.Message = firstText(r, "message", "detail", "msg", "error_description")
	e.Type = firstText(r, "type")
	if status := r.Get("status"); e.Type == "" && status.IsString() {
		e.Type = firstText(r, "status")
	}
	e.Code = firstText(r, "code")
	e.Param = firstText(r, "param")
	if inner := r.Get("innererror"); e.Code == "" {
		e.Code = firstText(inner, "code")
	}
	if raw := r.Get("metadata").Get("raw"); raw.IsString() && raw != `""` {
		e.Message += ": " + plainMessage([]byte(raw.Str().String()))
	}
	if detail := r.Get("detail"); detail.IsArray() {
		e.field(detail.element())
	}
	e.details(r.Get("details"))
}

// field reads what is wrong with one field of the request, as servers made
// with FastAPI tell it: {"loc":["body","a"],"msg":"..."}.
func (e *Error) field(r Raw) {
	var path []string
	for c := r.Get("loc").Walk(); c.Next(); {
		if name := strings.Trim(string(c.Value), `"`); name != "body" {
			path = append(path, name)
		}
	}
	e.Message, e.Param = firstText(r, "msg"), strings.Join(path, ".")
	if e.Param != "" {
		e.Message = e.Param + ": " + e.Message
	}
}

// details reads Anthropic's stable code, and when Google says to try again.
func (e *Error) details(r Raw) {
	if code := r.Get("error_code"); code.IsString() {
		e.Code = strings.Clone(code.Str().String())
	}
	if !r.IsArray() {
		return
	}
	for c := r.Walk(); c.Next(); {
		if d, err := time.ParseDuration(c.Value.Get("retryDelay").Str().String()); err == nil && d > 0 {
			e.RetryAfter = d
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
	"context_length_exceeded": 400, "content_filter": 400, "content_policy_violation": 400, "string_above_max_length": 400,
	"authentication_error": 401, "invalid_api_key": 401, "UNAUTHENTICATED": 401,
	"billing_error":    402,
	"permission_error": 403, "permission_denied": 403, "PERMISSION_DENIED": 403,
	"not_found_error": 404, "model_not_found": 404, "NOT_FOUND": 404,
	"conflict_error": 409, "conflict": 409, "ABORTED": 409,
	"request_too_large": 413,
	"rate_limit_error":  429, "rate_limit_exceeded": 429, "insufficient_quota": 429,
	"requests": 429, "tokens": 429, "RESOURCE_EXHAUSTED": 429,
	"api_error": 500, "server_error": 500, "internal_server_error": 500, "INTERNAL": 500,
	"service_unavailable": 503, "overloaded": 503, "server_is_overloaded": 503, "slow_down": 503, "UNAVAILABLE": 503,
	"engine_overloaded_error": 503,
	"timeout_error":           504, "timeout": 504, "DEADLINE_EXCEEDED": 504,
	"overloaded_error": 529,
}

// zhipu says which status fits the numbers by which Zhipu names its errors:
// under HTTP it sends most of them as 400 or 429.
var zhipu = map[string]int{
	"1000": 401, "1001": 401, "1002": 401, "1003": 401, "1004": 401,
	"1110": 403, "1111": 403, "1112": 403, "1121": 403, "1220": 403, "1311": 403,
	"1113": 402, "1309": 402, // no money, no plan
	"1120": 500, "1200": 500, "1230": 500, "1234": 500,
	"1210": 400, "1212": 400, "1213": 400, "1214": 400, "1215": 400,
	"1261": 400,              // the prompt is too long
	"1300": 400, "1301": 400, // what is said here is not allowed there
	"1211": 404, "1221": 404, "1222": 404,
	"1231": 409,
	"1302": 429, "1303": 429, "1304": 429, "1308": 429, "1310": 429, "1313": 429,
	"1305": 529, "1312": 529, // too much traffic for the model
}

// statusOfZhipu knows Zhipu's errors by their form: a number and no type.
func statusOfZhipu(e *Error) int {
	if e.Type != "" {
		return 0
	}
	return zhipu[e.Code]
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
