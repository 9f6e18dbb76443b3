package requests_test

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/usage"
)

// A server that is killed loses what it has not written, and nothing else: its
// files are those that are copied here.
func TestWhatIsWrittenOutlivesTheProcess(t *testing.T) {
	dir, left := t.TempDir(), t.TempDir()
	l, err := requests.Open(t.Context(), dir, forever)
	opened(t, l, err)
	const calls = 700
	for range calls {
		l.Add(fullDecision())
	}
	written(t, l)
	if _, total := list(t, l, requests.Query{}); total != calls {
		t.Fatalf("%d of %d calls are listed", total, calls)
	}
	files, err := filepath.Glob(filepath.Join(dir, requests.FileName+"*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("there are the files %q: %v", files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, filepath.Base(file)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := requests.Open(t.Context(), left, forever)
	opened(t, again, err)
	if _, total := list(t, again, requests.Query{}); total != calls {
		t.Errorf("%d of %d calls were written", total, calls)
	}
}

// A block that something has changed gives an error, whatever it was.
func TestDamagedBlocksAreTold(t *testing.T) {
	dir := t.TempDir()
	open := func() *requests.Log {
		l, err := requests.Open(t.Context(), dir, forever)
		return opened(t, l, err)
	}
	l := open()
	for range 50 {
		l.Add(fullDecision())
	}
	calls, _ := list(t, l, requests.Query{Limit: 1})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 10))
	for _, column := range []string{"texts", "heads", "bodies", "cut"} {
		told := 0
		for range 20 {
			damage(t, filepath.Join(dir, requests.FileName), column, r)
			l := open()
			if _, _, err := l.List(t.Context(), requests.Query{Limit: 100, Text: "x"}); err != nil {
				told++
			}
			if _, _, err := l.Get(t.Context(), calls[0].ID); err != nil && !errors.Is(err, requests.ErrNotFound) {
				told++
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if told == 0 {
			t.Errorf("no damage to the %s was told", column)
		}
	}
}

// damage writes noise over some bytes of a column, or cuts all columns.
func damage(t *testing.T, file, column string, r *rand.Rand) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if column == "cut" {
		if _, err := db.ExecContext(t.Context(), "UPDATE request_blocks SET texts = substr(texts, 1, 30), heads = substr(heads, 1, 90), bodies = substr(bodies, 1, 90)"); err != nil {
			t.Fatal(err)
		}
		return
	}
	var b []byte
	if err := db.QueryRowContext(t.Context(), "SELECT "+column+" FROM request_blocks").Scan(&b); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		b[r.IntN(len(b))] = byte(r.Uint32() | 0x80)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE request_blocks SET "+column+" = ?", b); err != nil {
		t.Fatal(err)
	}
}

// A log of the first form is begun anew.
func TestALogOfTheFirstForm(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, requests.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"0001_requests.sql", "0002_cost.sql"} {
		script, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), string(script)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA application_id=1920235634; PRAGMA user_version=2"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := requests.Open(t.Context(), dir, forever)
	opened(t, l, err)
	l.Add(fullDecision())
	written(t, l)
	if _, total := list(t, l, requests.Query{}); total != 1 {
		t.Errorf("there are %d calls", total)
	}
}

// Calls whose block is kept for younger ones are not shown when they are too
// old.
func TestOldCallsOfABlockAreNotShown(t *testing.T) {
	l, err := requests.Open(t.Context(), t.TempDir(), requests.Options{Age: time.Hour})
	opened(t, l, err)
	for _, age := range []time.Duration{70 * time.Minute, 50 * time.Minute} {
		d := fullDecision()
		d.Time = time.Now().Add(-age)
		d.TraceID[0] = byte(age / time.Minute)
		l.Add(d)
	}
	calls, total := list(t, l, requests.Query{})
	if total != 1 {
		t.Fatalf("%d calls are shown, want 1: %+v", total, calls)
	}
	if _, _, err := l.Get(t.Context(), calls[0].TraceID); err != nil {
		t.Errorf("the younger call: %v", err)
	}
	if _, _, err := l.Get(t.Context(), strings.Replace(calls[0].TraceID, "32", "46", 1)); !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("the older call: %v, want ErrNotFound", err)
	}
}

// Nothing of a Decision is kept that its owner may change.
func TestDecisionsAreCopied(t *testing.T) {
	l, err := requests.Open(t.Context(), t.TempDir(), forever)
	opened(t, l, err)
	first, second := fullDecision(), fullDecision()
	second.TraceID[0] = 9
	l.Add(first)
	first.Candidates[0].Name, first.Attempts[0].Error = "changed", "changed"
	l.Add(second)
	for _, d := range []*routex.Decision{first, second} {
		_, kept, err := l.Get(t.Context(), d.TraceID.String())
		if err != nil || kept.Candidates[0].Name != "A" || kept.Attempts[0].Error != "overloaded" {
			t.Errorf("kept is %+v, %v", kept, err)
		}
	}
}

// A call is encoded into memory that is there for many.
func TestAddingAllocatesNothing(t *testing.T) {
	l, err := requests.Open(t.Context(), t.TempDir(), forever)
	opened(t, l, err)
	d := fullDecision()
	if n := testing.AllocsPerRun(5000, func() { l.Add(d) }); n > 0 {
		t.Errorf("a call costs %v allocations", n)
	}
}

func TestUsageIsBegunBeforeTheDatabase(t *testing.T) {
	l, err := requests.Open(t.Context(), t.TempDir(), forever)
	opened(t, l, err)
	l.Add(fullDecision())
	groups := usage.NewGroups(nil, time.UTC)
	if err := l.Usage(t.Context(), 0, 1<<40, groups); err != nil || groups.Total().Requests != 1 {
		t.Errorf("%d calls are counted at once, want 1: %v", groups.Total().Requests, err)
	}
}
