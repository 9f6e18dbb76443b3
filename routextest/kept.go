package routextest

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"
)

// kept is the id of the answer that a call names in its path, "" for none.
func (c *Call) kept() string {
	_, id, ok := strings.Cut(c.Path, "/responses/")
	if !ok || c.Protocol != "openai-responses" || id == "input_tokens" {
		return ""
	}
	return id
}

// continued is the id of the answer which a call of Responses goes on from, ""
// for none.
func (c *Call) continued() string {
	if c.Protocol != "openai-responses" {
		return ""
	}
	return c.view().Get("previous_response_id").String()
}

// keeps reports a call whose answer is remembered: of Responses, unless the real
// API would be told not to.
func (s *session) keeps() bool {
	return s.call.Protocol == "openai-responses" && s.call.member("store", "true") != "false"
}

// keep remembers an answer.
func (s *session) keep(body []byte) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.kept[gjson.GetBytes(body, "id").String()] = body
}

// remembers reports an answer that was kept.
func (p *Provider) remembers(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[id] != nil
}

// stored gives or deletes an answer that was kept.
func (s *session) stored() {
	id := s.call.kept()
	s.p.mu.Lock()
	body := s.p.kept[id]
	if s.r.Method == http.MethodDelete {
		delete(s.p.kept, id)
	}
	s.p.mu.Unlock()
	switch {
	case body == nil:
		s.refuse(failure{status: http.StatusNotFound, code: "response_not_found", message: "Response with id '" + id + "' not found."})
	case s.r.Method == http.MethodDelete:
		s.whole([]byte(`{"id":` + text(id) + `,"object":"response","deleted":true}`))
	case s.r.Method == http.MethodGet:
		s.whole(body)
	default:
		s.refuse(failure{status: http.StatusMethodNotAllowed, message: "use GET or DELETE"})
	}
}
