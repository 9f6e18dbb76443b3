package routex_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dctx-team/routex"

// A leaf imports no other package of the module, internal ones aside, and only
// tests and programs import the package for tests.
func TestLeavesStandAlone(t *testing.T) {
	leaves := []string{"balance", "breaker", "router", "tee", "trace", "transform"}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "examples") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		home, _, _ := strings.Cut(filepath.ToSlash(path), "/")
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			inner, ours := strings.CutPrefix(name+"/", module+"/")
			if !ours {
				continue
			}
			target, _, _ := strings.Cut(inner, "/")
			switch {
			case target == "internal" || target == home:
			case slices.Contains(leaves, home):
				t.Errorf("%s: the leaf %s imports %s", path, home, name)
			case target == "routextest" || target == "":
				if home != "routextest" {
					t.Errorf("%s imports %s", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A host that does not ask for metrics links nothing of what serves them.
func TestOnlyOnePackageNeedsTheSDK(t *testing.T) {
	heavy := func(name string) bool {
		for _, prefix := range []string{"go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/exporters", "github.com/prometheus/"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	list := func(pattern string) []string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pattern).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pattern, err)
		}
		return strings.Fields(string(out))
	}
	for _, pattern := range []string{".", "./routextest", "./trace"} {
		if i := slices.IndexFunc(list(pattern), heavy); i >= 0 {
			t.Errorf("%s links %s", pattern, list(pattern)[i])
		}
	}
	if !slices.ContainsFunc(list("./trace/prom"), heavy) {
		t.Error("not even trace/prom links the SDK: this test looks for the wrong names")
	}
}
