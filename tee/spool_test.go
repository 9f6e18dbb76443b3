package tee

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A collector is a sink that takes what answer lets it take.
type collector struct {
	answer func(call int, records []*Record) error // nil takes all

	mu     sync.Mutex
	models []string // of the records that were taken
	calls  int
}

func (c *collector) WriteBatch(_ context.Context, records []*Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	taken, err := len(records), error(nil)
	if c.answer != nil {
		if err = c.answer(c.calls, records); err != nil {
			taken = 0
			if p, ok := errors.AsType[*PartialError](err); ok {
				taken = p.Taken
			}
		}
	}
	for _, r := range records[:taken] {
		c.models = append(c.models, r.Model)
	}
	return err
}

func (c *collector) got() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.models, " ")
}

func openSpool(t *testing.T, c SpoolConfig) *Spool {
	t.Helper()
	s, err := OpenSpool(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Spool, models ...string) {
	t.Helper()
	if err := s.WriteBatch(t.Context(), batchOf(models...)); err != nil {
		t.Fatal(err)
	}
}

// leave fills a directory with segments that nobody has delivered yet, each of
// one batch.
func leave(t *testing.T, dir string, batches ...[]string) {
	t.Helper()
	s := openSpool(t, SpoolConfig{Dir: dir, SegmentBytes: 1, Sink: refusing()})
	for _, models := range batches {
		put(t, s, models...)
	}
	closeNow(t, s)
}

// drain gives what a spool delivers of a directory, and its statistics before
// it is closed.
func drain(t *testing.T, dir string) (string, SpoolStats) {
	t.Helper()
	var sink collector
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: &sink})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return sink.got(), s.Stats()
}

var errDown = errors.New("the receiver is down")

func refusing() BatchSink {
	return &collector{answer: func(int, []*Record) error { return errDown }}
}

func closeNow(t *testing.T, s *Spool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Close(ctx)
	<-s.done
}

func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSpoolDeliversInOrder(t *testing.T) {
	dir := t.TempDir()
	var sink collector
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: &sink, SegmentBytes: 2000})
	var want []string
	for i := range 100 {
		one, two := fmt.Sprint(2*i), fmt.Sprint(2*i+1)
		want = append(want, one, two)
		put(t, s, one, two)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := sink.got(); got != strings.Join(want, " ") {
		t.Errorf("the sink got %s", got)
	}
	if st := s.Stats(); st.Sent != 200 || st.Pending != 0 || st.Bytes != 0 || st.Failed+st.Dropped+st.Broken != 0 || st.LastError != "" {
		t.Errorf("%+v", st)
	}
	if left := files(t, dir, "*.*"); len(left) != 0 {
		t.Errorf("what was said in calls is still in %v", left)
	}
	if err := s.WriteBatch(t.Context(), batchOf("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("WriteBatch after Close gives %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("a second Close gives %v", err)
	}
}

// A record comes out of a spool as it went in.
func TestSpoolKeepsRecordsWhole(t *testing.T) {
	in := &Record{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC), TraceID: "t", SpanID: "s", Dialect: "anthropic", Path: "/v1/messages",
		Model: "m\n\"\x00é\xff", Stream: true, ChannelID: "c", Channel: "通道", Upstream: "u", RuleID: "r", Rule: "rule", Session: "x",
		Caller: "key", Status: 529, Class: "overload", Error: "a\tb", Attempts: 3, Input: 1, Output: 2, CacheRead: 3, CacheWrite: 4, Reasoning: 5,
		Cost: 0.000123, CostKnown: true, FirstByte: 1234567 * time.Microsecond, Duration: time.Hour + time.Microsecond,
		Request: []byte("{\"a\": [1,\n2]}"), Response: []byte(`"cut`), RequestBytes: 10, ResponseBytes: 1 << 40, ResponseCut: true,
	}
	want := string(in.AppendJSON(nil))
	var got []string
	s := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: &collector{answer: func(_ int, records []*Record) error {
		for _, r := range records {
			got = append(got, string(r.AppendJSON(nil)))
		}
		return nil
	}}})
	if err := s.WriteBatch(t.Context(), []*Record{in, {}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != want || got[1] != string((&Record{}).AppendJSON(nil)) {
		t.Errorf("it came out as %s,\nwent in as %s", got, want)
	}
}

func TestSpoolOffersAgainWhatWasNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		sink := &collector{answer: func(call int, records []*Record) error {
			at = append(at, time.Since(start))
			switch call {
			case 1, 2, 3:
				return errDown
			case 4:
				return &PartialError{Taken: 1, Err: errDown}
			case 5: // temporary, though the webhook has given up
				return &PartialError{Final: true, Err: &WebhookError{Status: 503, Err: errAnswered}}
			case 6:
				return &PartialError{Final: true, Err: &WebhookError{Status: 401, Err: errAnswered}}
			}
			return nil
		}}
		dir := t.TempDir()
		s := openSpool(t, SpoolConfig{Dir: dir, Sink: sink})
		put(t, s, "a", "b", "c")
		synctest.Wait()
		if st := s.Stats(); st.Pending != 3 || !st.Failing || st.LastError != errDown.Error() || !st.LastErrorAt.Equal(start) {
			t.Errorf("%+v", st)
		}
		time.Sleep(time.Hour)
		if sink.got() != "a b c" || sink.calls != 7 {
			t.Errorf("after %d offers the sink has %s", sink.calls, sink.got())
		}
		if st := s.Stats(); st.Sent != 3 || st.Failed != 0 || st.Pending != 0 || st.Failing {
			t.Errorf("%+v", st)
		}
		for i, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, time.Second, 2 * time.Second, 4 * time.Second} {
			if d := at[i+1] - at[i]; d < most/2 || d > most {
				t.Errorf("pause %d is %v, want %v less up to a half", i+1, d, most)
			}
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What the sink will never take is counted, and does not stop the rest.
func TestSpoolGoesOnAfterARefusal(t *testing.T) {
	sink := &collector{answer: func(call int, records []*Record) error {
		switch call {
		case 1:
			return &PartialError{Taken: 2, Final: true, Err: &WebhookError{Status: 400, Err: errAnswered}}
		case 2:
			panic("boom")
		}
		return nil
	}}
	dir := t.TempDir()
	leave(t, dir, []string{"a", "b", "c"}, []string{"d"}, []string{"e", "f"})
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: sink})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); sink.got() != "a b e f" || st.Sent != 4 || st.Failed != 2 || !strings.Contains(st.LastError, "boom") {
		t.Errorf("%s, %+v", sink.got(), st)
	}
}

// What is not delivered waits for the next process, which begins where the one
// before has stopped.
func TestSpoolGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir, []string{"a", "b", "c"}, []string{"d"})
	left := &collector{answer: func(call int, _ []*Record) error {
		if call == 1 {
			return &PartialError{Taken: 2, Err: errDown}
		}
		return errDown
	}}
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: left})
	if st := s.Stats(); st.Pending+st.Sent != 4 {
		t.Errorf("%+v", st)
	}
	put(t, s, "e")
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close gives %v", err)
	}
	if got, st := drain(t, dir); left.got() != "a b" || got != "c d e" || st.Sent != 3 {
		t.Errorf("first %s, then %s, %+v", left.got(), got, st)
	}
}

func TestSpoolIsBounded(t *testing.T) {
	dir := t.TempDir()
	const bound = 8000
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing(), MaxBytes: bound})
	taken := 0
	for i := range 50 {
		err := s.WriteBatch(t.Context(), batchOf(fmt.Sprint(2*i), fmt.Sprint(2*i+1)))
		if err == nil {
			taken += 2
			continue
		}
		partial, ok := errors.AsType[*PartialError](err)
		if !ok || !partial.Final || !errors.Is(err, ErrSpoolFull) {
			t.Fatalf("a full spool gives %v", err)
		}
		taken += partial.Taken
	}
	st := s.Stats()
	if st.Dropped != int64(100-taken) || taken < 10 || taken > 40 || st.Pending != int64(taken) || st.Bytes > bound {
		t.Errorf("%d of 100 were taken, %+v", taken, st)
	}
	if err := s.WriteBatch(t.Context(), nil); err != nil && st.Bytes < bound {
		t.Errorf("there is room, and yet an empty batch gives %v", err)
	}
	onDisk := int64(0)
	for _, f := range files(t, dir, "*.seg") {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		onDisk += info.Size()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("others can read what was said in calls: %v", info.Mode())
		}
	}
	if onDisk != st.Bytes || len(files(t, dir, "*.seg")) < 5 {
		t.Errorf("%d bytes are on disk in %d files, %+v", onDisk, len(files(t, dir, "*.seg")), st)
	}
	closeNow(t, s)
	var want []string
	for i := range taken {
		want = append(want, fmt.Sprint(i))
	}
	if got, _ := drain(t, dir); got != strings.Join(want, " ") {
		t.Errorf("of what was taken, %s was delivered", got)
	}
}

func TestSpoolMakesRoomAgain(t *testing.T) {
	var sink collector
	s := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: &sink, MaxBytes: 8000})
	var all []string
	for i := range 500 {
		for errors.Is(s.WriteBatch(t.Context(), batchOf(fmt.Sprint(i))), ErrSpoolFull) {
			runtime.Gosched() // the sink is at it
		}
		all = append(all, fmt.Sprint(i))
	}
	if err := s.Close(t.Context()); err != nil || sink.got() != strings.Join(all, " ") {
		t.Errorf("%v, %s", err, sink.got())
	}
}

func TestSpoolHasOneOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing()})
		put(t, first, "a")
		if _, err := OpenSpool(SpoolConfig{Dir: dir, Sink: refusing()}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Fatalf("a second spool of the directory gives %v", err)
		}
		var sink collector
		second := openSpool(t, SpoolConfig{Dir: dir, Sink: &sink, Wait: true})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := second.WriteBatch(ctx, batchOf("b")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("to write to what another spool has gives %v", err)
		}
		if err := second.WriteBatch(t.Context(), nil); err == nil {
			t.Error("what another spool has could be written to")
		}
		if st := second.Stats(); sink.got() != "" || !strings.Contains(st.LastError, "cannot be had") || !st.Failing {
			t.Errorf("%+v", st)
		}
		closeNow(t, first)
		put(t, second, "b")
		synctest.Wait()
		if sink.got() != "a b" {
			t.Errorf("who came second delivers %q", sink.got())
		}
		closeNow(t, second)
		third := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing()})
		waiting := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing(), Wait: true})
		if err := waiting.Close(t.Context()); err != nil {
			t.Errorf("one that still waits gives %v", err)
		}
		closeNow(t, third)
	})
}

func TestSpoolClose(t *testing.T) {
	t.Run("with a sink that fails, at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: refusing()})
			put(t, s, "a")
			time.Sleep(time.Hour)
			start := time.Now()
			if err := s.Close(t.Context()); err != nil || time.Since(start) != 0 {
				t.Errorf("it took %v, %v", time.Since(start), err)
			}
		})
	})
	t.Run("with a sink that hangs, in time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			s := openSpool(t, SpoolConfig{Dir: dir, Sink: batchFunc(func(ctx context.Context, _ []*Record) error {
				<-ctx.Done()
				return &PartialError{Final: true, Err: ctx.Err()} // as one would that does not know better
			})})
			put(t, s, "a")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
				t.Errorf("it took %v, %v", time.Since(start), err)
			}
			if got, _ := drain(t, dir); got != "a" {
				t.Errorf("the next process delivers %q", got)
			}
		})
	})
	t.Run("closes the sink", func(t *testing.T) {
		sink := &closer{}
		s := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: sink})
		if err := s.Close(t.Context()); err != nil || sink.closed != 1 {
			t.Errorf("%v, closed %d times", err, sink.closed)
		}
	})
}

type batchFunc func(context.Context, []*Record) error

func (f batchFunc) WriteBatch(ctx context.Context, records []*Record) error { return f(ctx, records) }

type closer struct {
	collector
	closed int
}

func (c *closer) Close() error { c.closed++; return nil }

// However much of a segment a crash has left, the whole records of it are
// delivered, and half a one is never taken for one.
func TestSpoolCutAtEveryByte(t *testing.T) {
	whole := t.TempDir()
	leave(t, whole, []string{"a", "b", "c"}, []string{"d"})
	segs := files(t, whole, "*.seg")
	first, err := os.ReadFile(segs[0])
	if err != nil {
		t.Fatal(err)
	}
	last, err := os.ReadFile(segs[1])
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(first) + 1 {
		want := append([]string{"a", "b", "c"}[:bytes.Count(first[:cut], []byte("\n"))], "d")
		if got, broken := readAll(t, first[:cut]); broken != 0 || strings.Join(append(got, "d"), " ") != strings.Join(want, " ") {
			t.Fatalf("of %d bytes %q are read, and %d broken ones", cut, got, broken)
		}
		if cut%101 != 0 && cut != len(first) {
			continue
		}
		dir := t.TempDir()
		write(t, filepath.Join(dir, filepath.Base(segs[0])), first[:cut])
		write(t, filepath.Join(dir, filepath.Base(segs[1])), last)
		if got, st := drain(t, dir); got != strings.Join(want, " ") || st.Broken != 0 {
			t.Fatalf("of %d bytes %q is delivered, want %q, %+v", cut, got, want, st)
		}
		if left := files(t, dir, "*.*"); len(left) != 0 {
			t.Fatalf("of %d bytes, %v is left", cut, left)
		}
	}
}

// readAll reads a segment as the spool does.
func readAll(t *testing.T, data []byte) (models []string, broken int64) {
	t.Helper()
	g := &segment{size: int64(len(data))}
	for g.acked < g.size {
		c, err := g.read(bytes.NewReader(data), 2, chunkBytes)
		if err != nil {
			t.Fatal(err)
		}
		if c.lines == 0 {
			break
		}
		if c.end <= g.acked || len(c.records) != len(c.ends) || c.lines != int64(len(c.records))+c.broken {
			t.Fatalf("from %d on: %+v", g.acked, c)
		}
		for i, r := range c.records {
			models = append(models, r.Model)
			if c.ends[i] > c.end || c.ends[i] <= g.acked {
				t.Fatalf("from %d on: %+v", g.acked, c)
			}
		}
		broken += c.broken
		g.acked = c.end
	}
	return models, broken
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whichever byte is damaged, only the record that it belongs to is lost, or it
// and the next one, when it was the newline between them.
func TestSpoolDamagedAtEveryByte(t *testing.T) {
	whole := t.TempDir()
	leave(t, whole, []string{"a", "b", "c"})
	name := files(t, whole, "*.seg")[0]
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		for _, damage := range []byte{0x01, 0x80, '\n' ^ good[at]} {
			if damage == 0 { // it is a newline
				continue
			}
			bad := slices.Clone(good)
			bad[at] ^= damage
			lineAt := bytes.Count(good[:at], []byte("\n"))
			want := slices.Delete([]string{"a", "b", "c"}, lineAt, lineAt+1)
			if good[at] == '\n' && lineAt < 2 {
				want = slices.Delete(want, lineAt, lineAt+1)
			}
			read, broken := readAll(t, bad)
			if got := strings.Join(read, " "); got != strings.Join(want, " ") || broken == 0 && at != len(good)-1 {
				t.Fatalf("with byte %d damaged by %#x, %q is read, want %q, and %d broken ones", at, damage, got, want, broken)
			}
			if at%101 != 0 {
				continue
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, filepath.Base(name)), bad)
			got, st := drain(t, dir)
			if got != strings.Join(want, " ") {
				t.Fatalf("with byte %d damaged by %#x, %q is delivered, want %q", at, damage, got, want)
			}
			if st.Broken == 0 && at != len(good)-1 || st.Pending != 0 {
				t.Fatalf("with byte %d damaged by %#x: %+v", at, damage, st)
			}
		}
	}
}

// A segment that cannot be read is skipped, and the next process tries again.
func TestSpoolSkipsAnUnreadableSegment(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir, []string{"a"}, []string{"b"}, []string{"c"})
	bad := files(t, dir, "*.seg")[1]
	if err := os.Rename(bad, bad+".kept"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), bad); err != nil {
		t.Skip(err)
	}
	if got, st := drain(t, dir); got != "a c" || st.LastError == "" {
		t.Errorf("%q was delivered, %+v", got, st)
	}
	if err := os.Rename(bad+".kept", bad); err != nil {
		t.Fatal(err)
	}
	if got, _ := drain(t, dir); got != "b" {
		t.Errorf("then %q was delivered", got)
	}
}

// Half a line of what was delivered is as good as none, and then the batch
// before is delivered again.
func TestSpoolCutAcks(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir, []string{"a", "b", "c"})
	s := openSpool(t, SpoolConfig{Dir: dir, Batch: 1, Sink: &collector{answer: func(call int, _ []*Record) error {
		if call == 3 {
			return errDown
		}
		return nil
	}}})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	name := files(t, dir, "*.ack")[0]
	acks, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	seg, err := os.ReadFile(files(t, dir, "*.seg")[0])
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(acks) + 1 {
		again := t.TempDir()
		write(t, filepath.Join(again, filepath.Base(files(t, dir, "*.seg")[0])), seg)
		write(t, filepath.Join(again, filepath.Base(name)), acks[:cut])
		want := strings.Join([]string{"a", "b", "c"}[bytes.Count(acks[:cut], []byte("\n")):], " ")
		if got, _ := drain(t, again); got != want {
			t.Fatalf("with %d bytes of acks, %q is delivered, want %q", cut, got, want)
		}
	}
}

// A write that fails leaves nothing that spoils those after it.
func TestSpoolAfterAFailedWrite(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, SpoolConfig{Dir: dir, Sink: refusing()})
	put(t, s, "a")
	s.mu.Lock()
	good := s.active
	s.active, _ = os.Open(good.Name()) // which cannot be written to
	s.mu.Unlock()
	if err := s.WriteBatch(t.Context(), batchOf("lost")); err == nil {
		t.Fatal("a record that could not be written was taken")
	}
	_ = good.Close()
	put(t, s, "b")
	if st := s.Stats(); st.Pending != 2 {
		t.Errorf("%+v", st)
	}
	closeNow(t, s)
	if got, _ := drain(t, dir); got != "a b" {
		t.Errorf("%q was delivered", got)
	}
}

func TestSpoolNamesEveryMistake(t *testing.T) {
	_, err := OpenSpool(SpoolConfig{MaxBytes: -1, SegmentBytes: -1, Batch: -1, Backoff: -1, MaxBackoff: -1})
	mistakes, _ := errors.AsType[Mistakes](err)
	if len(mistakes) != 7 {
		t.Errorf("%v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	if _, err := OpenSpool(SpoolConfig{Dir: filepath.Join(file, "in"), Sink: refusing()}); err == nil {
		t.Error("a directory in a file was opened")
	}
}

func TestSpoolConcurrently(t *testing.T) {
	var sink collector
	s := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: &sink, SegmentBytes: 3000, Sync: time.Nanosecond})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if err := s.WriteBatch(t.Context(), batchOf("a", "b")); err != nil {
					t.Error(err)
				}
				s.Stats()
			}
		})
	}
	all.Wait()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Sent != 800 || len(sink.models) != 800 || st.LastError != "" {
		t.Errorf("%+v", st)
	}
}

// What a Tee before a spool counts is what became of the records.
func TestTeeBeforeASpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		var up atomic.Bool
		sink := &collector{answer: func(int, []*Record) error {
			if !up.Load() {
				return errDown
			}
			return nil
		}}
		open := func() *Tee {
			spool := openSpool(t, SpoolConfig{Dir: dir, Sink: sink, Wait: true})
			one, err := Open(Destination{ID: "x", Sink: spool})
			if err != nil {
				t.Fatal(err)
			}
			return one
		}
		var set Set
		if err := set.Put(t.Context(), open()); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			_ = set.Write(t.Context(), &Record{Model: fmt.Sprint(i)})
		}
		time.Sleep(time.Second)
		if st := set.Stats()[0]; st.Queued != 5 || st.Sent != 0 || !st.Failing || st.LastError != errDown.Error() {
			t.Errorf("with the receiver down: %+v", st)
		}
		if err := set.Put(t.Context(), open()); err != nil { // with the same directory
			t.Fatal(err)
		}
		_ = set.Write(t.Context(), &Record{Model: "5"})
		time.Sleep(time.Second)
		up.Store(true)
		time.Sleep(time.Minute)
		if st := set.Stats()[0]; st.Queued != 0 || st.Sent != 6 || st.Failing || st.Failed != 0 {
			t.Errorf("with the receiver up again: %+v", st)
		}
		_ = set.Write(t.Context(), &Record{Model: "6"})
		if err := set.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sink.got() != "0 1 2 3 4 5 6" {
			t.Errorf("the sink got %s", sink.got())
		}
	})
}

// A test of a destination asks the receiver, not the disk before it.
func TestTestingATeeBeforeASpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hang atomic.Bool
		var got []string
		spool := openSpool(t, SpoolConfig{Dir: t.TempDir(), Sink: batchFunc(func(ctx context.Context, records []*Record) error {
			if hang.Load() {
				<-ctx.Done()
				return ctx.Err()
			}
			got = append(got, string(records[0].Request))
			return errDown
		})})
		one, err := Open(Destination{ID: "x", Sink: spool})
		if err != nil {
			t.Fatal(err)
		}
		r := &Record{Model: "m", Request: []byte(`{"api_key":"sk-planted-0123456789abcdef"}`)}
		if err := one.Test(t.Context(), r); !errors.Is(err, errDown) || len(got) != 1 || strings.Contains(got[0], "planted") {
			t.Errorf("%v, the receiver got %s", err, got)
		}
		hang.Store(true)
		_ = one.Write(t.Context(), r)
		time.Sleep(time.Second) // the receiver is busy
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := one.Test(ctx, r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a test of a receiver that is busy gives %v", err)
		}
		done, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		_ = one.Close(done)
		synctest.Wait()
		if err := one.Test(t.Context(), r); !errors.Is(err, ErrClosed) {
			t.Errorf("a test after Close gives %v", err)
		}
	})
}

// However often a destination is put anew while records come, whatever its
// receiver does, and whether or not somebody waits until the one before has
// ended: each record arrives once, in order.
func TestReplacingATeeWithASpoolLosesNothing(t *testing.T) {
	dir := t.TempDir()
	var set Set
	var calls atomic.Int64
	sink := &collector{answer: func(int, []*Record) error {
		runtime.Gosched()
		if calls.Add(1)%3 == 0 {
			return errDown
		}
		return nil
	}}
	var puts sync.WaitGroup
	replace := func(wait bool) {
		one, err := Open(Destination{ID: "x", Linger: -1, Queue: 100_000, Sink: openSpool(t, SpoolConfig{
			Dir: dir, Sink: sink, Wait: true, SegmentBytes: 4000, Backoff: time.Nanosecond, MaxBackoff: time.Nanosecond,
		})})
		if err != nil {
			t.Error(err)
			return
		}
		before := set.Get("x")
		puts.Go(func() {
			if err := set.Put(t.Context(), one); err != nil {
				t.Error(err)
			}
		})
		for set.Get("x") == before {
			runtime.Gosched()
		}
		if wait {
			puts.Wait()
		}
	}
	replace(true)
	const count = 5000
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range count {
			_ = set.Write(t.Context(), &Record{Model: fmt.Sprint(i)})
			if i%10 == 0 {
				runtime.Gosched()
			}
		}
	})
	for i := range 20 {
		replace(i%3 == 0)
	}
	writer.Wait()
	puts.Wait()
	if err := set.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := set.Stats()
	rest, _ := drain(t, dir) // when the sink has failed last
	var want []string
	for i := range count {
		want = append(want, fmt.Sprint(i))
	}
	if got := strings.TrimSpace(sink.got() + " " + rest); got != strings.Join(want, " ") {
		t.Errorf("%d records arrived of %d, or not in order; the set says %+v: %.200s", len(strings.Fields(got)), count, st, got)
	}
}
