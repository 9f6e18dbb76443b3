package tee

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A WebhookError says why a batch was not taken. It shows neither headers nor
// more of the URL than its host.
type WebhookError struct {
	Host     string
	Status   int // of the last answer; 0 if there was none
	Attempts int
	Err      error // why there was no answer
}

// Error names the host, the status or what went wrong, and how often it was tried.
func (e *WebhookError) Error() string {
	what := "failed: " + fmt.Sprint(e.Err)
	if e.Status != 0 {
		what = "answered " + strings.TrimSpace(fmt.Sprint(e.Status, " ", http.StatusText(e.Status)))
		if e.Status/100 == 3 {
			what += ", and redirects are not followed"
		}
	}
	if e.Attempts > 1 {
		what += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	return "tee: webhook at " + e.Host + " " + what
}

// Unwrap gives Err.
func (e *WebhookError) Unwrap() error { return e.Err }

// Temporary reports whether the same batch could be taken later: by the same
// receiver, or once the settings are right. The others say that it is the batch
// that is wrong.
func (e *WebhookError) Temporary() bool {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusGone:
		return true
	}
	return e.again() || e.Status == 0 || e.Status/100 == 3
}

// again tells whether to try the same batch again at once can help.
func (e *WebhookError) again() bool {
	switch e.Status {
	case 0:
		_, refused := errors.AsType[*AddressError](e.Err)
		return !refused
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return e.Status >= 500
}
