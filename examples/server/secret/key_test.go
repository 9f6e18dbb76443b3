package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/secret"
)

func TestKeysAreReadInTheirUsualForms(t *testing.T) {
	raw := []byte("0123456789abcdef0123456789abcde\xff")
	want := ""
	for _, text := range []string{
		hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		" " + base64.StdEncoding.EncodeToString(raw) + "\n",
	} {
		key, err := secret.ParseKey(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if want == "" {
			want = key.ID()
		}
		if key.ID() != want {
			t.Errorf("%q is another key", text)
		}
		for _, shown := range []string{fmt.Sprint(key), fmt.Sprintf("%+v", key), fmt.Sprintf("%#v", key)} {
			if strings.Contains(shown, base64.StdEncoding.EncodeToString(raw)) || len(shown) > 20 {
				t.Errorf("a key prints as %s", shown)
			}
		}
	}
	for _, text := range []string{"", "a password that people choose", hex.EncodeToString(raw[:31]), base64.StdEncoding.EncodeToString(append(raw, 0))} {
		if _, err := secret.ParseKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q gives %v, want an error without the text", text, err)
		}
	}
}

func openFile(t *testing.T, path string) *secret.KeyFile {
	t.Helper()
	f, err := secret.OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheKeyFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), secret.FileName)
	first, again := openFile(t, path), openFile(t, path)
	if first.Key.ID() != again.Key.ID() || again.Old != nil {
		t.Errorf("the second time the key is %v (and %v), the first %v", again.Key, again.Old, first.Key)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestARotationThatWasCutOffGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), secret.FileName)
	f := openFile(t, path)
	before := f.Key.ID()
	if err := f.Next(); err != nil {
		t.Fatal(err)
	}
	after := f.Key.ID()
	f = openFile(t, path) // after a crash
	if f.Key.ID() != after || len(f.Old) != 1 || f.Old[0].ID() != before {
		t.Fatalf("amid the rotation the keys are %v and %v", f.Key, f.Old)
	}
	for range 2 {
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	f = openFile(t, path)
	if f.Key.ID() != after || f.Old != nil {
		t.Errorf("after it they are %v and %v", f.Key, f.Old)
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(names) != 1 {
		t.Errorf("files are left: %q", names)
	}
}

func TestAKeyFileThatCannotBeTrustedIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(path string) error
		want   string
	}{
		"damaged":            {func(path string) error { return os.WriteFile(path, []byte("short"), 0o600) }, "damaged"},
		"empty":              {func(path string) error { return os.WriteFile(path, nil, 0o600) }, "damaged"},
		"readable by others": {func(path string) error { return os.Chmod(path, 0o640) }, "chmod 600"},
		"a directory": {func(path string) error {
			_ = os.Remove(path)
			return os.Mkdir(path, 0o700)
		}, "master key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), secret.FileName)
			openFile(t, path)
			if err := tt.change(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			if _, err := secret.OpenKeyFile(path); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q in it", err, tt.want)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was overwritten")
			}
		})
	}
}
