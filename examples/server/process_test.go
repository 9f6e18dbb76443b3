package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// runAsServer in the environment makes the test binary the program itself, so
// that tests can start and kill it as what it is: a process.
const runAsServer = "ROUTEX_TEST_RUN_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(runAsServer) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patienceOfTests bounds every wait for a process.
const patienceOfTests = 90 * time.Second

// A process is a running server.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stdout *output // without the first line
	stderr *output
	ended  chan struct{} // closed when it has ended
}

// output collects what a process writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), runAsServer+"=1", "HOST=", "PORT=0")
	return cmd
}

// start starts a server and waits until it says where it listens.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startIn(t, "", nil, args...)
}

// startIn is start in a directory of its own and with more in the environment.
func startIn(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: command(args...), stdout: new(output), stderr: new(output), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, append(p.cmd.Env, env...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); <-p.ended })
	lines := bufio.NewScanner(stdout)
	first := make(chan string, 1)
	go func() {
		for lines.Scan() { // the log may have something to say before
			if strings.Contains(lines.Text(), "listens on ") {
				break
			}
			_, _ = io.WriteString(p.stdout, lines.Text()+"\n")
		}
		first <- lines.Text()
		for lines.Scan() {
			_, _ = io.WriteString(p.stdout, lines.Text()+"\n")
		}
		_, _ = io.Copy(io.Discard, stdout) // after a line that is too long
		_ = p.cmd.Wait()                   // its outcome is in ProcessState
		close(p.ended)
	}()
	select {
	case line := <-first:
		var found bool
		if _, p.url, found = strings.Cut(line, "listens on "); !found {
			t.Fatalf("the server says %q: %s", line, p.stderr)
		}
	case <-time.After(patienceOfTests):
		t.Fatal("the server does not say that it listens")
	}
	return p
}

// wait waits for the end and gives the exit code, -1 for one by a signal.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patienceOfTests):
		p.t.Fatalf("the server does not end: %s", p.stderr)
		return 0
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("signal %v: %v", s, err)
	}
}

// do sends a request and gives the answer with its body read.
func (p *process) do(method, path, body string, header ...string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatalf("%s %s: the answer breaks off: %v", method, path, err)
	}
	return resp, string(b)
}

// must is do for a request that has to get that status.
func (p *process) must(status int, method, path, body string, header ...string) (*http.Response, string) {
	p.t.Helper()
	resp, got := p.do(method, path, body, header...)
	if resp.StatusCode != status {
		p.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, resp.StatusCode, status, got)
	}
	return resp, got
}

// decode reads JSON out of an answer.
func decode[T any](t *testing.T, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, body)
	}
	return v
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patienceOfTests)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("it never happens that %s", what)
		}
	}
}
