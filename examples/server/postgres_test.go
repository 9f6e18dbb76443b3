package main

import (
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/pgtest"
)

func TestServersShareADatabase(t *testing.T) {
	t.Setenv("ROUTEX_MASTER_KEY", strings.Repeat("ab", 32))
	database := pgtest.New(t)
	url := database.Database()
	one := start(t, "-data", t.TempDir(), "-dsn", url, "-demo")
	two := start(t, "-data", t.TempDir(), "-dsn", url)

	one.must(201, "POST", "/api/channels", `{"name":"a","type":"openai","apiKey":"sk-0123456789abcdef","models":["m1"]}`)
	written := time.Now()
	eventually(t, "the other server has the channel", func() bool {
		_, body := two.do("GET", "/v1/models", "")
		return strings.Contains(body, "m1")
	})
	if late := time.Since(written); late > 15*time.Second { // one, on a machine that does nothing else
		t.Errorf("the other server has it after %v", late)
	}
	two.must(200, "PUT", "/api/channels/a", `{"models":["m2"]}`)
	eventually(t, "the first server has the change", func() bool {
		_, body := one.do("GET", "/v1/models", "")
		return strings.Contains(body, "m2") && !strings.Contains(body, "m1")
	})

	database.Stop()
	for _, p := range []*process{one, two} {
		if _, body := p.must(200, "GET", "/v1/models", ""); !strings.Contains(body, "m2") {
			t.Errorf("without the database, models are %s", body)
		}
	}
	one.must(503, "PUT", "/api/channels/a", `{"models":["m3"]}`)
	const call = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`
	for range 3 {
		one.must(200, "POST", "/v1/chat/completions", call)
	}
	eventually(t, "the server says that the log cannot be written", func() bool {
		_, body := one.must(200, "GET", "/health/detailed", "")
		return strings.Contains(body, "the request log cannot be written: 3 calls wait") && strings.Contains(body, `"status":"unhealthy"`)
	})
	one.must(503, "GET", "/api/requests", "")
	database.Start()
	one.must(200, "PUT", "/api/channels/a", `{"models":["m4"]}`)
	eventually(t, "the other server catches up", func() bool {
		_, body := two.do("GET", "/v1/models", "")
		return strings.Contains(body, "m4")
	})
	two.logged("?model=gpt-4o", 3) // those of all servers
}

func TestADatabaseThatCannotBeUsed(t *testing.T) {
	for name, tt := range map[string]struct {
		dsn, says string
		code      int
	}{
		"nobody there":  {"postgres://u:hunter2@127.0.0.1:1/db", "the database cannot be reached", 1},
		"not its URL":   {"mysql://u:hunter2@127.0.0.1/db", "begins with postgres://", 2},
		"no URL at all": {"postgres://u:hunter2@[/db", "cannot open the database", 1},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command("-data", t.TempDir(), "-dsn", tt.dsn)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			_ = cmd.Run() // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(stderr.String(), tt.says) || strings.Contains(stderr.String(), "hunter2") {
				t.Errorf("exit code %d, stderr %q; want %d and %q, and no password", code, stderr.String(), tt.code, tt.says)
			}
		})
	}
}
