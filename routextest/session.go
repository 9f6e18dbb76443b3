package routextest

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// A session is one call being answered.
type session struct {
	w     http.ResponseWriter
	r     *http.Request
	d     dialect
	p     *Provider
	call  Call
	fault Fault
	id    string
	sent  int // events
}

func newCall(d dialect, r *http.Request, body []byte) Call {
	c := Call{Protocol: d.name(), Path: r.URL.Path, RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Body: body, Time: time.Now()}
	d.describe(&c)
	return c
}

// view looks at the body.
func (c *Call) view() gjson.Result {
	if c.text == "" {
		c.text = string(c.Body)
	}
	return gjson.Parse(c.text)
}

// member gives a member of the body as JSON, or what it is if there is none.
func (c *Call) member(name, usual string) string {
	if c.members == nil {
		c.members = make(map[string]string)
		c.view().ForEach(func(name, value gjson.Result) bool {
			c.members[name.Str] = value.Raw
			return true
		})
	}
	return firstOf(c.members[name], usual)
}

// serve answers with what do makes of the call, unless the fault or the call
// itself stands against it.
func (s *session) serve(do func(*session)) {
	f := s.fault
	if f.Reset {
		s.breakOff()
	}
	s.wait(s.p.o.Delay)
	if f.StallAfter == 0 {
		s.wait(f.Stall)
	}
	h := s.w.Header()
	if name := s.d.requestID(); name != "" {
		h.Set(name, "req_"+s.id)
	}
	maps.Copy(h, f.Header)
	if told := s.instead(); told.status != 0 {
		s.fail(told)
		return
	}
	if s.r.Method == http.MethodPost && !gjson.ValidBytes(s.call.Body) {
		s.refuse(bad("the body is not valid JSON"))
		return
	}
	if refused := s.p.refusal(s.d, s.r, &s.call); refused.status != 0 {
		s.refuse(refused)
		return
	}
	do(s)
}

// generate lets the model speak.
func (s *session) generate() {
	if problem := s.d.validate(s.judged()); problem != "" {
		s.refuse(bad(problem))
		return
	}
	prefill := s.p.o.Prefill.of(s.d)
	if s.call.Prefill != "" && prefill == PrefillRefuse {
		s.refuse(bad(s.d.noPrefill()))
		return
	}
	if id := s.call.continued(); id != "" && !s.p.remembers(id) {
		s.refuse(failure{status: http.StatusBadRequest, code: "previous_response_not_found", message: "Previous response with id '" + id + "' not found."})
		return
	}
	a := s.p.answer(s.call)
	a.complete()
	if prefill == PrefillContinue {
		a.goOn(s.call.Prefill)
	}
	if s.blocked() {
		a = Answer{StopReason: "filter", Usage: Usage{Input: a.Usage.Input}}
	}
	var body []byte
	if !s.call.Stream || s.keeps() {
		body = s.d.whole(s.id, &s.call, &a)
	}
	if s.keeps() {
		s.keep(body)
	}
	if s.call.Stream {
		s.stream(&a)
		return
	}
	s.whole(body)
}

func (s *session) refuse(f failure) { writeJSON(s.w, f.status, s.d.envelope(f)) }

// judged is the call as it is validated: a lenient provider takes it as if it
// had the limit that Anthropic demands.
func (s *session) judged() *Call {
	c := s.call
	if s.p.o.Lenient && c.Protocol == (anthropic{}).name() && !gjson.GetBytes(c.Body, "max_tokens").Exists() {
		c.Body, _ = sjson.SetBytes(c.Body, "max_tokens", 1024) // it is a valid object
		c.text, c.members = "", nil
	}
	return &c
}

func (s *session) whole(body []byte) {
	s.w.Header().Set("Content-Type", "application/json")
	s.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	s.w.WriteHeader(http.StatusOK)
	if s.fault.CutBody {
		_, _ = s.w.Write(body[:len(body)/2])
		s.flush()
		s.breakOff()
	}
	_, _ = s.w.Write(body)
}

func (s *session) stream(a *Answer) {
	contentType := "text/event-stream; charset=utf-8"
	if asArray(&s.call) {
		contentType = "application/json; charset=UTF-8"
	}
	s.w.Header().Set("Content-Type", contentType)
	s.w.Header().Set("Cache-Control", "no-cache")
	s.w.WriteHeader(http.StatusOK)
	s.flush()
	play := s.d.stream(s.id, &s.call, a)
	s.send(play.begin...)
	if !s.disturb(0) {
		return
	}
	for i, word := range play.words {
		s.wait(s.p.o.Pace)
		s.send(word...)
		if !s.disturb(i + 1) {
			return
		}
	}
	s.send(play.finish...)
	if !s.fault.NoEndMark && play.end.data != "" {
		s.send(play.end)
	}
}

// disturb does what the fault says comes after n words. It gives false when
// the stream has ended.
func (s *session) disturb(n int) bool {
	f := s.fault
	if n > 0 && n == f.StallAfter || n == 0 && f.StallAfter < 0 {
		s.wait(f.Stall)
	}
	if n > 0 && n == f.Garbage {
		s.write(s.d.frame(&s.call, s.sent, event{data: `{"this is": no JSON`})) // and takes no number from those that follow
	}
	if n == 1 && f.HugeEvent > 0 {
		s.send(event{data: `{"type":"ping","padding":"` + strings.Repeat("x", f.HugeEvent) + `"}`})
	}
	if f.ErrorEvent && n == f.ErrorAfter {
		s.send(s.errorEvent())
		return false
	}
	if n > 0 && n == f.CutAfter {
		if !f.CutCleanly {
			s.breakOff()
		}
		return false
	}
	return true
}

// send writes events and makes them leave at once.
func (s *session) send(events ...event) {
	for _, ev := range events {
		s.write(s.d.frame(&s.call, s.sent, ev))
		s.sent++
	}
}

// write makes a text leave at once.
func (s *session) write(text string) {
	if _, err := io.WriteString(s.w, text); err != nil {
		s.breakOff()
	}
	s.flush()
}

func (s *session) flush() { _ = http.NewResponseController(s.w).Flush() }

// breakOff cuts the connection.
func (s *session) breakOff() { panic(http.ErrAbortHandler) }

// wait lets time pass, unless the caller leaves.
func (s *session) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.r.Context().Done():
		s.breakOff()
	}
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who left is no concern
}
