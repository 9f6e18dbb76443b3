package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/tee"
)

// An absent receiver answers that it cannot take anything, until it is back.
type absentReceiver struct {
	t *testing.T

	mu     sync.Mutex
	back   bool
	asked  int
	prompt []string // of the records that it took
}

func (r *absentReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = tee.Verify("a secret of this test", req.Header, body)
	}
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked++; !r.back {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	for _, p := range gjson.GetBytes(body, "records.#.request.messages.0.content").Array() {
		r.prompt = append(r.prompt, p.Str)
	}
}

func (r *absentReceiver) is(holds func() bool) func() bool {
	return func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return holds()
	}
}

// Calls that a webhook with a spool could not tell of are told of by the next
// server, though the one before was killed, and no credential is on the disk in
// between.
func TestASpooledTeeSurvivesAKill(t *testing.T) {
	receiver := &absentReceiver{t: t}
	there := httptest.NewServer(receiver)
	defer there.Close()
	data := t.TempDir()
	args := []string{"-data", data, "-demo", "-open-v1", "-tee-networks", "private"}
	p := start(t, args...)
	const planted = "sk-planted-in-a-spool-0123456789"
	_, created := p.must(201, "POST", "/api/tee", fmt.Sprintf(
		`{"name":"hook","type":"webhook","url":"%s/events?token=%s","secret":"a secret of this test","headers":{"Authorization":"Bearer %s"},"spool":true,"retries":0}`,
		there.URL, planted, planted))
	id := gjson.Get(created, "data.id").Str
	var want []string
	for i := range 5 {
		want = append(want, fmt.Sprint("call ", i, " [redacted]"))
		p.must(200, "POST", "/v1/messages", fmt.Sprintf(`{"model":"claude-opus-4","max_tokens":9,"messages":[{"role":"user","content":"call %d %s"}]}`, i, planted))
	}
	eventually(t, "the records wait on the disk, and the receiver was asked", func() bool {
		_, body := p.must(200, "GET", "/api/tee/"+id, "")
		found, _ := filepath.Glob(filepath.Join(data, "spool", "*", "*.seg"))
		return gjson.Get(body, "data.queued").Int() == 5 && gjson.Get(body, "data.failing").Bool() && len(found) > 0 && linesIn(t, found) == 5 && receiver.is(func() bool { return receiver.asked > 0 })()
	})
	p.signal(syscall.SIGKILL)
	p.wait()
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(content), planted) {
			t.Errorf("%s holds a credential", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	receiver.mu.Lock()
	receiver.back = true
	receiver.mu.Unlock()
	p = start(t, args...)
	eventually(t, "the receiver has every record", receiver.is(func() bool { return len(receiver.prompt) >= 5 }))
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	if !slices.Equal(receiver.prompt, want) {
		t.Errorf("the receiver has %q, want %q", receiver.prompt, want)
	}
}

func linesIn(t *testing.T, files []string) int {
	t.Helper()
	n := 0
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n += strings.Count(string(content), "\n")
	}
	return n
}
