package admin

import (
	"net/http"
	"reflect"
)

// A refusal is one of the ways in which a request can fail.
type refusal struct {
	status     int
	name, code string
	what       string
}

func refusals() []refusal {
	return []refusal{
		{http.StatusBadRequest, "Invalid", "VALIDATION_ERROR", "The request has mistakes, and each is listed"},
		{http.StatusUnauthorized, "Unauthorized", "AUTHENTICATION_ERROR", "The admin token is missing, or is not the right one"},
		{http.StatusForbidden, "Forbidden", "FORBIDDEN", "Pages of other origins change nothing, and who is not known is not shown secrets"},
		{http.StatusNotFound, "NotFound", "NOT_FOUND", "What is asked for does not exist"},
		{http.StatusMethodNotAllowed, "MethodNotAllowed", "METHOD_NOT_ALLOWED", "The path does not have this method; the header Allow lists those that it has"},
		{http.StatusConflict, "Conflict", "CONFLICT", "The name is taken, or what is to be changed cannot be changed here"},
		{http.StatusRequestEntityTooLarge, "TooLarge", "PAYLOAD_TOO_LARGE", "The body is larger than is taken"},
		{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "UNSUPPORTED_MEDIA_TYPE", "The body is not said to be JSON"},
		{http.StatusTooManyRequests, "TooMany", "RATE_LIMITED", "There are too many at this time; it can be tried again"},
		{http.StatusServiceUnavailable, "Unavailable", "DATABASE_UNAVAILABLE", "The database cannot be reached now; it can be tried again"},
	}
}

// refuses lists the statuses that an operation can fail with.
func (o *operation) refuses() []int {
	var out []int
	if !o.open() {
		out = append(out, http.StatusUnauthorized)
	}
	if o.method != http.MethodGet {
		out = append(out, http.StatusForbidden)
	}
	if o.hasBody() || o.query != nil {
		out = append(out, http.StatusBadRequest)
	}
	if o.hasBody() {
		out = append(out, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if pathParameters(o.path) != nil {
		out = append(out, http.StatusNotFound)
	}
	if o.changes {
		out = append(out, http.StatusConflict, http.StatusServiceUnavailable)
	}
	return append(out, o.statuses...)
}

// describe describes the answer.
func (p *refusal) describe(refs *reflector) *documented {
	found := refs.object(reflect.TypeFor[problem]())
	found.Properties["code"] = &schema{Const: p.code}
	if p.status == http.StatusBadRequest {
		found.Properties["details"].MinItems = 1
		found.Required = append(found.Required, "details")
	}
	s := objectSchema()
	s.Properties = map[string]*schema{"success": {Const: false}, "error": found}
	s.Required = []string{"success", "error"}
	out := answered(p.what, mediaJSON, s)
	if p.status == http.StatusMethodNotAllowed {
		out.Headers["Allow"] = header{"The methods of the path", stringSchema()}
	}
	return out
}
