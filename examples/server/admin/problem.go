package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The codes of single mistakes.
const (
	codeRequired = "required"
	codeUnknown  = "unknown_field"
	codeTwice    = "duplicate_field"
	codeType     = "invalid_type"
	codeValue    = "invalid_value"
	codeSyntax   = "invalid_json"
)

// A problem is an error that the caller is told.
type problem struct {
	Type    string    `json:"type"`
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Details []mistake `json:"details,omitempty"`
	status  int
}

// A mistake is what is wrong with one field of a request.
type mistake struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

func (p *problem) Error() string { return p.Message }

func notFound(format string, args ...any) *problem {
	return &problem{status: http.StatusNotFound, Type: "NotFoundError", Code: "NOT_FOUND", Message: fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) *problem {
	return &problem{status: http.StatusConflict, Type: "ConflictError", Code: "CONFLICT", Message: fmt.Sprintf(format, args...)}
}

func tooLarge(limit int64) *problem {
	return &problem{
		status: http.StatusRequestEntityTooLarge, Type: "PayloadTooLargeError", Code: "PAYLOAD_TOO_LARGE",
		Message: fmt.Sprintf("the body is larger than %d bytes", limit),
	}
}

func wrongMediaType(got string) *problem {
	return &problem{
		status: http.StatusUnsupportedMediaType, Type: "UnsupportedMediaTypeError", Code: "UNSUPPORTED_MEDIA_TYPE",
		Message: fmt.Sprintf("the body must be JSON, not %q; send the header Content-Type: application/json (curl: -H 'Content-Type: application/json')", got),
	}
}

func wrongMethod(method, allow string) *problem {
	return &problem{
		status: http.StatusMethodNotAllowed, Type: "MethodNotAllowedError", Code: "METHOD_NOT_ALLOWED",
		Message: fmt.Sprintf("method %s is not allowed here; use %s", method, allow),
	}
}

func crossOrigin() *problem {
	return forbidden("web pages of another origin may not change anything here")
}

func forbidden(message string) *problem {
	return &problem{status: http.StatusForbidden, Type: "ForbiddenError", Code: "FORBIDDEN", Message: message}
}

func unauthorized(why error) *problem {
	return &problem{status: http.StatusUnauthorized, Type: "AuthenticationError", Code: "AUTHENTICATION_ERROR", Message: why.Error()}
}

func tooManyListeners() *problem {
	return &problem{
		status: http.StatusTooManyRequests, Type: "RateLimitError", Code: "RATE_LIMITED",
		Message: "as many listen to events as may at a time, or the server is stopping",
	}
}

func internal() *problem {
	return &problem{
		status: http.StatusInternalServerError, Type: "InternalServerError", Code: "INTERNAL_ERROR",
		Message: "the server could not do this; its log says why",
	}
}

// errNotStored says that the database did not take a change, and nothing has
// changed.
var errNotStored = errors.New("writing to the store")

func noDatabase(message string) *problem {
	return &problem{
		status: http.StatusServiceUnavailable, Type: "ServiceUnavailableError", Code: "DATABASE_UNAVAILABLE", Message: message,
	}
}

// mistakes collects what is wrong with a request.
type mistakes []mistake

// add adds a mistake, unless one of the field is known: one cause is enough.
func (m *mistakes) add(field, code, message string) {
	if !m.has(field) {
		*m = append(*m, mistake{Field: field, Code: code, Message: message})
	}
}

func (m *mistakes) has(field string) bool {
	for _, known := range *m {
		if known.Field == field {
			return true
		}
	}
	return false
}

// err is nil when there are no mistakes.
func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Field + ": " + one.Message
	}
	return &problem{
		status: http.StatusBadRequest, Type: "ValidationError", Code: "VALIDATION_ERROR",
		Message: strings.Join(lines, "; "), Details: m,
	}
}

// within reports a mistake inside of a field or in the field itself.
func (m *mistakes) within(field string) bool {
	for _, known := range *m {
		if rest, ok := strings.CutPrefix(known.Field, field); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}
