package store_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/store"
)

// raw runs a statement on the file of a closed store.
func raw(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// filled makes a closed store with enough in it to damage.
func filled(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir)
	c := fullChannel()
	c.APIKey = strings.Repeat("k", 20_000)
	write(t, s, store.Change{PutChannels: []store.Channel{c}, PutRules: []store.Rule{fullRule()}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, filepath.Join(dir, store.FileName)
}

func TestWhatIsNoStoreIsLeftAsItIs(t *testing.T) {
	tests := map[string]struct {
		damage func(t *testing.T, dir, file string)
		want   string // in the error
	}{
		"text": {func(t *testing.T, _, file string) {
			must(t, os.WriteFile(file, bytes.Repeat([]byte("not a database\n"), 100), 0o600))
		}, "damaged or no database"},
		"damaged pages": {func(t *testing.T, _, file string) {
			b, err := os.ReadFile(file)
			must(t, err)
			for i := 4096; i < len(b); i++ {
				b[i] = 0xa5
			}
			must(t, os.WriteFile(file, b, 0o600))
		}, "damaged"},
		"cut off": {func(t *testing.T, _, file string) {
			must(t, os.Truncate(file, 8192))
		}, "damaged"},
		"a newer schema": {func(t *testing.T, dir, _ string) {
			raw(t, dir, "PRAGMA user_version=99")
		}, "newer than this program"},
		"another program's": {func(t *testing.T, dir, file string) {
			must(t, os.Remove(file))
			raw(t, dir, "CREATE TABLE theirs (x)")
		}, "another program"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir, file := filled(t)
			tt.damage(t, dir, file)
			before, err := os.ReadFile(file)
			must(t, err)
			s, err := store.Open(t.Context(), dir)
			if err == nil {
				_ = s.Close()
				t.Fatal("Open takes it for a store")
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("the error is %q; it should say %q and name the file", err, tt.want)
			}
			after, err := os.ReadFile(file)
			must(t, err)
			if !bytes.Equal(before, after) {
				t.Error("Open has changed the file")
			}
		})
	}
}

func TestADirectoryThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	readOnly := filepath.Join(t.TempDir(), "readonly")
	must(t, os.Mkdir(readOnly, 0o500))
	for name, dir := range map[string]string{"a file": file, "below a file": filepath.Join(file, "data"), "read-only": readOnly} {
		t.Run(name, func(t *testing.T) {
			if dir == readOnly && os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			_, err := store.Open(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), "data directory cannot be") {
				t.Errorf("Open gives %v, want an error about the data directory", err)
			}
		})
	}
}

func TestAReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir, file := filled(t)
	must(t, os.Chmod(file, 0o400))
	_, err := store.Open(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "cannot be written to") {
		t.Errorf("Open gives %v, want an error that says it cannot be written to", err)
	}
}

func TestTwoServersCannotShareAStore(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := store.Open(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "another process uses the file") {
		t.Errorf("the second Open gives %v, want an error that says who is in the way", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStoreOfTheFirstVersionIsCarriedOver(t *testing.T) {
	dir := t.TempDir()
	first, err := os.ReadFile(filepath.Join("migrations", "0001_initial.sql"))
	must(t, err)
	raw(t, dir, string(first)+`; PRAGMA application_id=0x72747831; PRAGMA user_version=1;
		INSERT INTO channels (id, name, type, base_url, api_key, headers, models, model_map, priority, weight, disabled,
			transformers, timeouts, created_at, updated_at)
		VALUES ('c1', 'old', 'openai', '', 'sk-x', 'null', '["m"]', 'null', 1, 2, 0,
			'{"use":["openai"],"perModel":{"m":["openai"]}}', '{}', 10, 11)`)
	s := open(t, dir)
	want := store.Channel{
		ID: "c1", Name: "old", Type: "openai", APIKey: "sk-x", Models: []string{"m"}, Priority: 1, Weight: 2, CreatedAt: 10, UpdatedAt: 11,
		Transformers: &store.Transformers{
			Use:      []store.Transformer{{Name: "openai"}},
			PerModel: map[string][]store.Transformer{"m": {{Name: "openai"}}},
		},
	}
	if got := load(t, s).Channels; !reflect.DeepEqual(got, []store.Channel{want}) {
		t.Errorf("carried over is\n%+v, want\n%+v", got, want)
	}
	want.API, want.Config.Deployment = "responses", "d"
	want.APIKeys, want.MaxConcurrency, want.ContextWindow = []string{"sk-y"}, 3, store.Windows{"m": 5}
	write(t, s, store.Change{PutChannels: []store.Channel{want}})
	if got := load(t, s).Channels; !reflect.DeepEqual(got, []store.Channel{want}) {
		t.Errorf("written is\n%+v, want\n%+v", got, want)
	}
}
