//go:build unix

package tee_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dctx-team/routex/tee"
)

// childFile has the test binary write records to a file for ever, so that it
// can be killed.
const childFile = "ROUTEX_TEE_TEST_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		writeForEver(path)
	}
	os.Exit(m.Run())
}

// writeForEver appends batches of records that are of many lengths, and says
// so line by line. The numbers of the records follow each other.
func writeForEver(path string) {
	f := tee.NewFile(path, tee.FileOptions{MaxSize: 6 << 20, MaxAge: -1, Keep: 1})
	for n := 0; ; {
		var batch []*tee.Record
		for range 50 {
			r := record(n)
			r.Request = json.RawMessage(`"` + strings.Repeat("x", n*7919%60_000) + `"`)
			batch = append(batch, r)
			n++
		}
		if err := f.WriteBatch(context.Background(), batch); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// A process that is killed in the middle of writing leaves at most half a line,
// and that only until the next one opens the file.
func TestKilledProcessLeavesNoHalfLine(t *testing.T) {
	const kills = max(1, 8/slow)
	dir := t.TempDir()
	path := filepath.Join(dir, "requests.jsonl")
	halves := 0
	for kill := range kills {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childFile+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range kill%3 + 1 {
			if !lines.Scan() || strings.Contains(lines.Text(), "tee") {
				t.Fatalf("the process says %q: %v", lines.Text(), lines.Err())
			}
		}
		for before := sizeOf(path); sizeOf(path) == before; { // until it is in the middle of writing
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 && b[len(b)-1] != '\n' {
			halves++
		}
		write(t, path) // which opens it
		for _, file := range filesIn(t, dir) {
			models := linesOf(t, file)
			for i := 1; i < len(models); i++ {
				if models[i] != next(models[i-1]) && models[i] != "0" {
					t.Fatalf("after kill %d, %s is followed by %s", kill, models[i-1], models[i])
				}
			}
		}
	}
	t.Logf("%d of %d kills left half a line", halves, kills)
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

func next(model string) string {
	var n int
	_, _ = fmt.Sscan(model, &n)
	return fmt.Sprint(n + 1)
}

// limitedChild has the test binary run with a limit on the size of files.
const limitedChild = "ROUTEX_TEE_TEST_LIMITED"

// A write that ends in the middle of a line, as on a full disk, leaves only
// whole lines, and what was not written is written when there is room.
func TestShortWriteLeavesNoHalfLine(t *testing.T) {
	if os.Getenv(limitedChild) == "" { // the limit would be one of all tests
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), limitedChild+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Skip(err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) }()
	size := len(record(0).AppendJSON(nil))
	for room := range uint64(2 * size) {
		if room%17 != 0 && room%uint64(size) > 3 {
			continue
		}
		path := filepath.Join(t.TempDir(), "x.jsonl")
		f := tee.NewFile(path, tee.FileOptions{MaxAge: -1})
		if err := f.WriteBatch(t.Context(), []*tee.Record{record(0)}); err != nil {
			t.Fatal(err)
		}
		limited := before
		limited.Cur = uint64(size+1) + room
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
			t.Skip(err)
		}
		left := []*tee.Record{record(1), record(2), record(3)}
		err := f.WriteBatch(t.Context(), left)
		models := linesOf(t, path)
		taken := len(models) - 1
		if taken > 0 {
			partial, ok := err.(*tee.PartialError) //nolint:errorlint // it is given as it is
			if !ok || partial.Taken != taken || partial.Final {
				t.Fatalf("with room for %d bytes: %d were written: %v", room, taken, err)
			}
		} else if err == nil {
			t.Fatalf("with room for %d bytes: no error", room)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		if err := f.WriteBatch(t.Context(), left[taken:]); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(linesOf(t, path)); got != "[0 1 2 3]" {
			t.Fatalf("with room for %d bytes: the file has the records %s", room, got)
		}
		_ = f.Close()
	}
}
