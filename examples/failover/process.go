package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A process is the server.
type process struct {
	url string
	cmd *exec.Cmd
	dir string // of its own, for its data and its log
}

// build makes the server's program, in a directory of its own.
func build(ctx context.Context, dir string) (program string, err error) {
	program = filepath.Join(dir, "server")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/dctx-team/routex/examples/server")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the server: %w: %s", err, out)
	}
	return program, nil
}

// start starts a server with nothing in it, on a free port.
func start(ctx context.Context, program string) (_ *process, err error) {
	p := &process{}
	if p.dir, err = os.MkdirTemp("", "failover"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(p.dir)
		}
	}()
	if program == "" {
		if program, err = build(ctx, p.dir); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	p.cmd = exec.Command(program, "-addr", "127.0.0.1:0", "-data", filepath.Join(p.dir, "data"))
	p.cmd.Stderr = log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines, line, url, found := bufio.NewReader(out), "", "", false
	for !found && err == nil { // the log may have something to say before
		line, err = lines.ReadString('\n')
		_, url, found = strings.Cut(strings.TrimSpace(line), "listens on ")
	}
	if !found {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("the server does not start: %s%s", line, said)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // the log, until the server ends
	p.url = url
	return p, nil
}

// stop lets the server end, which it does at once when no call is left.
func (p *process) stop() error {
	defer func() { _ = os.RemoveAll(p.dir) }()
	_ = p.cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the server does not end in good order, as if calls were left: %w", err)
	}
	return nil
}

// A channelView is what is needed of a channel of the management API.
type channelView struct {
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	API      string            `json:"api,omitempty"`
	BaseURL  string            `json:"baseUrl"`
	Models   []string          `json:"models"`
	ModelMap map[string]string `json:"modelMap"`
	Priority int               `json:"priority"`
	Timeouts map[string]int64  `json:"timeouts,omitempty"`
	InFlight int64             `json:"inFlight,omitempty"`
}

// manage makes a request to the management API and reads the data of its
// answer.
func (p *process) manage(ctx context.Context, method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	return json.Unmarshal(answer, &struct {
		Data any `json:"data"`
	}{out})
}
