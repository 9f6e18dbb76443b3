package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// A step is a command that users are told, and what they may expect of it.
type step struct {
	line    int
	command string
	status  int         // of the answer; 0 when there is none
	parts   []string    // of what is printed
	names   [][2]string // texts, and the places in the answer of what they stand for
}

// TestCommandsOfTheGuide runs every command as it is printed, in one directory
// and with real curl. Only the address of the server and ids that cannot be
// known before are put in.
func TestCommandsOfTheGuide(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("the commands of the guide need curl: ", err)
	}
	dir := t.TempDir()
	// What goes to providers must not leave this machine.
	p := startIn(t, dir, []string{"HTTPS_PROXY=http://127.0.0.1:1"}, "-demo")
	// curl is told in its own file what the commands do not say: to be quiet,
	// and where to leave the status.
	rc := "silent\nshow-error\nwrite-out = \"%{stderr}%{http_code}\"\n"
	if err := os.WriteFile(filepath.Join(dir, ".curlrc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	known := []string{"http://localhost:3000", p.url}
	for _, s := range readGuide(t) {
		fill := strings.NewReplacer(known...)
		printed, status := s.run(t, dir, fill.Replace(s.command), s.parts)
		if status != s.status {
			t.Errorf("line %d: %s\nstatus %d, want %d: %s", s.line, s.command, status, s.status, printed)
		}
		for _, part := range s.parts {
			if !strings.Contains(printed, fill.Replace(part)) {
				t.Errorf("line %d: %s\n%q is missing in %s", s.line, s.command, fill.Replace(part), printed)
			}
		}
		for _, n := range s.names {
			value := found(printed, n[1])
			if value == "" {
				t.Fatalf("line %d: there is no %s in %s", s.line, n[1], printed)
			}
			known = append(known, n[0], value)
		}
	}
}

// found gives what is at a place in the JSON of an answer, or in its header; ""
// for nothing.
func found(printed, place string) string {
	if !strings.HasSuffix(place, ":") {
		return gjson.Get(printed, place).String()
	}
	_, rest, _ := strings.Cut(printed, "\n"+place)
	line, _, _ := strings.Cut(rest, "\r\n")
	return strings.TrimSpace(line)
}

// run runs a command. One that follows a file ends when it has printed the
// parts that are waited for.
func (s *step) run(t *testing.T, dir, command string, parts []string) (printed string, status int) {
	t.Helper()
	follows := strings.HasPrefix(command, "tail -f ")
	if follows {
		command = "exec " + command
	}
	var stdout output
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CURL_HOME="+dir, "HOME="+dir)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if !follows {
		if err := cmd.Run(); err != nil {
			t.Fatalf("line %d: %s: %v: %s", s.line, s.command, err, stderr.String())
		}
		status, _ = strconv.Atoi(strings.TrimSpace(stderr.String())) // 0 for a command that asks nobody
		return stdout.String(), status
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, s.command+" prints what is expected", func() bool {
		missing := func(part string) bool { return !strings.Contains(stdout.String(), part) }
		return !slices.ContainsFunc(parts, missing)
	})
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	return stdout.String(), 0
}

func TestTheLocaleInTheEnvironment(t *testing.T) {
	p := startIn(t, "", []string{"LOCALE=zh-CN"}, "-data", t.TempDir())
	p.must(200, "GET", "/health", "")
	if _, body := p.must(404, "GET", "/api/nothing", ""); !strings.Contains(body, "没有任何服务") {
		t.Errorf("with LOCALE=zh-CN a message is %s", body)
	}
}

// readGuide reads the commands.
func readGuide(t *testing.T) []step {
	t.Helper()
	text, err := os.ReadFile("testdata/guide.txt")
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		var s *step
		if len(steps) > 0 {
			s = &steps[len(steps)-1]
		}
		switch {
		case mark == "$":
			steps, inside = append(steps, step{line: i + 1, command: rest}), true
		case s == nil:
		case mark == ">":
			inside = false
			if n, err := strconv.Atoi(rest); err == nil {
				s.status = n
				continue
			}
			s.parts = append(s.parts, rest)
		case mark == "=":
			name, place, ok := strings.Cut(rest, " ")
			if !ok {
				t.Fatalf("line %d: %s", i+1, line)
			}
			inside, s.names = false, append(s.names, [2]string{name, place})
		case inside:
			s.command += "\n" + line
		}
	}
	if len(steps) < 40 {
		t.Fatalf("the guide has %d commands only", len(steps))
	}
	return steps
}
