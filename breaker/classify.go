package breaker

import (
	"net/http"
	"strings"
)

// A Report is what a provider says of a failure, in the words of whatever
// protocol it speaks.
type Report struct {
	Status  int    // of HTTP; below 400 when the failure came inside of a good answer
	Type    string // such as "invalid_request_error" or "RESOURCE_EXHAUSTED"; "" for none
	Code    string // such as "context_length_exceeded" or "1302"; "" for none
	Message string
}

// Classify says whose fault a failure is. The status decides unless the
// provider's own words, which are the nearer ones, say something else: many
// send a used up account as a rate limit, or a bad key as a bad request. It
// never gives [OK], because a Report is one of a failure.
func Classify(r Report) (Class, Reason) {
	status := r.Status
	if status < http.StatusBadRequest {
		status = http.StatusInternalServerError
		for _, word := range []string{r.Type, r.Code} {
			if s, ok := inAnswer[word]; ok {
				status = s
			}
		}
	}
	if v, ok := r.said(status); ok {
		return v.class, v.reason
	}
	class := ClassOf(status)
	switch status {
	case http.StatusUnauthorized:
		return class, KeyInvalid
	case http.StatusPaymentRequired:
		return class, Quota
	case http.StatusForbidden:
		return class, Permission
	}
	return class, ""
}

// said looks for words that are known to say more than the status.
func (r *Report) said(status int) (verdict, bool) {
	message := strings.ToLower(strings.TrimSpace(r.Message))
	for i := range openings {
		if q := &openings[i]; q.in.has(status) && strings.HasPrefix(message, q.words) {
			return q.verdict, true
		}
	}
	for i := range phrases {
		if q := &phrases[i]; q.in.has(status) && strings.Contains(message, q.words) {
			return q.verdict, true
		}
	}
	if v, ok := codes[r.Code]; ok {
		return v, true
	}
	if v, ok := zhipu[r.Code]; ok && r.Type == "" { // others use numbers too, but with a type
		return v, true
	}
	v, ok := codes[r.Type]
	return v, ok
}
