package routex

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// However a stream is cut into pieces, and wherever it pauses, a ping stands
// between two events.
func TestPingsStandBetweenEvents(t *testing.T) {
	events := []string{"event: a\ndata: {\"text\":\"one\"}\n\n", ": a comment\n\n", "data: 1\ndata: 2\n\n", "data:\r\ndata: x\r\n\r\n", "\n", "id: 3\r\nevent: b\r\ndata: {}\r\n\r\n"}
	whole := strings.Join(events, "")
	for cut := range len(whole) + 1 {
		for _, size := range []int{1, 2, 3, 4, 7, 30, len(whole)} {
			synctest.Test(t, func(t *testing.T) {
				w := httptest.NewRecorder()
				p := newPulse(flushing{w, http.NewResponseController(w)}, "<ping>", time.Second)
				p.start()
				defer p.cut()
				for i, rest := 0, whole; rest != ""; i++ {
					piece := rest[:min(size, len(rest))]
					if n := len(whole) - len(rest); n < cut && cut < n+len(piece) {
						piece = piece[:cut-n]
					}
					if len(whole)-len(rest) == cut {
						time.Sleep(1500 * time.Millisecond)
					}
					_, _ = p.Write([]byte(piece))
					rest = rest[len(piece):]
				}
				p.finish()
				time.Sleep(time.Minute)
				got := w.Body.String()
				if strings.ReplaceAll(got, "<ping>", "") != whole {
					t.Fatalf("the stream became %q", got)
				}
				end := 0
				between := cut == 0
				for _, e := range events {
					end += len(e)
					between = between || cut == end && cut < len(whole)
				}
				at := strings.Index(got, "<ping>")
				if between && at != cut || !between && at >= 0 {
					t.Fatalf("silence after %q: %q", whole[:cut], got)
				}
			})
		}
	}
}

// The last piece of an answer goes out with the end of it.
func TestTheLastPieceIsSentWithTheEnd(t *testing.T) {
	const whole = "data: a\n\ndata: b\n\n"
	synctest.Test(t, func(t *testing.T) {
		for _, alive := range []bool{false, true} {
			for _, ended := range []bool{false, true} {
				w := &counting{ResponseRecorder: httptest.NewRecorder()}
				var to io.Writer = flushing{w, http.NewResponseController(w)}
				stop := func() {}
				if alive {
					p := newPulse(flushing{w, http.NewResponseController(w)}, "<ping>", time.Second)
					p.start()
					to, stop = p, p.finish
				}
				pieces := io.MultiReader(strings.NewReader("data: a\n\n"), strings.NewReader("data: b\n\n"))
				if ended {
					pieces = iotest.DataErrReader(pieces)
				}
				if err := copyBody(to, pieces); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				stop()
				want := 2
				if ended {
					want = 1
				}
				if got := strings.ReplaceAll(w.Body.String(), "<ping>", ""); got != whole || w.flushes-strings.Count(w.Body.String(), "<ping>") != want {
					t.Errorf("alive %v, ended %v: %q, sent %d times", alive, ended, w.Body, w.flushes)
				}
				if ended && w.Body.String() != whole {
					t.Errorf("a ping follows the end: %q", w.Body)
				}
			}
		}
	})
}

// What comes right after something was sent is sent with what comes next, or
// when the millisecond is over, and a ping does not come later for that.
func TestPiecesThatComeTogetherAreSentTogether(t *testing.T) {
	for _, ping := range []string{"", "<ping>"} {
		synctest.Test(t, func(t *testing.T) {
			w := &timeline{ResponseRecorder: httptest.NewRecorder(), begun: time.Now()}
			every := time.Second
			if ping == "" {
				every = never
			}
			p := newPulse(flushing{w, http.NewResponseController(w)}, ping, every)
			p.start()
			for _, at := range []time.Duration{0, 300, 600, 1400, 1600, 2500, 900_000} {
				time.Sleep(at*time.Microsecond - time.Since(w.begun))
				if _, err := p.Write([]byte("data: 1\n\n")); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(1100 * time.Millisecond)
			p.finish()
			want := []string{"0s 9", "1ms 18", "2ms 18", "3ms 9", "900ms 9"}
			if ping != "" {
				want = append(want, "1.9s 6")
			}
			if !slices.Equal(w.sent, want) {
				t.Errorf("with the ping %q, sent were %q, want %q", ping, w.sent, want)
			}
		})
	}
}

// An answer that breaks off loses nothing of what came before.
func TestWhatWaitsIsSentBeforeAnAnswerBreaksOff(t *testing.T) {
	pieces := io.MultiReader(strings.NewReader("data: a\n\n"), strings.NewReader("data: b\n\n"), iotest.ErrReader(errors.New("cut")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p := newPulse(flushing{w, http.NewResponseController(w)}, "", time.Hour)
		p.start()
		deliver(p, pieces)
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if string(got) != "data: a\n\ndata: b\n\n" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the caller got %q and %v", got, err)
	}
}

// A timeline notes when something is sent, and how many bytes.
type timeline struct {
	*httptest.ResponseRecorder
	begun time.Time
	told  int
	sent  []string
}

func (l *timeline) Flush() {
	l.sent = append(l.sent, fmt.Sprint(time.Since(l.begun), " ", l.Body.Len()-l.told))
	l.told = l.Body.Len()
}

// counting counts how often what was written is sent.
type counting struct {
	*httptest.ResponseRecorder
	flushes int
}

func (c *counting) Flush() { c.flushes++ }

// A void is a caller who takes everything.
type void struct{}

func (void) Header() http.Header         { return nil }
func (void) WriteHeader(int)             {}
func (void) Write(b []byte) (int, error) { return io.Discard.Write(b) }
func (void) Flush()                      {}

func TestKeepingAStreamAliveCostsLittle(t *testing.T) {
	out := flushing{void{}, http.NewResponseController(void{})}
	event := []byte("data: {}\n\n")
	for _, events := range []int{1, 1000} {
		if n := testing.AllocsPerRun(10, func() {
			p := newPulse(out, "<ping>", DefaultKeepAlive)
			p.start()
			defer p.cut()
			for range events {
				_, _ = p.Write(event)
			}
			p.finish()
		}); n > 3 {
			t.Errorf("a stream of %d events took memory %v times more", events, n)
		}
	}
}
