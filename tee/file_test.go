package tee_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/tee"
)

// record is the one of a number, which it has as its model.
func record(n int) *tee.Record {
	return &tee.Record{
		Time: time.Unix(1_700_000_000, 0), TraceID: fmt.Sprintf("%032x", n), Model: fmt.Sprint(n), Channel: "main", Status: 200, Attempts: 1,
		Request:  json.RawMessage(`{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("x", n%300) + `"}]}`),
		Response: json.RawMessage(`{"choices":[]}`),
	}
}

// linesOf gives the models of a file of which every line must be a record.
func linesOf(t testing.TB, paths ...string) []string {
	t.Helper()
	var models []string
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 && b[len(b)-1] != '\n' {
			t.Errorf("%s does not end with a newline", path)
		}
		for line := range bytes.Lines(b) {
			var r tee.Record
			if err := json.Unmarshal(line, &r); err != nil || r.Attempts != 1 {
				t.Fatalf("%s holds the line %.300s: %v", path, line, err)
			}
			models = append(models, r.Model)
		}
	}
	return models
}

// filesIn lists the files of a directory by name, by which those that were put
// aside are in the order of time, and before the one that is written to.
func filesIn(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func openTee(t testing.TB, d tee.Destination) *tee.Tee {
	t.Helper()
	d.ID = "file"
	one, err := tee.Open(d)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func TestEveryRecordReachesTheFileInOrder(t *testing.T) {
	const writers, each = 16, 100_000 / 16 / slow
	path := filepath.Join(t.TempDir(), "logs", "requests.jsonl")
	file := openTee(t, tee.Destination{Queue: writers * each, QueueBytes: 1 << 30, Sink: tee.NewFile(path, tee.FileOptions{})})
	var order sync.Mutex // what it is held for is written in this order
	n := 0
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				order.Lock()
				err := file.Write(t.Context(), record(n))
				n++
				order.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := file.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	models := linesOf(t, path)
	if s := file.Stats(); len(models) != writers*each || s.Sent != writers*each || s.Dropped+s.Failed != 0 || s.Queued != 0 || s.QueuedBytes != 0 {
		t.Fatalf("%d lines; %+v", len(models), s)
	}
	for i, model := range models {
		if model != fmt.Sprint(i) {
			t.Fatalf("line %d is record %s", i, model)
		}
	}
}

func TestFileBelongsToItsOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	f := tee.NewFile(filepath.Join(dir, "x.jsonl"), tee.FileOptions{})
	if err := f.WriteBatch(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Dir(dir): 0o700, filepath.Join(dir, "x.jsonl"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// write appends records to a file through a sink of its own.
func write(t testing.TB, path string, records ...*tee.Record) {
	t.Helper()
	f := tee.NewFile(path, tee.FileOptions{MaxAge: -1}) // the records are old
	if err := f.WriteBatch(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestHalfLineIsRemoved(t *testing.T) {
	whole := append(record(1).AppendJSON(nil), '\n')
	last := append(record(2).AppendJSON(nil), '\n')
	for end := range len(last) + 1 {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.WriteFile(path, append(bytes.Clone(whole), last[:end]...), 0o600); err != nil {
			t.Fatal(err)
		}
		write(t, path, record(3))
		want := "[1 3]"
		if end >= len(last)-1 { // only the newline was missing
			want = "[1 2 3]"
		}
		if got := fmt.Sprint(linesOf(t, path)); got != want {
			t.Fatalf("after %d of %d bytes of the second record, the file has the records %s, want %s", end, len(last), got, want)
		}
	}
}

// A file without a single newline, longer than what is read of it at once.
func TestLongHalfLineIsRemoved(t *testing.T) {
	r := record(1)
	r.Request = json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`)
	half := r.AppendJSON(nil)[:199_000]
	for _, start := range []string{"", string(record(0).AppendJSON(nil)) + "\n"} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.WriteFile(path, append([]byte(start), half...), 0o600); err != nil {
			t.Fatal(err)
		}
		write(t, path, r)
		want := strings.Count(start, "\n") + 1
		if got := linesOf(t, path); len(got) != want || got[want-1] != "1" {
			t.Errorf("the file has the records %v", got)
		}
	}
}

func TestOtherFilesAreNotTouched(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"routex.db": "SQLite format 3\x00 and more", "config.json": `{"channels":[]}`, "x.log": "hello"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		f := tee.NewFile(path, tee.FileOptions{MaxSize: 1})
		if err := f.WriteBatch(t.Context(), []*tee.Record{record(1)}); err == nil || !strings.Contains(err.Error(), "use another name") {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%s holds %q now: %v", name, b, err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "x.log", "y.jsonl"), os.DevNull} {
		if err := tee.NewFile(path, tee.FileOptions{}).WriteBatch(t.Context(), nil); err == nil {
			t.Errorf("%s is taken for a file", path)
		}
	}
}

func TestFileIsOpenedAgainWhenItHasVanished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "x.jsonl")
	f := tee.NewFile(path, tee.FileOptions{})
	defer func() { _ = f.Close() }()
	next := 0
	add := func() {
		t.Helper()
		if err := f.WriteBatch(t.Context(), []*tee.Record{record(next)}); err != nil {
			t.Fatal(err)
		}
		next++
	}
	expect := func(path, want string) {
		t.Helper()
		if got := fmt.Sprint(linesOf(t, path)); got != want {
			t.Errorf("%s has the records %s, want %s", path, got, want)
		}
	}
	add()
	moved := filepath.Join(dir, "moved")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	add()
	expect(moved, "[0]")
	expect(path, "[1]")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	add()
	expect(path, "[2]")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	add()
	expect(path, "[3]")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	add()
	expect(path, "[4]")
}

func TestRotationLosesNothing(t *testing.T) {
	const writers, each = 8, 1000 / min(slow, 2)
	dir := t.TempDir()
	path := filepath.Join(dir, "requests.jsonl")
	file := openTee(t, tee.Destination{Queue: writers * each, Batch: 37, Sink: tee.NewFile(path, tee.FileOptions{MaxSize: 100_000, Keep: -1})})
	var order sync.Mutex
	n := 0
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				order.Lock()
				_ = file.Write(t.Context(), record(n))
				n++
				order.Unlock()
			}
		})
	}
	all.Wait()
	if err := file.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	files := filesIn(t, dir)
	models := linesOf(t, files...)
	if len(files) < 10 || len(models) != n || files[len(files)-1] != path {
		t.Fatalf("%d records of %d in %d files", len(models), n, len(files))
	}
	for i, model := range models {
		if model != fmt.Sprint(i) {
			t.Fatalf("line %d is record %s", i, model)
		}
	}
	for _, path := range files {
		if info, err := os.Stat(path); err != nil || info.Size() > 100_000 {
			t.Errorf("%s has %d bytes: %v", path, info.Size(), err)
		}
	}
}

func TestRotationByAgeKeepsSoMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.jsonl")
		for _, name := range []string{"x-notes.jsonl", "y-20060102T150405.000Z.jsonl", "x-20060102T150405.000Z.txt"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f := tee.NewFile(path, tee.FileOptions{MaxAge: time.Hour, Keep: 2})
		for n := range 5 {
			r := record(n)
			r.Time = time.Now()
			for range 2 {
				if err := f.WriteBatch(t.Context(), []*tee.Record{r}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(25 * time.Minute)
				if n == 3 { // a new process goes on with the same file
					_ = f.Close()
				}
			}
			time.Sleep(25 * time.Minute)
		}
		_ = f.Close()
		got := map[string]string{}
		for _, file := range filesIn(t, dir) {
			got[filepath.Base(file)] = fmt.Sprint(linesOf(t, file))
		}
		want := map[string]string{
			"x-notes.jsonl": "[]", "y-20060102T150405.000Z.jsonl": "[]", "x-20060102T150405.000Z.txt": "[]",
			"x-20000101T034500.000Z.jsonl": "[2 2]", "x-20000101T050000.000Z.jsonl": "[3 3]", "x.jsonl": "[4 4]",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("there are the files %v\nwant %v", got, want)
		}
	})
}

func TestOldFilesAreRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := tee.NewFile(filepath.Join(dir, "x.jsonl"), tee.FileOptions{MaxSize: 1, Keep: -1, KeepFor: 3 * time.Hour})
		for n := range 10 {
			if err := f.WriteBatch(t.Context(), []*tee.Record{record(n)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		_ = f.Close()
		if got := fmt.Sprint(linesOf(t, filesIn(t, dir)...)); got != "[5 6 7 8 9]" {
			t.Errorf("there are the records %s", got)
		}
	})
}

// Records wait until a file can be written to, and those for which there is no
// room are counted.
func TestFileThatCannotBeWrittenTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "logs", "x.jsonl")
		if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil { // in the place of the directory
			t.Fatal(err)
		}
		var changes []string
		file := openTee(t, tee.Destination{Queue: 10, Batch: 3, Sink: tee.NewFile(path, tee.FileOptions{}), OnChange: func(s tee.Stats) {
			changes = append(changes, fmt.Sprintf("failing %v dropping %v", s.Failing, s.Dropping))
		}})
		for n := range 15 {
			if err := file.Write(t.Context(), record(n)); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		s := file.Stats()
		if s.Queued != 10 || s.Dropped != 5 || !s.Failing || !s.Dropping || !strings.Contains(s.LastError, "not a directory") || s.LastErrorAt.IsZero() {
			t.Errorf("while it cannot be written to: %+v", s)
		}
		if err := file.Test(t.Context(), nil); err == nil {
			t.Error("Test finds nothing")
		}
		if err := os.Remove(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s := file.Stats(); s.Queued != 0 || s.Sent != 10 || s.Failing || s.Dropping || s.Dropped != 5 || s.LastError == "" {
			t.Errorf("when it can: %+v", s)
		}
		if err := file.Test(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if err := file.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(linesOf(t, path)); got != "[0 1 2 3 4 5 6 7 8 9]" {
			t.Errorf("the file has the records %s", got)
		}
		if len(changes) < 2 || changes[len(changes)-1] != "failing false dropping false" || !strings.Contains(fmt.Sprint(changes), "failing true dropping true") {
			t.Errorf("changes are told as %q", changes)
		}
	})
}

func TestRecordsSkipsWhatIsNone(t *testing.T) {
	line := string(record(1).AppendJSON(nil))
	text := line + "\n" + line[:40] + "\n" + "\x00\x00\x00\n\n{\"a\":1}\n" + line[:40] + line + "\n" + line + "\n" + line
	n := 0
	for r, err := range tee.Records(strings.NewReader(text)) {
		if err != nil || r.Model != "1" {
			t.Errorf("%+v, %v", r, err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d records, want the 2 that are whole", n)
	}
	broken := errors.New("broken")
	for _, err := range tee.Records(&brokenReader{broken}) {
		if !errors.Is(err, broken) {
			t.Errorf("a broken reader gives %v", err)
		}
	}
}

type brokenReader struct{ err error }

func (b *brokenReader) Read([]byte) (int, error) { return 0, b.err }

func ExampleFile() {
	dir, _ := os.MkdirTemp("", "")
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "requests.jsonl")
	log, err := tee.Open(tee.Destination{
		ID:     "log",
		Filter: tee.Filter{Models: []string{"gpt-*"}},
		Redact: []string{"messages.#.content"},
		Sink:   tee.NewFile(path, tee.FileOptions{}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	_ = log.Write(ctx, &tee.Record{Model: "claude-x", Status: 200}) // does not pass the filter
	_ = log.Write(ctx, &tee.Record{Model: "gpt-x", Status: 200, Request: []byte(`{"messages":[{"content":"hi"}],"user":"sk-0123456789"}`)})
	_ = log.Close(ctx)

	file, _ := os.Open(path)
	defer func() { _ = file.Close() }()
	for r, err := range tee.Records(file) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Model, r.Status, string(r.Request))
	}
	// Output: gpt-x 200 {"messages":[{"content":"[redacted]"}],"user":"[redacted]"}
}
