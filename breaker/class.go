package breaker

import (
	"net/http"
	"strconv"
)

// A Class says whose fault a failed attempt was, and so what to do about it.
type Class string

// The failure classes. The zero value means success.
const (
	OK         Class = ""
	Caller     Class = "caller"     // the request itself: nobody else would take it either
	Credential Class = "credential" // the channel's key, not the channel
	Rate       Class = "rate"       // the channel's provider limits it
	Overload   Class = "overload"   // the provider has too much to do
	Server     Class = "server"     // the provider failed
	Conflict   Class = "conflict"   // the provider was not ready; asking again may help
	Network    Class = "network"    // no provider was reached, or the answer was cut
	Timeout    Class = "timeout"    // the provider was silent for too long
	HangUp     Class = "hang-up"    // the caller went away
)

// ClassOf gives the class of an HTTP status. A status below 400 is OK.
func ClassOf(status int) Class {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return Credential
	case http.StatusTooManyRequests:
		return Rate
	case http.StatusServiceUnavailable, 529:
		return Overload
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return Conflict
	}
	switch {
	case status >= 500:
		return Server
	case status >= 400:
		return Caller
	}
	return OK
}

// Next reports whether another channel should be asked after such a failure.
func (c Class) Next() bool { return c != OK && c != Caller && c != HangUp }

// Counted reports whether such a failure counts against the channel's breaker.
func (c Class) Counted() bool {
	switch c {
	case Overload, Server, Conflict, Network, Timeout:
		return true
	}
	return false
}

// A Failure is an attempt that did not give an answer that could be used.
// Find it with errors.As.
type Failure struct {
	Class  Class
	Status int   // of the upstream's answer; 0 when there was none
	Err    error // the cause; nil when the status says it all
}

// Error names the class, and the status or the cause.
func (f *Failure) Error() string {
	switch {
	case f.Err != nil:
		return string(f.Class) + ": " + f.Err.Error()
	case f.Status != 0:
		return string(f.Class) + ": status " + strconv.Itoa(f.Status)
	}
	return string(f.Class)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }
