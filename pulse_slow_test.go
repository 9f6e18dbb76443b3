package routex

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A slowWriter blocks from some write or flush on, until its deadline or for
// good.
type slowWriter struct {
	*httptest.ResponseRecorder
	writes, flushes int           // that pass before one blocks
	takes           time.Duration // the one that blocks
	mu              sync.Mutex
	deadline        time.Time // under mu
	sent            int       // bytes
}

func (s *slowWriter) Write(b []byte) (int, error) {
	if s.writes--; s.writes == -1 {
		time.Sleep(s.takes)
	}
	return s.ResponseRecorder.Write(b)
}

func (s *slowWriter) FlushError() error {
	if s.flushes--; s.flushes == -1 {
		time.Sleep(s.takes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.deadline.IsZero() && time.Now().After(s.deadline) {
		return os.ErrDeadlineExceeded
	}
	s.sent = s.Body.Len()
	return nil
}

func (s *slowWriter) SetWriteDeadline(d time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = d
	return nil
}

// While a caller does not read, nobody looks every millisecond whether what
// waits can be sent; it is, once the caller reads again.
func TestNobodyLooksAfterAWriterThatBlocks(t *testing.T) {
	for name, w := range map[string]*slowWriter{
		"in a write": {ResponseRecorder: httptest.NewRecorder(), writes: 2, flushes: 99, takes: time.Second},
		"in a flush": {ResponseRecorder: httptest.NewRecorder(), writes: 99, flushes: 1, takes: time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(flushing{w, http.NewResponseController(w)}, "<ping>", 15*time.Second)
			p.start()
			var looks atomic.Int64
			p.timer.Stop()
			p.timer = time.AfterFunc(p.every, func() {
				looks.Add(1)
				p.check()
			})
			for range 3 {
				_, _ = p.Write([]byte("data: 1\n\n"))
			}
			time.Sleep(2 * time.Second)
			p.finish()
			if n := looks.Load(); n > 2 || w.sent != 27 {
				t.Errorf("%s: the timer ran %d times, %d bytes are sent", name, n, w.sent)
			}
		})
	}
}

// An answer may break off while what waited is being sent.
func TestWhatIsBeingSentWhenAnAnswerBreaksOff(t *testing.T) {
	for takes, want := range map[time.Duration]int{10 * time.Millisecond: 18, time.Minute: 9} {
		synctest.Test(t, func(t *testing.T) {
			w := &slowWriter{ResponseRecorder: httptest.NewRecorder(), writes: 99, flushes: 1, takes: takes}
			p := newPulse(flushing{w, http.NewResponseController(w)}, "", never)
			p.start()
			for range 2 {
				_, _ = p.Write([]byte("data: 1\n\n"))
			}
			time.Sleep(2 * time.Millisecond)
			p.breakOff()
			if w.sent != want {
				t.Errorf("where sending takes %v, %d bytes are sent, want %d", takes, w.sent, want)
			}
		})
	}
}

// The timer may fire late, beside one that was set later.
func TestALateTimerDoesNotCutWhatIsBeingSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slowWriter{ResponseRecorder: httptest.NewRecorder(), writes: 99, flushes: 1, takes: 10 * time.Millisecond}
		p := newPulse(flushing{w, http.NewResponseController(w)}, "", never)
		p.start()
		for range 2 {
			_, _ = p.Write([]byte("data: 1\n\n"))
		}
		go p.check()
		time.Sleep(2 * time.Millisecond) // the timer fires meanwhile
		p.breakOff()
		if w.sent != 18 {
			t.Errorf("%d bytes are sent, want 18", w.sent)
		}
	})
}

// A panic in the host's writer is the handler's, whoever called it.
func TestAPanicOfTheTimerIsTheHandlers(t *testing.T) {
	for _, next := range []func(*pulse){
		func(p *pulse) { _, _ = p.Write([]byte("data: 2\n\n")) },
		func(p *pulse) { _, _ = p.writeLast([]byte("data: 2\n\n")) },
		func(p *pulse) { p.finish() },
		func(p *pulse) { p.breakOff() },
		func(p *pulse) { p.arrived() },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := panicking{httptest.NewRecorder(), new(int)}
			p := newPulse(flushing{w, http.NewResponseController(w)}, "", never)
			p.start()
			defer p.cut()
			for range 2 {
				_, _ = p.Write([]byte("data: 1\n\n"))
			}
			time.Sleep(time.Second)
			defer func() {
				if got, _ := recover().(error); !errors.Is(got, http.ErrAbortHandler) {
					t.Errorf("the panic is %v", got)
				}
			}()
			next(p)
		})
	}
}

// Panicking panics when it is flushed for the second time.
type panicking struct {
	*httptest.ResponseRecorder
	n *int
}

func (p panicking) Flush() {
	if *p.n++; *p.n == 2 {
		panic(http.ErrAbortHandler)
	}
}
