package tee_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dctx-team/routex/tee"
)

func TestInside(t *testing.T) {
	top := t.TempDir()
	data, other := filepath.Join(top, "data"), filepath.Join(top, "other")
	for _, dir := range []string{data, other, filepath.Join(data, "sub")} { // logs does not exist
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"data/out": other, "data/in": filepath.Join(data, "sub"), "data/nowhere": filepath.Join(other, "missing"), "data/loop": filepath.Join(data, "loop"), "also": data,
	} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(top)
	for path, want := range map[string]string{
		"data/x.jsonl":               "data x.jsonl",
		data + "/sub/new/x.jsonl":    "data sub/new/x.jsonl",
		"./logs/x.jsonl":             "logs x.jsonl",
		"logs/a/../b/x.jsonl":        "logs b/x.jsonl",
		"data/in/x.jsonl":            "data sub/x.jsonl",
		"also/x.jsonl":               "data x.jsonl",
		"data/..x.jsonl":             "data ..x.jsonl",
		"data/../other/x.jsonl":      "",
		"logs/../../x.jsonl":         "",
		"/etc/passwd":                "",
		"data":                       "",
		"data/":                      "",
		"data/sub/":                  "",
		"data/out/x.jsonl":           "",
		"data/out":                   "",
		"data/nowhere":               "",
		"data/nowhere/x.jsonl":       "",
		"data/loop/x.jsonl":          "",
		"database/x.jsonl":           "",
		"x.jsonl":                    "",
		"":                           "",
		" ":                          "",
		"data/x\x00.jsonl":           "",
		"data/x.jsonl/../../x":       "",
		"data/in/../../x.jsonl":      "",
		"data/in/../x.jsonl":         "data x.jsonl",
		filepath.Join(other, "x.js"): "",
	} {
		root, inside, err := tee.Inside(path, data, "logs")
		got := ""
		if err == nil {
			got = filepath.Base(root) + " " + inside
		}
		if got != want {
			t.Errorf("%q is %q, want %q: %v", path, got, want, err)
		}
	}
}

// A link that comes after the path was looked at leads nowhere.
func TestFileStaysInItsRoot(t *testing.T) {
	top := t.TempDir()
	root, other := filepath.Join(top, "root"), filepath.Join(top, "other")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	f := tee.NewFile(filepath.Join(root, "a", "x.jsonl"), tee.FileOptions{Root: root})
	defer func() { _ = f.Close() }()
	if err := f.WriteBatch(t.Context(), []*tee.Record{record(1)}); err != nil {
		t.Fatal(err)
	}
	linesOf(t, filepath.Join(root, "a", "x.jsonl"))
	if err := os.RemoveAll(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteBatch(t.Context(), []*tee.Record{record(1)}); err == nil {
		t.Error("a link out of the root is followed")
	}
	if err := os.Remove(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(other, "x.jsonl"), filepath.Join(root, "a", "x.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteBatch(t.Context(), []*tee.Record{record(1)}); err == nil {
		t.Error("a link in the place of the file is followed")
	}
	if files := filesIn(t, other); len(files) > 0 {
		t.Errorf("there are %v", files)
	}
	if err := tee.NewFile(filepath.Join(other, "x.jsonl"), tee.FileOptions{Root: root}).WriteBatch(t.Context(), nil); err == nil {
		t.Error("a file out of the root is opened")
	}
}
