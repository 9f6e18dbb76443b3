package routextest

import (
	"math"
	"net/http"
)

// instead is what the fault tells instead of an answer; status 0 means nothing.
func (s *session) instead() failure {
	f := &s.fault
	if f.Body != "" {
		return failure{status: max(f.Status, http.StatusOK)}
	}
	if f.Status == 0 && (f.ErrorEvent || f.Code == "" || s.blocked()) {
		return failure{}
	}
	return f.failure(s.d, &s.call, f.Status, http.StatusServiceUnavailable)
}

// blocked reports an answer that has to say in good order that it has no
// content.
func (s *session) blocked() bool {
	f := &s.fault
	return f.Code == ContentBlocked && f.Status == 0 && !f.ErrorEvent && s.d.known(f.Code, &s.call).status == http.StatusOK
}

// fail answers with an error, or with the fault's own body.
func (s *session) fail(told failure) {
	f, h := &s.fault, s.w.Header()
	if f.RetryAfter > 0 && s.call.Protocol != (gemini{}).name() {
		h.Set("Retry-After", number(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if f.Body == "" {
		s.refuse(told)
		return
	}
	h.Set("Content-Type", firstOf(f.ContentType, "application/json"))
	s.w.WriteHeader(told.status)
	_, _ = s.w.Write([]byte(f.Body)) // a caller who left is no concern
}

// errorEvent is the fault's, which ends the stream.
func (s *session) errorEvent() event {
	told := s.fault.failure(s.d, &s.call, s.fault.ErrorStatus, http.StatusServiceUnavailable)
	if told.status == http.StatusOK {
		told.status = http.StatusBadRequest
	}
	ev := s.d.errorEvent(told)
	if d, ok := s.d.(responses); ok && s.fault.Failed {
		ev = d.failed(s.id, &s.call, told)
	}
	ev.last = true
	return ev
}
