package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// A reply is what a handler gives for a request that succeeded.
type reply struct {
	data     any
	message  string
	location string // of what was made
	meta     any    // about the data; nil for nothing
}

// The envelopes of every answer under /api.
type (
	success struct {
		Success bool   `json:"success"`
		Data    any    `json:"data,omitempty"`
		Message string `json:"message,omitempty"`
		Meta    any    `json:"meta,omitempty"`
	}
	failure struct {
		Success bool     `json:"success"`
		Error   *problem `json:"error"`
	}
)

func (a *API) writeReply(w http.ResponseWriter, r *http.Request, status int, out reply) {
	if out.location != "" {
		w.Header().Set("Location", out.location)
	}
	if out.message != "" {
		locale := a.localeOf(r)
		w.Header().Set("Content-Language", locale)
		if locale == localeChinese {
			out.message = translate(out.message)
		}
	}
	a.writeJSON(w, r, status, success{Success: true, Data: out.data, Message: out.message, Meta: out.meta})
}

// writeError tells the caller what a problem says, and of any other error
// nothing: that goes to the log.
func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		a.logger.ErrorContext(r.Context(), "the management API failed",
			"method", r.Method, "path", r.URL.Path, "requestId", w.Header().Get("X-Request-Id"), "error", err)
		p = internal()
		if errors.Is(err, errNotStored) {
			p = noDatabase("the configuration cannot be stored now; the log of the server says why")
		}
	}
	locale := a.localeOf(r)
	w.Header().Set("Content-Language", locale)
	a.writeJSON(w, r, p.status, failure{Error: p.in(locale)})
}

func (a *API) writeJSON(w http.ResponseWriter, r *http.Request, status int, value any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		a.logger.ErrorContext(r.Context(), "an answer cannot be written as JSON", "path", r.URL.Path, "error", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // who left needs no answer
}

// requestID is the caller's name for the request if it can be echoed, else a
// new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 128 {
		return uuid.NewString()
	}
	for _, c := range []byte(id) {
		if c < ' ' || c > '~' {
			return uuid.NewString()
		}
	}
	return id
}
