//go:build unix

package tee

import (
	"os"
	"os/exec"
	signals "os/signal"
	"syscall"
	"testing"
)

const limitedSpool = "ROUTEX_TEST_SPOOL_LIMITED"

// A record of which a disk could take only a part was not taken, and leaves
// nothing that spoils those after it.
func TestSpoolAfterAShortWrite(t *testing.T) {
	if os.Getenv(limitedSpool) == "" { // the limit would be one of all tests
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), limitedSpool+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	signals.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Skip(err)
	}
	limit := func(size int64) {
		limited := before
		if size > 0 {
			limited.Cur = uint64(size)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
			t.Skip(err)
		}
	}
	line := int64(len(batchOf("b")[0].AppendJSON(make([]byte, lineHead)))) + 1
	for room := int64(1); room < line; room += 47 {
		dir := t.TempDir()
		s := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing()})
		put(t, s, "a")
		limit(s.Stats().Bytes + room)
		if err := s.WriteBatch(t.Context(), batchOf("b")); err == nil {
			t.Fatalf("with room for %d bytes, a record was taken", room)
		}
		limit(0)
		put(t, s, "c")
		if st := s.Stats(); st.Pending != 2 || len(files(t, dir, "*.seg")) != 1 {
			t.Errorf("%+v", st)
		}
		closeNow(t, s)
		if got, st := drain(t, dir); got != "a c" || st.Broken != 0 {
			t.Errorf("with room for %d bytes, %q was delivered, %+v", room, got, st)
		}
	}
}
