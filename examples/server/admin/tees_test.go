package admin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/tee"
)

// withTees gives a host tees, whose files are in dir and whose webhooks may stay
// on this machine.
func withTees(t *testing.T, dir string) func(*admin.Options) {
	return func(o *admin.Options) {
		o.Tees = tees.New(tees.Options{Roots: []string{dir}, Guard: tee.Guard{AllowPrivate: true}, Spools: filepath.Join(dir, "spool")})
		t.Cleanup(func() { _ = o.Tees.Close(t.Context()) })
	}
}

func newTeeHost(t *testing.T) (*host, string) {
	dir := t.TempDir()
	return newHost(t, withTees(t, dir)), dir
}

// A shownTee holds the fields that tests look at.
type shownTee struct {
	ID, Name, Type, FilePath, URL, Method, Secret string
	Enabled, Spool, Failing                       bool
	Headers                                       map[string]string
	Retries                                       int
	Timeout, BodyLimit, Sent                      int64
	Redact                                        []string
	Filter                                        store.TeeFilter
	LastError                                     *string
}

func (a answer) tee(t *testing.T) (s shownTee) {
	t.Helper()
	if err := json.Unmarshal(a.Data, &s); err != nil {
		t.Fatalf("data: %v: %s", err, a.body)
	}
	return s
}

func (h *host) storedTee(t *testing.T, name string) store.Tee {
	t.Helper()
	c, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Tees, func(t store.Tee) bool { return t.Name == name })
	if i < 0 {
		t.Fatalf("there is no tee %q in the store", name)
	}
	return c.Tees[i]
}

func TestTeesAreKeptAndChanged(t *testing.T) {
	h, dir := newTeeHost(t)
	made := h.must("POST", "/api/tee", `{"name":"hook","type":"webhook","url":"https://u:secret-password@hooks.example.com/in?token=secret-in-query","method":"PUT",`+
		`"headers":{"Authorization":"Bearer secret-token"},"secret":"whsec_c2VjcmV0LXRoYXQtc2lnbnM=","spool":true,"timeout":500,"retries":0,"redact":["messages.#.content"],`+
		`"filter":{"models":["m*"],"sampleRate":0.5,"minLatency":10}}`, 201)
	one := made.tee(t)
	if one.ID == "" || !one.Enabled || one.Retries != 0 || one.BodyLimit != tee.DefaultBodyLimit || *one.Filter.SampleRate != 0.5 || one.Filter.MinLatency != 10 {
		t.Errorf("made: %s", made.body)
	}
	if strings.Contains(made.body, "secret-") || strings.Contains(made.body, "c2VjcmV0LXRoYXQ") {
		t.Errorf("a secret is shown: %s", made.body)
	}
	before := h.storedTee(t, "hook")
	// What was shown is sent back, and means what is there.
	back, _ := json.Marshal(map[string]any{"url": one.URL, "headers": one.Headers, "secret": one.Secret, "enabled": false})
	if again := h.must("PUT", "/api/tee/hook", string(back), 200).tee(t); again.Enabled || again.URL != one.URL {
		t.Errorf("after PUT: %+v", again)
	}
	after := h.storedTee(t, "hook")
	if after.URL != before.URL || after.Secret != before.Secret || after.Headers["Authorization"] != "Bearer secret-token" || !after.Disabled || after.Timeout != 500 {
		t.Errorf("the store holds %+v, had %+v", after, before)
	}
	if a := h.call("PUT", "/api/tee/hook", `{"headers":{"Authorization":"Bear****oops"},"url":"https://x.test/?a=****","secret":"****"}`); a.status != 400 || !slices.Equal(a.fields(), []string{"url", `headers["Authorization"]`, "secret"}) {
		t.Errorf("foreign masks are taken: %s", a.body)
	}
	path := filepath.Join(dir, "logs", "a.jsonl")
	file := h.must("POST", "/api/tee", `{"name":"file","type":"file","filePath":`+quote(path)+`,"rotation":{"maxSizeMB":5,"maxAgeDays":1,"keep":2}}`, 201).tee(t)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not there: %v", err)
	}
	if a := h.call("POST", "/api/tee", `{"name":"file","type":"webhook","url":"https://x.test"}`); a.status != 409 {
		t.Errorf("a name twice: %s", a.body)
	}
	if a := h.call("POST", "/api/tee", `{"name":"other","type":"file","filePath":`+quote(filepath.Join(dir, "logs", "..", "logs", "a.jsonl"))+`}`); a.status != 409 || !strings.Contains(a.body, "file") {
		t.Errorf("a file twice: %s", a.body)
	}
	if list := h.must("GET", "/api/tee", "", 200); strings.Count(list.body, `"createdAt"`) != 2 {
		t.Errorf("there are %s", list.body)
	}
	h.must("GET", "/api/tee/"+file.ID, "", 200)
	h.must("DELETE", "/api/tee/"+file.ID, "", 200)
	for _, method := range []string{"GET", "DELETE"} {
		if a := h.call(method, "/api/tee/file", ""); a.status != 404 {
			t.Errorf("%s of a tee that is gone: %s", method, a.body)
		}
	}
	if a := h.call("POST", "/api/tee/file/test", ""); a.status != 404 {
		t.Errorf("a test of a tee that is gone: %s", a.body)
	}
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

func TestMistakesInTeesAreNamed(t *testing.T) {
	h, dir := newTeeHost(t)
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return quote(filepath.Join(dir, name)) }
	for body, want := range map[string][]string{
		`{}`:                            {"name", "type"},
		`{"name":"x","type":"mail"}`:    {"type"},
		`{"name":"x","type":"file"}`:    {"filePath"},
		`{"name":"x","type":"webhook"}`: {"url"},
		`{"name":"x","type":"file","url":"https://x.test","spool":true,"filePath":` + in("a.jsonl") + `}`:           {"spool", "url"},
		`{"name":"x","type":"file","filePath":` + quote(filepath.Join(outside, "a.jsonl")) + `}`:                    {"filePath"},
		`{"name":"x","type":"file","filePath":` + in("link/a.jsonl") + `}`:                                          {"filePath"},
		`{"name":"x","type":"file","filePath":` + in("../a.jsonl") + `}`:                                            {"filePath"},
		`{"name":"x","type":"file","filePath":` + in("routex.db") + `}`:                                             {"filePath"},
		`{"name":"x","type":"file","filePath":` + in("Master.key") + `}`:                                            {"filePath"},
		`{"name":"x","type":"webhook","url":"ftp://x.test","method":"GET","headers":{"Host":"h"},"secret":"short"}`: {"headers.Host", "method", "secret", "url"},
		`{"name":"x","type":"webhook","url":"https://x.test:65536/in"}`:                                             {"url"},
		`{"name":"x","type":"webhook","url":"http://169.254.169.254/latest"}`:                                       {"url"},
		`{"name":"x","type":"webhook","url":"https://x.test","timeout":-1,"retries":1000,"bodyLimit":"a","redact":["a|b"]}`: {
			"bodyLimit", "redact[0]", "retries", "timeout",
		},
		`{"name":"x","type":"webhook","url":"https://x.test","filter":{"successOnly":true,"failureOnly":true,"sampleRate":2,"statusCodes":[42,"a"],"minLatency":9,"maxLatency":3,"models":[""],"new":1}}`: {
			"filter.failureOnly", "filter.minLatency", "filter.new", "filter.sampleRate", "filter.statusCodes[1]",
		},
		`{"name":"x","type":"webhook","url":"https://x.test","filter":{"statusCodes":[42],"models":[" "]}}`: {"filter.models[0]", "filter.statusCodes[0]"},
	} {
		a := h.call("POST", "/api/tee", body)
		got := a.fields()
		slices.Sort(got)
		if a.status != 400 || !slices.Equal(got, want) {
			t.Errorf("%s\nnames %q, want %q: %s", body, got, want, a.body)
		}
	}
}

// A receiver of a webhook.
type receiver struct {
	mu     sync.Mutex
	status int
	bodies []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, _ := io.ReadAll(req.Body)
	r.bodies = append(r.bodies, req.Header.Get("Authorization")+" "+string(b))
	w.WriteHeader(r.status)
}

func (r *receiver) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.bodies, "\n")
}

func TestTeesCanBeTried(t *testing.T) {
	h, dir := newTeeHost(t)
	there := &receiver{status: 204}
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	path := filepath.Join(dir, "a.jsonl")
	h.must("POST", "/api/tee", `{"name":"file","type":"file","filePath":`+quote(path)+`,"filter":{"sampleRate":0}}`, 201)
	h.must("POST", "/api/tee", `{"name":"hook","type":"webhook","enabled":false,"url":"`+server.URL+`","headers":{"Authorization":"Bearer for-the-hook"},"spool":true}`, 201)
	for name, says := range map[string]func() string{
		"file": func() string { b, _ := os.ReadFile(path); return string(b) },
		"hook": there.said,
	} {
		a := h.must("POST", "/api/tee/"+name+"/test", "", 200)
		var v struct {
			Success bool
			Error   string
		}
		if err := json.Unmarshal(a.Data, &v); err != nil || !v.Success || v.Error != "" {
			t.Errorf("the test of %s: %s", name, a.body)
		}
		if said := says(); strings.Count(said, `"traceId"`) != 1 || !strings.Contains(said, `"model":"test"`) || name == "hook" && !strings.Contains(said, "Bearer for-the-hook") {
			t.Errorf("%s got %q", name, said)
		}
	}
	there.mu.Lock()
	there.status = 500
	there.mu.Unlock()
	if a := h.must("POST", "/api/tee/hook/test", "{}", 200); !strings.Contains(string(a.Data), `"success":false`) || !strings.Contains(a.body, "500") || strings.Contains(a.body, "for-the-hook") {
		t.Errorf("a receiver that fails: %s", a.body)
	}
	if got := strings.Count(there.said(), `"traceId"`); got != 2 {
		t.Errorf("the receiver was asked %d times, want once for each test", got)
	}
}

func TestATeeThatCannotWriteSaysSo(t *testing.T) {
	h, dir := newTeeHost(t)
	if err := os.WriteFile(filepath.Join(dir, "taken.jsonl"), []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.must("POST", "/api/tee", `{"name":"file","type":"file","filePath":`+quote(filepath.Join(dir, "taken.jsonl"))+`}`, 201)
	if one := h.must("GET", "/api/tee/file", "", 200).tee(t); !one.Failing || one.LastError == nil || !strings.Contains(*one.LastError, "something else") {
		t.Errorf("the tee says %+v", one)
	}
	health := h.call("GET", "/health/detailed", "").body
	if !strings.Contains(health, `"degraded"`) || !strings.Contains(health, `the tee \"file\" cannot deliver`) {
		t.Errorf("health: %s", health)
	}
	h.must("PUT", "/api/tee/file", `{"enabled":false}`, 200)
	if health := h.call("GET", "/health/detailed", "").body; strings.Contains(health, "cannot deliver") {
		t.Errorf("health, when it is switched off: %s", health)
	}
}

func TestTeesOfAnotherServerAreInEffect(t *testing.T) {
	one, dir := newTeeHost(t)
	var set *tees.Set
	two := newHostOn(t, one.store, withTees(t, dir), func(o *admin.Options) { set = o.Tees })
	two.follows()
	one.must("POST", "/api/tee", `{"name":"file","type":"file","filePath":`+quote(filepath.Join(dir, "a.jsonl"))+`}`, 201)
	soon(t, "the tee of the other is in use", func() bool { return len(set.Stats()) == 1 && set.Bodies() > 0 })
	one.must("DELETE", "/api/tee/file", "", 200)
	soon(t, "the tee is gone", func() bool { return len(set.Stats()) == 0 && set.Bodies() == 0 })
}
