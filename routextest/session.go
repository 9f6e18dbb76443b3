package routextest

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A dialect writes one protocol.
type dialect interface {
	name() string
	requestID() string // the header that names a call
	validate(c *Call, body gjson.Result) string
	failure(status int, code, message string) []byte // the error envelope
	whole(id string, c *Call, a *Answer) []byte
	begin(id string, c *Call, a *Answer) []event // before the words
	words(id string, c *Call, a *Answer) [][]event
	finish(id string, c *Call, a *Answer) []event
	endMark() event
	errorEvent(status int, code, message string) event
}

// An event is one server-sent event.
type event struct{ name, data string }

// A session is one call being answered.
type session struct {
	w     http.ResponseWriter
	r     *http.Request
	d     dialect
	p     *Provider
	call  Call
	fault Fault
	id    string
}

func newCall(d dialect, r *http.Request, body []byte) Call {
	v := gjson.ParseBytes(body)
	c := Call{
		Protocol: d.name(), Path: r.URL.Path, RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Body: body, Time: time.Now(),
		Model: v.Get("model").String(), Stream: v.Get("stream").Bool(), HasTools: v.Get("tools.0").Exists(),
	}
	v.Get("messages").ForEach(func(_, m gjson.Result) bool {
		if text := userText(m); text != "" {
			c.LastUserText = text
		}
		return true
	})
	return c
}

// userText is the text of a user message, without tool results.
func userText(m gjson.Result) string {
	content := m.Get("content")
	switch {
	case m.Get("role").String() != "user":
		return ""
	case content.Type == gjson.String:
		return content.String()
	}
	var parts []string
	content.ForEach(func(_, part gjson.Result) bool {
		if part.Get("type").String() == "text" {
			parts = append(parts, part.Get("text").String())
		}
		return true
	})
	return strings.Join(parts, "\n")
}

func (s *session) serve() {
	f := s.fault
	if f.Reset {
		s.breakOff()
	}
	s.wait(s.p.o.Delay)
	if f.StallAfter == 0 {
		s.wait(f.Stall)
	}
	h := s.w.Header()
	h.Set(s.d.requestID(), "req_"+s.id)
	maps.Copy(h, f.Header)
	if f.Status != 0 || f.Body != "" {
		s.fail()
		return
	}
	if !gjson.ValidBytes(s.call.Body) {
		writeError(s.w, s.d, http.StatusBadRequest, "", "the body is not valid JSON")
		return
	}
	if status, code, message := s.p.refusal(s.call); status != 0 {
		writeError(s.w, s.d, status, code, message)
		return
	}
	if problem := s.d.validate(&s.call, gjson.ParseBytes(s.call.Body)); problem != "" {
		writeError(s.w, s.d, http.StatusBadRequest, "", problem)
		return
	}
	a := s.p.answer(s.call)
	a.complete()
	if s.call.Stream {
		s.stream(&a)
		return
	}
	s.whole(&a)
}

// fail answers with the fault's own status and body.
func (s *session) fail() {
	f := s.fault
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	if f.Body == "" {
		message := f.Message
		if message == "" {
			message = "the provider was told to fail with " + strconv.Itoa(status)
		}
		writeError(s.w, s.d, status, f.Code, message)
		return
	}
	contentType := f.ContentType
	if contentType == "" {
		contentType = "application/json"
	}
	s.w.Header().Set("Content-Type", contentType)
	s.w.WriteHeader(status)
	_, _ = s.w.Write([]byte(f.Body)) // a caller who left is no concern
}

func (s *session) whole(a *Answer) {
	body := s.d.whole(s.id, &s.call, a)
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
	s.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	s.w.Header().Set("Cache-Control", "no-cache")
	s.w.WriteHeader(http.StatusOK)
	s.send(s.d.begin(s.id, &s.call, a)...)
	if !s.disturb(0) {
		return
	}
	for i, word := range s.d.words(s.id, &s.call, a) {
		s.wait(s.p.o.Pace)
		s.send(word...)
		if !s.disturb(i + 1) {
			return
		}
	}
	s.send(s.d.finish(s.id, &s.call, a)...)
	if !s.fault.NoEndMark {
		s.send(s.d.endMark())
	}
}

// disturb does what the fault says comes after n words. It gives false when
// the stream has ended.
func (s *session) disturb(n int) bool {
	f := s.fault
	if n > 0 && n == f.StallAfter {
		s.wait(f.Stall)
	}
	if n > 0 && n == f.Garbage {
		s.send(event{"", `{"this is": no JSON`})
	}
	if n == 1 && f.HugeEvent > 0 {
		s.send(event{"", `{"type":"ping","padding":"` + strings.Repeat("x", f.HugeEvent) + `"}`})
	}
	if f.ErrorEvent && n == f.ErrorAfter {
		s.send(s.d.errorEvent(http.StatusServiceUnavailable, f.Code, f.Message))
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
		text := "data: " + ev.data + "\n\n"
		if ev.name != "" {
			text = "event: " + ev.name + "\n" + text
		}
		if _, err := s.w.Write([]byte(text)); err != nil {
			s.breakOff()
		}
		s.flush()
	}
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

// complete fills in what follows from the rest.
func (a *Answer) complete() {
	if a.Chunks == nil {
		a.Chunks = strings.SplitAfter(a.Text, " ")
	}
	if a.Text == "" {
		a.Text = strings.Join(a.Chunks, "")
	}
	if a.StopReason == "" {
		a.StopReason = "stop"
		if len(a.Tools) > 0 {
			a.StopReason = "tool"
		}
	}
}

func writeError(w http.ResponseWriter, d dialect, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(d.failure(status, code, message))
}
