package breaker

import (
	"net/http"
	"strconv"
	"time"
)

// A Class says whose fault a failed attempt was, and so what to do about it;
// see [Class.Policy]. It is an error itself, so that errors.Is finds it in
// whatever wraps a [Failure]: errors.Is(err, breaker.Rate).
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

// Error gives the name of the class.
func (c Class) Error() string { return string(c) }

// A Reason narrows a [Class] where that changes what is done. The zero value
// says nothing more than the class does.
type Reason string

// The reasons, and the class that each belongs to.
const (
	ContextLength Reason = "context_length" // Caller: a model with a larger window may take it
	ContentPolicy Reason = "content_policy" // Caller: what was said is not allowed there
	UnknownModel  Reason = "unknown_model"  // Caller: another channel may know the model
	KeyInvalid    Reason = "key_invalid"    // Credential: the key is good for nothing
	Permission    Reason = "permission"     // Credential: the key is not good for this model
	Quota         Reason = "quota"          // Credential: the money or the plan behind the key is used up
	MalformedCall Reason = "malformed_call" // Server: the model wrote a tool call that is none; the provider is all right
)

// Again says when the channel that failed is asked again in the same call.
type Again string

// What a [Policy] says of the same channel.
const (
	Never   Again = ""         // it would fail again
	Once    Again = "once"     // after a short pause, but only one time
	NextKey Again = "next-key" // with another key, if the channel has one
	Later   Again = "later"    // after what the provider asks to wait, if that is short
)

// A Policy is what to do about a failure.
type Policy struct {
	Again   Again // whether the same channel is asked again
	Next    bool  // whether another channel is asked
	Counted bool  // whether it counts against the channel's circuit
}

// policies is the table that decides. What is not in it is not done.
var policies = map[Class]Policy{
	Credential: {Again: NextKey, Next: true},
	Rate:       {Again: Later, Next: true},
	Overload:   {Next: true, Counted: true},
	Server:     {Again: Once, Next: true, Counted: true},
	Conflict:   {Again: Once, Next: true, Counted: true},
	Network:    {Again: Once, Next: true, Counted: true},
	Timeout:    {Next: true, Counted: true},
}

// Policy says what to do about a failure of the class.
func (c Class) Policy() Policy { return policies[c] }

// Next reports whether another channel should be asked after such a failure.
func (c Class) Next() bool { return c.Policy().Next }

// Counted reports whether such a failure counts against the channel's breaker.
func (c Class) Counted() bool { return c.Policy().Counted }

// A Failure is an attempt that did not give an answer that could be used. It is
// what a [Breaker] is told of: errors.As finds it there, and errors.Is its class.
type Failure struct {
	Class      Class
	Reason     Reason
	Status     int           // of the upstream's answer; 0 when there was none
	RetryAfter time.Duration // how long the provider asks to wait; 0 when it does not say
	Err        error         // the cause; nil when the status says it all
}

// Policy is that of the class, with what the reason changes: a model that
// wrote nonsense says nothing of its channel; a call that is too
// long for one model, or whose model one channel does not know, may be all
// right for another. Whoever asks another after [ContextLength] must know that
// its window is larger.
func (f *Failure) Policy() Policy {
	p := f.Class.Policy()
	if f.Reason == MalformedCall {
		p.Counted = false
	}
	if f.Class == Caller && (f.Reason == ContextLength || f.Reason == UnknownModel) {
		p.Next = true
	}
	return p
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

// Unwrap gives the class and the cause, as far as there are any.
func (f *Failure) Unwrap() []error {
	errs := make([]error, 0, 2)
	if f.Class != OK {
		errs = append(errs, f.Class)
	}
	if f.Err != nil {
		errs = append(errs, f.Err)
	}
	return errs
}

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
