package admin_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/store"
)

// A host is a program with the management API in it.
type host struct {
	t         *testing.T
	transport *routex.Transport
	store     store.Store
	api       *admin.API
	contract  *contract // that every answer is held to
}

func newHost(t *testing.T, change ...func(*admin.Options)) *host {
	t.Helper()
	kept, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	return newHostOn(t, kept, change...)
}

func newHostOn(t *testing.T, kept store.Store, change ...func(*admin.Options)) *host {
	t.Helper()
	transport, err := routex.New(routex.Config{})
	if err != nil {
		t.Fatal(err)
	}
	o := admin.Options{Transport: transport, Store: kept, Version: "1.2.3"}
	for _, f := range change {
		f(&o)
	}
	api, err := admin.New(t.Context(), o)
	if err != nil {
		t.Fatalf("admin.New: %v", err)
	}
	return &host{t: t, transport: transport, store: kept, api: api, contract: contractOf(t, api)}
}

// An answer is what came back for a request.
type answer struct {
	status int
	header http.Header
	body   string

	Success bool
	Data    json.RawMessage
	Message string
	Error   struct {
		Type, Code, Message string
		Details             []struct{ Field, Message, Code string }
	}
}

// call sends a request with JSON, unless body is "".
func (h *host) call(method, path, body string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return h.send(r)
}

func (h *host) send(r *http.Request) answer {
	h.t.Helper()
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, r)
	for _, wrong := range h.contract.check(r, sent, w.Code, w.Header(), w.Body.Bytes()) {
		h.t.Errorf("%s %s %.300s: status %d: %s", r.Method, r.URL, sent, w.Code, wrong)
	}
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		h.t.Fatalf("%s %s: the answer is no JSON: %v: %s", r.Method, r.URL, err, a.body)
	}
	return a
}

// must is call for a request that has to succeed.
func (h *host) must(method, path, body string, status int) answer {
	h.t.Helper()
	a := h.call(method, path, body)
	if a.status != status || !a.Success {
		h.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, a.status, status, a.body)
	}
	return a
}

// A shownKey is how one of the keys of a channel is doing.
type shownKey struct {
	Key, Why     string
	RetiredUntil *int64
	Models       map[string]int64
}

// A shown holds the fields of channels and rules that tests look at.
type shown struct {
	ID, Name, Type, BaseURL, APIKey, Status, Breaker string
	API, Losses, Usage, ProxyURL                     string
	Headers, ModelMap, Config                        map[string]string
	Models, APIKeys                                  []string
	Priority, Weight, MaxConcurrency                 int
	ContextWindow, Prices                            json.RawMessage
	Keys                                             []shownKey
	Transformers                                     json.RawMessage
	Timeouts                                         map[string]int64
	RequestCount, SuccessCount, FailureCount         int64
	LastUsedAt, CooldownUntil                        *int64
	CreatedAt, UpdatedAt                             int64
	TargetChannel, TargetModel, Deny, Shadow, Source string
	Condition, Targets                               json.RawMessage
	Enabled, Active, Strict                          bool
}

func (a answer) one(t *testing.T) shown {
	t.Helper()
	var s shown
	if err := json.Unmarshal(a.Data, &s); err != nil {
		t.Fatalf("data: %v: %s", err, a.body)
	}
	return s
}

func (a answer) many(t *testing.T) []shown {
	t.Helper()
	var s []shown
	if err := json.Unmarshal(a.Data, &s); err != nil {
		t.Fatalf("data: %v: %s", err, a.body)
	}
	return s
}

// fields lists the fields that the details of an error name.
func (a answer) fields() []string {
	var names []string
	for _, d := range a.Error.Details {
		names = append(names, d.Field)
	}
	return names
}

// newLog is a program's log that nobody reads.
func newLog(t *testing.T) *logs.Log {
	t.Helper()
	log, err := logs.Open(io.Discard, "", logs.NewLevels(slog.LevelInfo))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}
