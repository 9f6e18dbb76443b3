package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// call is the body of a call.
const call = `{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`

// A server is a running process.
type server struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
}

// start starts the program, and gives it back when it listens.
func start(ctx context.Context, program, data string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, program, "-data", data, "-addr", "127.0.0.1:0")}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}, Timeout: time.Minute}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var found bool
		if _, s.url, found = strings.Cut(lines.Text(), "listens on "); found {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until the process ends
			return s, nil
		}
	}
	return nil, fmt.Errorf("the server does not say that it listens: %w", s.cmd.Wait())
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // its code does not matter
	s.client.CloseIdleConnections()
}

// ask sends a request that has to get that status.
func (s *server) ask(ctx context.Context, method, path, body string, status int) error {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		err = fmt.Errorf("%s %s: status %d: %.300s", method, path, resp.StatusCode, answer)
	}
	return err
}

// memory is the resident set in KiB after a while of idleness; 0 where the
// system does not tell.
func (s *server) memory(ctx context.Context) (kib int) {
	select {
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "VmRSS: %d", &kib); n == 1 {
			return kib
		}
	}
	return 0
}

// A forgetful provider does not keep every call that it gets.
type forgetful struct {
	p *routextest.Provider
	n atomic.Int64
}

// ServeHTTP implements http.Handler.
func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.n.Add(1)%100 == 0 {
		f.p.Reset()
	}
	f.p.ServeHTTP(w, r)
}
