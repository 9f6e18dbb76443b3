// Package pgtest runs a PostgreSQL server for tests.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Required in the environment makes a test fail that would skip because the
// machine has no PostgreSQL.
const Required = "ROUTEX_POSTGRES"

const patience = 30 * time.Second

// A Server is a PostgreSQL server with a directory and a socket of its own,
// that ends with the test. It is not for concurrent use.
type Server struct {
	t     testing.TB
	bin   string // the directory of the programs
	dir   string
	as    *syscall.Credential // nil for the user of the test
	cmd   *exec.Cmd           // nil while it is stopped
	ended chan struct{}
	log   bytes.Buffer // until ended

	databases int
}

// New starts a server. It skips the test when there is no PostgreSQL.
func New(t testing.TB) *Server {
	t.Helper()
	bin := programs()
	if bin == "" {
		if os.Getenv(Required) != "" {
			t.Fatal("there is no PostgreSQL on this machine, and " + Required + " is set")
		}
		t.Skip("there is no PostgreSQL on this machine")
	}
	dir, err := os.MkdirTemp("", "rtxpg") // short: the path of a socket is limited
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, bin: bin, dir: dir, as: unprivileged(t)}
	t.Cleanup(func() { s.Stop(); _ = os.RemoveAll(dir) })
	if s.as != nil {
		if err := os.Chown(dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	s.Start()
	return s
}

// programs finds where the machine has the programs of PostgreSQL.
func programs() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(real)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// unprivileged is another user when the test runs as root, as whom PostgreSQL
// does not run.
func unprivileged(t testing.TB) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("PostgreSQL does not run as root, and there is no other user to run it as")
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

// Start starts the server, which was stopped, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	s.log.Reset()
	s.cmd = s.command("postgres", "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB")
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("postgres: %v", err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(s.cmd) // how it ended does not matter
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := execOn(ctx, s.URL("postgres"), "SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			s.t.Fatalf("postgres does not start: %s", s.log.String())
		case <-ctx.Done():
			s.t.Fatalf("postgres does not answer: %v", err)
		}
	}
}

// Stop stops the server at once. Its connections are cut.
func (s *Server) Stop() {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // or it has ended by itself
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		s.t.Error("postgres does not stop")
	}
	s.cmd = nil
}

// URL leads to a database of the server.
func (s *Server) URL(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.dir}, "user": {"postgres"}}.Encode()
}

// Database makes an empty database and gives its URL.
func (s *Server) Database() string {
	s.t.Helper()
	s.databases++
	name := fmt.Sprintf("test%d", s.databases)
	s.Exec(s.URL("postgres"), "CREATE DATABASE "+name)
	return s.URL(name)
}

// Exec runs a statement on the database that a URL leads to.
func (s *Server) Exec(url, statement string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := execOn(ctx, url, statement); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

func execOn(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
