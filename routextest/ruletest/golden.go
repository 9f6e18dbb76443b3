package ruletest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
)

// UpdateGolden is the variable of the environment that, when it is set, has
// [Golden] write its files in place of comparing them.
const UpdateGolden = "ROUTEX_UPDATE_GOLDEN"

// Golden makes a subtest of each sample, and fails those that come to something
// else than the file of that name in dir says, such as testdata/agent.golden:
// what [Explain] writes of the decision, and the request that would be sent to
// the first channel, without credentials and with long texts cut short. The number
// of tokens, which is an estimate, is left out, as it may get better. Files that
// belong to no sample fail the test too. It gives what the samples have seen of
// the rules. Nothing is sent; what the Config says of sinks, logs, traces and
// bindings is left out.
//
// Files are written by
//
//	ROUTEX_UPDATE_GOLDEN=1 go test
func Golden(t *testing.T, cfg routex.Config, dir string, samples []Sample) *Coverage {
	t.Helper()
	seen, update := new(Coverage), os.Getenv(UpdateGolden) != ""
	known := make([]string, 0, len(samples))
	for _, s := range samples {
		if slices.Contains(known, s.Name) {
			t.Errorf("two samples are called %q", s.Name)
		}
		known = append(known, s.Name)
		t.Run(s.Name, func(t *testing.T) {
			t.Helper()
			var d *routex.Decision
			var text string
			var err error
			synctest.Test(t, func(t *testing.T) { d, text, err = record(t.Context(), cfg, s.Request) })
			if err != nil {
				t.Fatal(err)
			}
			seen.add(d)
			hold(t, filepath.Join(dir, s.Name+".golden"), text, update)
		})
	}
	strangers(t, dir, known)
	return seen
}

// hold compares a text with that of a file, or writes it.
func hold(t *testing.T, path, text string, update bool) {
	t.Helper()
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // it is what the test names
	if err != nil {
		t.Fatalf("%v; %s=1 writes it:\n%s", err, UpdateGolden, text)
	}
	if diff := lineDiff(string(want), text); diff != "" {
		t.Errorf("%s is not what it comes to now (%s=1 writes it anew):\n%s", path, UpdateGolden, diff)
	}
}

// strangers fails for files that nothing writes any more.
func strangers(t *testing.T, dir string, known []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.golden"))
	if err != nil {
		t.Error(err)
	}
	for _, path := range paths {
		if !slices.Contains(known, strings.TrimSuffix(filepath.Base(path), ".golden")) {
			t.Errorf("%s belongs to no sample", path)
		}
	}
}

// record gives what a new Transport decides, and what it writes down. It runs
// in a bubble.
func record(ctx context.Context, cfg routex.Config, r Request) (*routex.Decision, string, error) {
	cfg.Seed = cmp.Or(cfg.Seed, 1)
	cfg.Sinks, cfg.OnDecision, cfg.Tracer, cfg.Logger, cfg.Bindings = nil, nil, nil, nil, nil
	wait(r)
	ctx, cancel := context.WithTimeout(ctx, 24*time.Hour)
	defer cancel()
	base := &recorder{call: ctx}
	cfg.Base = base
	transport, err := routex.New(cfg)
	if err != nil {
		return nil, "", err
	}
	d, err := explained(ctx, transport, r)
	if err != nil {
		return nil, "", err
	}
	req, err := r.HTTP(ctx)
	if err != nil {
		return nil, "", err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	_ = resp.Body.Close()
	synctest.Wait() // for the copy, if there is one
	text := regexp.MustCompile(`about \d+ tokens`).ReplaceAllString(Explain(d), "about ... tokens")
	if sent := base.text(); sent != "" {
		text += fmt.Sprintf("\n%s", sent)
	}
	return d, text, nil
}
