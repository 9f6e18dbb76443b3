package logs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/examples/server/logs"
)

// lines are those of a text, each of them decoded.
func lines(t *testing.T, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(text) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("a line is not JSON: %v: %s", err, line)
		}
		out = append(out, v)
	}
	return out
}

func TestLinesGoToStandardOutputAndToTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "logs")
	var stdout bytes.Buffer
	l, err := logs.Open(&stdout, dir, logs.NewLevels(slog.LevelInfo))
	if err != nil {
		t.Fatal(err)
	}
	l.Module(logs.ModuleServer).Info("hello", "n", 1)
	l.Module(logs.ModuleServer).Debug("too low")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(l.Path())
	if err != nil || l.Path() != filepath.Join(dir, "routex.log") {
		t.Fatalf("%s: %v", l.Path(), err)
	}
	if string(file) != stdout.String() {
		t.Errorf("the file has %q, standard output %q", file, stdout.String())
	}
	got := lines(t, string(file))
	if len(got) != 1 || got[0]["msg"] != "hello" || got[0]["module"] != "server" || got[0]["n"] != 1.0 || got[0]["level"] != "INFO" {
		t.Errorf("the log has %v", got)
	}
	if info, err := os.Stat(l.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestAFileThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.Open(new(bytes.Buffer), file, logs.NewLevels(slog.LevelInfo)); err == nil {
		t.Error("a file is taken for a directory")
	}
}

func TestLevelsOfModules(t *testing.T) {
	var stdout bytes.Buffer
	levels := logs.NewLevels(slog.LevelInfo)
	l, err := logs.Open(&stdout, "", levels)
	if err != nil {
		t.Fatal(err)
	}
	admin, server := l.Module(logs.ModuleAdmin).With("a", 1).WithGroup("g"), l.Module(logs.ModuleServer)
	say := func() {
		for _, m := range []*slog.Logger{admin, server} {
			m.Debug("debug")
			m.Error("error")
		}
	}
	say()
	levels.Change(func(s *logs.Setting) { s.Modules[logs.ModuleAdmin] = logs.Trace })
	say()
	levels.Change(func(s *logs.Setting) { s.Global = logs.Fatal })
	say()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines(t, stdout.String()) {
		got = append(got, fmt.Sprint(line["module"], " ", line["msg"]))
	}
	want := "admin error,server error,admin debug,admin error,server error,admin debug,admin error"
	if strings.Join(got, ",") != want {
		t.Errorf("the log has %q, want %s", got, want)
	}
	for _, name := range logs.LevelNames() {
		if level, err := logs.ParseLevel(name); err != nil || logs.LevelName(level) != name {
			t.Errorf("%q is the level %v (%v), whose name is %q", name, level, err, logs.LevelName(level))
		}
	}
	if _, err := logs.ParseLevel("loud"); err == nil {
		t.Error("there is a level loud")
	}
}

func TestTheLineOfACall(t *testing.T) {
	var stdout bytes.Buffer
	levels := logs.NewLevels(slog.LevelInfo)
	l, err := logs.Open(&stdout, "", levels)
	if err != nil {
		t.Fatal(err)
	}
	d := routex.Decision{
		Path: "/v1/messages", Dialect: "anthropic", Model: "m", Status: 200, Channel: "c", UsageKnown: true,
		Attempts: make([]routex.Attempt, 2), Duration: 1500 * time.Millisecond, FirstByte: 200 * time.Millisecond,
	}
	d.Usage.Input, d.Usage.Output = 7, 9
	l.Call(&d)
	d.Class, d.Error, d.Status = breaker.Server, "the provider says sk-secret", 502
	l.Call(&d)
	levels.Change(func(s *logs.Setting) { s.Modules[logs.ModuleCalls] = slog.LevelError })
	l.Call(&d)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := lines(t, stdout.String())
	if len(got) != 2 {
		t.Fatalf("two calls and one that is too low are %d lines: %s", len(got), stdout.String())
	}
	for name, want := range map[string]any{
		"msg": "call", "level": "INFO", "module": "calls", "path": "/v1/messages", "model": "m", "status": 200.0, "channel": "c",
		"attempts": 2.0, "durationMs": 1500.0, "firstByteMs": 200.0, "inputTokens": 7.0, "outputTokens": 9.0,
	} {
		if got[0][name] != want {
			t.Errorf("%s is %v, want %v", name, got[0][name], want)
		}
	}
	if got[1]["level"] != "WARN" || got[1]["class"] != "server" || got[1]["status"] != 502.0 {
		t.Errorf("a call that failed: %v", got[1])
	}
	if strings.Contains(stdout.String(), "sk-secret") {
		t.Errorf("what the provider says is in the log: %s", stdout.String())
	}
}

// A pipe takes nothing until it is opened.
type pipe struct {
	mu   sync.Mutex
	b    bytes.Buffer // under mu
	open chan struct{}
}

func (p *pipe) Write(b []byte) (int, error) {
	<-p.open
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func TestAReaderThatIsStuckHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &pipe{open: make(chan struct{})}
		l, err := logs.Open(stuck, "", logs.NewLevels(slog.LevelInfo))
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("x", 1000)
		for range 10_000 {
			l.Module(logs.ModuleServer).Info("line", "text", long)
		}
		began := time.Now()
		if err := l.Close(); err != nil || time.Since(began) != time.Second {
			t.Errorf("closing takes %v and gives %v, want a second and no error", time.Since(began), err)
		}
		close(stuck.open)
		synctest.Wait()
		shown, missing := 0, 0.0
		for _, line := range lines(t, stuck.b.String()) {
			if n, ok := line["lines"].(float64); ok {
				missing += n
			} else {
				shown++
			}
		}
		if size := stuck.b.Len(); size < 4<<20 || size > 9<<20 || shown+int(missing) != 10_000 {
			t.Errorf("at last standard output has %d lines, %d bytes, and says that %v are missing", shown, size, missing)
		}
	})
}

// A burst is not kept until there is no room for more.
func TestManyLinesAreWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &pipe{open: make(chan struct{})}
		close(out.open)
		l, err := logs.Open(out, "", logs.NewLevels(slog.LevelInfo))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for range 3 {
			l.Module(logs.ModuleServer).Info(strings.Repeat("x", 1<<20))
		}
		synctest.Wait()
		if size := out.b.Len(); size < 2<<20 || time.Since(began) != 0 { // the third waits for more
			t.Errorf("of 3 MB %d bytes are written", size)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheFileIsRotated(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", 1<<20)
	for range 9 { // as many starts, or lines would be left out
		l, err := logs.Open(discard{}, dir, logs.NewLevels(slog.LevelInfo))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			l.Module(logs.ModuleServer).Info(long)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "routex*.log"))
	if err != nil || len(files) != 2 {
		t.Errorf("27 MB of lines are in %q", files)
	}
}

// discard takes everything.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestWhateverACallerNamesIsOneLine(t *testing.T) {
	for _, name := range []string{"a\nb", `a"b\`, "a\x00b", "a\xffb", "a\u2028b", "<&>", "模型"} {
		var stdout bytes.Buffer
		l, err := logs.Open(&stdout, "", logs.NewLevels(slog.LevelInfo))
		if err != nil {
			t.Fatal(err)
		}
		l.Call(&routex.Decision{Model: name, Path: name, Caller: name})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		want := strings.ToValidUTF8(name, "\ufffd")
		if got := lines(t, stdout.String()); len(got) != 1 || got[0]["model"] != want || got[0]["path"] != want || got[0]["clientKeyId"] != want {
			t.Errorf("the line of %q is %s", name, stdout.String())
		}
	}
}
