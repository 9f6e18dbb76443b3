package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/store"
)

// A slowUpstream sends the beginning of a stream, and its end when it is told.
type slowUpstream struct {
	*httptest.Server
	finish chan struct{}
}

func newSlowUpstream(t *testing.T) *slowUpstream {
	u := &slowUpstream{finish: make(chan struct{})}
	chunk := func(w io.Writer, delta, end string) {
		_, _ = fmt.Fprintf(w, `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}`+"\n\n", delta, end)
	}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		chunk(w, `{"role":"assistant","content":"first"}`, "null")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-u.finish:
		case <-r.Context().Done():
		}
		chunk(w, `{"content":"last"}`, "null")
		chunk(w, `{}`, `"stop"`)
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}))
	t.Cleanup(u.CloseClientConnections)
	t.Cleanup(u.Close)
	return u
}

// stream begins a streamed call and reads its first event.
func (p *process) stream(u *slowUpstream) *bufio.Reader {
	p.t.Helper()
	p.must(201, "POST", "/api/channels", `{"name":"slow","type":"openai","baseUrl":"`+u.URL+`"}`)
	resp, err := http.Post(p.url+"/v1/chat/completions", "application/json",
		strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = resp.Body.Close() })
	body := bufio.NewReader(resp.Body)
	line, err := body.ReadString('\n')
	if err != nil || !strings.Contains(line, "first") {
		p.t.Fatalf("the stream begins with %q (%v)", line, err)
	}
	return body
}

func (p *process) refuses() bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

func TestAStreamMayEndAfterSIGTERM(t *testing.T) {
	u, p := newSlowUpstream(t), start(t, "-data", t.TempDir())
	body := p.stream(u)
	p.signal(syscall.SIGTERM)
	eventually(t, "new connections are refused", p.refuses)
	close(u.finish)
	rest, err := io.ReadAll(body)
	if err != nil || !strings.Contains(string(rest), "last") || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
		t.Errorf("the stream ends with %q (%v)", rest, err)
	}
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, p.stderr)
	}
}

func TestASecondSignalKills(t *testing.T) {
	u, p := newSlowUpstream(t), start(t, "-data", t.TempDir())
	p.stream(u)
	p.signal(os.Interrupt)
	eventually(t, "new connections are refused", p.refuses)
	p.signal(os.Interrupt)
	if code := p.wait(); code == 0 {
		t.Error("exit code 0, although calls were cut off")
	}
}

func TestConfigurationSurvivesKill(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-data", data)
	p.must(201, "POST", "/api/channels", `{"name":"a","type":"openai","apiKey":"sk-0123456789abc","models":["m1"]}`)
	p.must(201, "POST", "/api/routing/rules", `{"name":"r","type":"default","targetChannel":"a"}`)
	p.must(200, "PUT", "/api/load-balancer/strategy", `{"strategy":"least_used"}`)
	paths := []string{"/api/channels", "/api/routing/rules", "/api/load-balancer/strategy", "/v1/models"}
	var before []string
	for _, path := range paths {
		_, body := p.must(200, "GET", path, "")
		before = append(before, body)
	}
	p.signal(syscall.SIGKILL)
	p.wait()
	p = start(t, "-data", data)
	for i, path := range paths {
		if _, after := p.must(200, "GET", path, ""); after != before[i] {
			t.Errorf("after kill -9, GET %s gives\n%s, before\n%s", path, after, before[i])
		}
	}
}

func TestWhatKeepsItFromStarting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	corrupt, file, used := t.TempDir(), filepath.Join(t.TempDir(), "file"), t.TempDir()
	for _, name := range []string{filepath.Join(corrupt, store.FileName), file} {
		if err := os.WriteFile(name, []byte(strings.Repeat("nonsense ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	badLog := t.TempDir()
	if err := os.WriteFile(filepath.Join(badLog, requests.FileName), []byte(strings.Repeat("nonsense ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "-data", used)
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"port taken":      {[]string{"-addr", taken.Addr().String(), "-data", t.TempDir()}, 1, "address already in use; choose another address with -addr"},
		"corrupt data":    {[]string{"-data", corrupt}, 1, "damaged or no database"},
		"corrupt log":     {[]string{"-data", badLog}, 1, "cannot open the request log"},
		"data is a file":  {[]string{"-data", file}, 1, "the data directory cannot be made"},
		"data is used":    {[]string{"-data", used}, 1, "another process uses the file"},
		"bad flag":        {[]string{"-demo=perhaps"}, 2, "perhaps"},
		"unknown address": {[]string{"-addr", "256.1.1.1:80", "-data", t.TempDir()}, 1, "cannot listen"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cmd := command(tt.args...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			_ = cmd.Run() // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("exit code %d, stderr %q; want %d and %q", code, stderr.String(), tt.code, tt.says)
			}
			if strings.Contains(stderr.String(), "goroutine") {
				t.Errorf("it panics: %s", stderr.String())
			}
		})
	}
}

func TestAWarningWhenOthersCanSpendMoney(t *testing.T) {
	const warning = "calls need no key"
	p := start(t, "-addr", "0.0.0.0:0", "-open-v1", "-data", t.TempDir())
	eventually(t, "it warns", func() bool { return strings.Contains(p.stdout.String(), warning) })
	for _, args := range [][]string{{"-addr", "localhost:0", "-open-v1"}, {"-addr", "0.0.0.0:0"}} {
		p = start(t, append(args, "-data", t.TempDir())...)
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != 0 || strings.Contains(p.stdout.String(), warning) {
			t.Errorf("with %q: exit code %d, log %s", args, code, p.stdout)
		}
	}
}
