package breaker_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/dctx-team/routex/breaker"
)

func TestPolicyOfEveryClass(t *testing.T) {
	for class, want := range map[breaker.Class]breaker.Policy{
		breaker.OK:         {Again: breaker.Never},
		breaker.Caller:     {Again: breaker.Never},
		breaker.HangUp:     {Again: breaker.Never},
		breaker.Credential: {Again: breaker.NextKey, Next: true},
		breaker.Rate:       {Again: breaker.Later, Next: true},
		breaker.Overload:   {Again: breaker.Never, Next: true, Counted: true},
		breaker.Server:     {Again: breaker.Once, Next: true, Counted: true},
		breaker.Conflict:   {Again: breaker.Once, Next: true, Counted: true},
		breaker.Network:    {Again: breaker.Once, Next: true, Counted: true},
		breaker.Timeout:    {Again: breaker.Never, Next: true, Counted: true},
	} {
		if got := class.Policy(); got != want {
			t.Errorf("%q: %+v, want %+v", class, got, want)
		}
		if class.Next() != want.Next || class.Counted() != want.Counted {
			t.Errorf("%q: Next and Counted do not follow the table", class)
		}
	}
}

func TestReasonSendsACallersFailureToAnotherChannel(t *testing.T) {
	for _, test := range []struct {
		f    breaker.Failure
		next bool
	}{
		{breaker.Failure{Class: breaker.Caller}, false},
		{breaker.Failure{Class: breaker.Caller, Reason: breaker.ContentPolicy}, false},
		{breaker.Failure{Class: breaker.Caller, Reason: breaker.ContextLength}, true},
		{breaker.Failure{Class: breaker.Caller, Reason: breaker.UnknownModel}, true},
		{breaker.Failure{Class: breaker.HangUp, Reason: breaker.UnknownModel}, false},
	} {
		want := test.f.Class.Policy()
		want.Next = test.next
		if got := test.f.Policy(); got != want {
			t.Errorf("%s %s: %+v, want %+v", test.f.Class, test.f.Reason, got, want)
		}
	}
}

func TestFailureWrapsItsClassAndItsCause(t *testing.T) {
	f := &breaker.Failure{Class: breaker.Rate, Status: 429, Err: io.ErrUnexpectedEOF}
	err := fmt.Errorf("call: %w", f)
	if !errors.Is(err, breaker.Rate) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the class or the cause is not found")
	}
	if errors.Is(err, breaker.Server) {
		t.Error("another class is found")
	}
	if got, ok := errors.AsType[breaker.Class](err); !ok || got != breaker.Rate {
		t.Errorf("as a class it is %q, %v", got, ok)
	}
	if got, ok := errors.AsType[*breaker.Failure](err); !ok || got != f {
		t.Error("the failure itself is not found")
	}
	if n := len((&breaker.Failure{}).Unwrap()); n != 0 {
		t.Errorf("a failure of nothing wraps %d errors", n)
	}
}

func TestFailureSaysWhatHappened(t *testing.T) {
	cause := errors.New("refused")
	for want, f := range map[string]*breaker.Failure{
		"network: refused":   {Class: breaker.Network, Err: cause},
		"server: status 500": errServer,
		"hang-up":            {Class: breaker.HangUp},
	} {
		if f.Error() != want {
			t.Errorf("%q, want %q", f.Error(), want)
		}
	}
}

func TestClassOfEveryStatus(t *testing.T) {
	special := map[int]breaker.Class{
		401: breaker.Credential, 402: breaker.Credential, 403: breaker.Credential,
		429: breaker.Rate, 503: breaker.Overload, 529: breaker.Overload,
		408: breaker.Conflict, 409: breaker.Conflict, 425: breaker.Conflict,
	}
	reasons := map[int]breaker.Reason{401: breaker.KeyInvalid, 402: breaker.Quota, 403: breaker.Permission}
	for status := 100; status < 1000; status++ {
		want, ok := special[status]
		switch {
		case ok:
		case status < 400:
			want = breaker.OK
		case status < 500:
			want = breaker.Caller
		default:
			want = breaker.Server
		}
		if got := breaker.ClassOf(status); got != want {
			t.Errorf("status %d is of class %q, want %q", status, got, want)
		}
		if want == breaker.OK { // a failure in a good answer that tells nothing of itself
			want = breaker.Server
		}
		class, reason := breaker.Classify(breaker.Report{Status: status, Message: "no"})
		if class != want || reason != reasons[status] {
			t.Errorf("a report of status %d is %q %q, want %q %q", status, class, reason, want, reasons[status])
		}
	}
}
