package admin_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// How many requests are generated: those that are broken in every way there is
// need many.
const (
	manyRequests = 20_000
	fewRequests  = 1_000 // when time is short
)

// hangs is how long an answer may take before the program is taken to hang.
const hangs = time.Minute

// TestNothingBreaksTheAPI sends requests that are made of the description, good
// ones and such as are spoiled in some way. The good ones must succeed, and the
// others be refused with all that is wrong, as described; nothing may fail.
func TestNothingBreaksTheAPI(t *testing.T) {
	const seed = 20_261_130
	n := manyRequests
	if testing.Short() || underRace {
		n = fewRequests
	}
	h, files := newFullHost(t)
	g := newGenerator(h, files, seed)
	watch := new(watchdog)
	defer watch.stop()
	succeeded := make(map[string]bool)
	statuses := make(map[int]int)
	failed := 0
	for i := range n {
		var r generated
		if i < len(g.ops) {
			r, _ = g.request(&g.ops[i])
		} else {
			r = g.next()
		}
		watch.begin(r)
		status, wrong := h.sendGenerated(r)
		statuses[status]++
		for _, what := range wrong {
			t.Errorf("request %d of seed %d: %s\nstatus %d: %s", i, seed, r, status, what)
		}
		if wrong != nil {
			if failed++; failed == 20 {
				t.FailNow()
			}
		}
		if status < 300 {
			succeeded[r.op.method+" "+r.op.path] = true
			if r.method != http.MethodGet {
				g.look(h, r.op.path)
			}
		}
	}
	for _, op := range g.ops {
		if name := op.method + " " + op.path; !succeeded[name] {
			t.Errorf("%s never succeeded: good_test.go must know a body for it", name)
		}
	}
	t.Logf("answers by status: %v", statuses)
}

func newGenerator(h *host, files string, seed uint64) *generator {
	g := &generator{files: files, Rand: rand.New(rand.NewPCG(seed, seed)), known: make(map[string][]string)}
	d := h.described()
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			if strings.HasPrefix(path, "/v1") { // which the Transport serves
				continue
			}
			from := d.Paths[path][method]
			op := operation{method: method, path: path}
			for _, p := range from.Parameters {
				if p.In == "query" {
					op.query = append(op.query, p.Name)
				}
			}
			if body, ok := from.RequestBody.Content["application/json"]; ok {
				op.body, op.optional = body.Schema, !from.RequestBody.Required
			}
			op.stream = strings.Contains(string(from.Responses["200"]), "text/event-stream")
			g.ops = append(g.ops, op)
		}
	}
	// What must exist comes first, and is deleted last.
	order := map[string]int{"post": -1, "delete": 1}
	slices.SortStableFunc(g.ops, func(a, b operation) int { return order[a.method] - order[b.method] })
	for _, l := range lists {
		g.look(h, l.from)
	}
	return g
}

// lists say where the values of a path are found: what stands before them, and
// where in which answer.
var lists = []struct{ path, from, values string }{
	{"/api/channels", "/api/channels", "data.#.id"},
	{"/api/requests/channel", "/api/channels", "data.#.id"},
	{"/api/routing/rules", "/api/routing/rules", "data.#.id"},
	{"/api/keys", "/api/keys", "data.#.id"},
	{"/api/tee", "/api/tee", "data.#.id"},
	{"/api/requests", "/api/requests", "data.#.id"},
	{"/api/providers", "/api/providers", "data.#.type"},
	{"/api/prices", "/api/prices", `data.prices.#(origin=="api")#.model`},
	{"/api/logging/modules", "/api/logging/config", "data.modules"},
	{"/api/tracing/traces", "/api/tracing/traces", "data.#.traceId"},
	{"/api/tracing/spans", "/api/tracing/traces", "data.#.spanId"},
}

// look finds out what there is in the part of the API that a path is in.
func (g *generator) look(h *host, path string) {
	for _, l := range lists {
		if part := strings.Join(strings.Split(l.from, "/")[:3], "/"); !strings.HasPrefix(path, part) {
			continue
		}
		w := httptest.NewRecorder()
		h.api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, l.from, nil))
		g.known[l.path] = nil
		for _, value := range gjson.Get(w.Body.String(), l.values).Array() {
			g.known[l.path] = append(g.known[l.path], value.String())
		}
	}
}

// sendGenerated sends a request as a server would hand it over, and gives what
// is wrong with the answer.
func (h *host) sendGenerated(g generated) (status int, wrong []string) {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n", g.method, g.target, len(g.body))
	if g.body != nil {
		head += "Content-Type: " + g.media + "\r\n"
	}
	r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(head+"\r\n"), bytes.NewReader(g.body))))
	if err != nil {
		return http.StatusBadRequest, nil // which the server says
	}
	if g.op.stream {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		r = r.WithContext(ctx)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, r)
	if location := w.Header().Get("Location"); w.Code == http.StatusTemporaryRedirect && location != "" { // to a tidy path
		return w.Code, nil
	}
	wrong = h.contract.check(r, g.body, w.Code, w.Header(), w.Body.Bytes())
	if w.Code == http.StatusBadRequest && g.op.path != "/api/routing/test" { // which takes the body of any call
		wrong = append(wrong, h.contract.justified(r, g.body, w.Body.Bytes())...)
	}
	if g.broken == "" && w.Code >= 300 && (w.Code != http.StatusServiceUnavailable || g.target != "/health/ready") {
		wrong = append(wrong, "a good request is refused: "+w.Body.String())
	}
	return w.Code, wrong
}

// justified holds a refusal to the description: what it says is taken must not
// be refused for its type or its name.
func (c *contract) justified(r *http.Request, body, answer []byte) []string {
	var refusal struct {
		Error struct {
			Details []struct{ Field, Code, Message string }
		}
	}
	if err := json.Unmarshal(answer, &refusal); err != nil {
		return []string{err.Error()}
	}
	for _, d := range refusal.Error.Details {
		if d.Code != "invalid_type" && d.Code != "unknown_field" {
			continue
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if ok, _ := c.v.GetRequestBodyValidator().ValidateRequestBody(r); ok {
			return []string{fmt.Sprintf("%s is refused (%s), but the description takes it: %s", d.Field, d.Code, d.Message)}
		}
		return nil
	}
	return nil
}

// A watchdog ends the program, and says why, when a request takes too long.
type watchdog struct{ timer *time.Timer }

func (w *watchdog) begin(r generated) {
	w.stop()
	w.timer = time.AfterFunc(hangs, func() { panic("no answer to " + r.String()) })
}

func (w *watchdog) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}
