package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/secret"
)

func randomKey() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// once runs a command that ends by itself.
func once(t *testing.T, args ...string) (code int, output string) {
	t.Helper()
	cmd := command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // the code tells
	return cmd.ProcessState.ExitCode(), out.String()
}

// stop ends a server as SIGTERM does.
func (p *process) stop() {
	p.t.Helper()
	p.signal(os.Interrupt)
	if code := p.wait(); code != 0 {
		p.t.Fatalf("exit code %d: %s", code, p.stderr)
	}
}

// statusOf starts a server and gives the status of its channel c.
func statusOf(t *testing.T, data string) string {
	t.Helper()
	p := start(t, "-data", data)
	defer p.stop()
	_, body := p.must(200, "GET", "/api/channels/c", "")
	return decode[struct{ Data struct{ Status string } }](t, body).Data.Status
}

func TestTheMasterKeyCanBeRotated(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-data", data)
	p.must(201, "POST", "/api/channels", `{"name":"c","type":"openai","apiKey":"sk-0123456789abc"}`)
	p.must(201, "POST", "/api/tee", `{"name":"t","type":"webhook","enabled":false,"url":"https://example.com/in"}`)
	p.stop()
	file := filepath.Join(data, secret.FileName)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if code, out := once(t, "-data", data, "-rotate-key"); code != 0 || !strings.Contains(out, "The secrets of channels and tees, 2 in all, are sealed with the new key") {
		t.Fatalf("code %d: %s", code, out)
	}
	after, err := os.ReadFile(file)
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the key file is the same (%v)", err)
	}
	if got := statusOf(t, data); got != "enabled" {
		t.Errorf("after the rotation the channel is %s", got)
	}

	first, second := randomKey(), randomKey()
	t.Setenv("ROUTEX_NEW_MASTER_KEY", first)
	if code, out := once(t, "-data", data, "-rotate-key"); code != 0 || strings.Contains(out, first) {
		t.Fatalf("from the file to the environment: code %d: %s", code, out)
	}
	t.Setenv("ROUTEX_NEW_MASTER_KEY", "")
	if got := statusOf(t, data); got != "broken" {
		t.Errorf("with the key in the file the channel is %s", got)
	}
	if code, out := once(t, "-data", data, "-rotate-key"); code != 1 || !strings.Contains(out, `nothing was changed: the master key cannot read the secrets of channel "c", tee "t"`) {
		t.Errorf("a rotation would lose secrets: code %d: %s", code, out)
	}
	t.Setenv("ROUTEX_MASTER_KEY", first)
	if got := statusOf(t, data); got != "enabled" {
		t.Errorf("with the key in the environment the channel is %s", got)
	}
	if code, out := once(t, "-data", data, "-rotate-key"); code != 1 || !strings.Contains(out, "ROUTEX_NEW_MASTER_KEY") {
		t.Errorf("without a new key: code %d: %s", code, out)
	}
	t.Setenv("ROUTEX_NEW_MASTER_KEY", second)
	if code, out := once(t, "-data", data, "-rotate-key"); code != 0 {
		t.Fatalf("in the environment: code %d: %s", code, out)
	}
	t.Setenv("ROUTEX_MASTER_KEY", second)
	if got := statusOf(t, data); got != "enabled" {
		t.Errorf("after the second rotation the channel is %s", got)
	}
	t.Setenv("ROUTEX_MASTER_KEY", "swordfish")
	if code, out := once(t, "-data", data); code != 1 || !strings.Contains(out, "ROUTEX_MASTER_KEY: a master key is 32 bytes") || strings.Contains(out, "swordfish") {
		t.Errorf("a bad key: code %d: %s", code, out)
	}
}
