package tee

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The process that is killed is this test binary once more; it is told where
// the spool is and from which number on to count.
const (
	childDir   = "ROUTEX_TEST_SPOOL"
	childStart = "ROUTEX_TEST_SPOOL_START"
)

// childBody is what the record of a number has as its body: long enough for a
// write to be cut in two.
func childBody(id int) string {
	return strconv.Quote(strings.Repeat(strconv.Itoa(id)+" ", 100+id%400))
}

// An outbox is a sink that outlives its process.
type outbox struct{ path string }

func (o outbox) WriteBatch(_ context.Context, records []*Record) error {
	var b strings.Builder
	for _, r := range records {
		id, err := strconv.Atoi(r.Model)
		if err != nil || string(r.Request) != childBody(id) {
			return fmt.Errorf("not a record that was written: %.100s", r.AppendJSON(nil))
		}
		fmt.Fprintln(&b, id)
	}
	f, err := os.OpenFile(o.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(b.String()); err != nil {
		return err
	}
	return f.Close()
}

func killSpool(dir string) (*Spool, error) {
	return OpenSpool(SpoolConfig{Dir: filepath.Join(dir, "spool"), SegmentBytes: 16 << 10, Sink: outbox{filepath.Join(dir, "outbox")}})
}

// TestSpoolChild writes records until it is killed, and says which were taken.
func TestSpoolChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("only as the child of TestSpoolSurvivesKills")
	}
	id, _ := strconv.Atoi(os.Getenv(childStart))
	s, err := killSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var batch []*Record
		for range 1 + id%7 {
			batch = append(batch, &Record{Model: strconv.Itoa(id), Request: []byte(childBody(id))})
			id++
		}
		if err := s.WriteBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Println(id) // all before it
	}
}

// Whenever a process is killed, each record that its spool had taken is
// delivered, in order, and twice only if it was just being delivered.
func TestSpoolSurvivesKills(t *testing.T) {
	kills := 25
	if testing.Short() {
		kills = 5
	}
	dir := t.TempDir()
	const apart = 1_000_000 // numbers of two children
	taken := make([]int, kills)
	for i := range kills {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpoolChild$")
		child.Env = append(os.Environ(), childDir+"="+dir, childStart+"="+strconv.Itoa(i*apart))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines, until := bufio.NewScanner(out), 1+rand.IntN(60)
		for n := 0; lines.Scan(); n++ {
			if id, err := strconv.Atoi(lines.Text()); err == nil {
				taken[i] = id - i*apart
			} else {
				t.Log(lines.Text())
			}
			if n == until {
				_ = child.Process.Kill()
			}
		}
		_ = child.Wait() // killed
		if taken[i] == 0 {
			t.Fatal("the child has written nothing")
		}
	}
	s, err := killSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil || s.Stats().Failed != 0 || s.Stats().Broken > int64(kills) {
		t.Fatalf("%v, %+v", err, s.Stats())
	}
	data, err := os.ReadFile(filepath.Join(dir, "outbox"))
	if err != nil {
		t.Fatal(err)
	}
	times, highest, again := make(map[int]int), -1, 0
	for text := range strings.FieldsSeq(string(data)) {
		id, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		if times[id]++; times[id] > 1 {
			again++
			if id < highest-10 {
				t.Errorf("%d was delivered again after %d: that was no batch that was under way", id, highest)
			}
			continue
		}
		if id < highest {
			t.Errorf("%d was delivered after %d", id, highest)
		}
		highest = id
	}
	total := 0
	for i := range kills {
		total += taken[i]
		for id := range taken[i] {
			if times[i*apart+id] == 0 {
				t.Errorf("record %d of process %d was taken and never delivered", id, i)
			}
		}
	}
	if again > kills*10 {
		t.Errorf("%d records were delivered again after %d kills, and a batch has 10", again, kills)
	}
	t.Logf("%d records, %d of them twice, over %d kills", total, again, kills)
}
