package transform_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// passedOn reads a stream that comes in chunks, and says what came of it.
func passedOn(d transform.Dialect, in []byte, chunk int, runs bool) string {
	w := transform.NewWatch(d)
	r := transform.NewReader(transform.NewScanner(&chunks{in, chunk}, 0), w)
	if runs {
		r.PassRuns(w)
	}
	after := 0
	w.AfterComplete(func() { after++ })
	out, err := io.ReadAll(r)
	usage, known := w.Usage()
	failure := w.Failure()
	return fmt.Sprintf("%s\n%v, %d pieces, %d skipped, complete %v and %d after it, ended %v, usage %+v %v, failure %+v",
		out, err, w.Pieces(), w.Skipped(), w.Complete(), after, w.Ended(), usage, known, failure)
}

// Events that pass many at once make the same stream, and tell the Watch the
// same, as one by one.
func FuzzRuns(f *testing.F) {
	for _, d := range transform.Dialects() {
		begin, event, end := eventsOf(d)
		f.Add([]byte(begin+strings.Repeat(event, 9)+end), uint16(700))
		f.Add([]byte(begin+strings.Repeat(event, 9)+end), uint16(1))
		named := strings.ReplaceAll(begin+strings.Repeat(event, 5), "data: ", "event: x\r\ndata: ")
		f.Add([]byte(strings.ReplaceAll(named, "\n\n", "\r\n\r\n")+event+event+end), uint16(5000))
		odd := strings.Replace(event, "some words", `\"s\u00e9`, 1) + strings.Replace(event, "some words of an answer ", "", 1)
		f.Add([]byte(begin+event+event+odd+event+": ping\n\n"+event+"data: {\n\n"+event+end+event+event), uint16(300))
		f.Add([]byte(begin+event+event+strings.Replace(event, "words", "\t", 1)+event+"data:\ndata: 1\n\n"+strings.TrimSpace(event)), uint16(300))
	}
	f.Fuzz(func(t *testing.T, in []byte, chunk uint16) {
		for _, d := range transform.Dialects() {
			if got, want := passedOn(d, in, int(chunk)+1, true), passedOn(d, in, int(chunk)+1, false); got != want {
				t.Errorf("%s: many at once:\n%s\none by one:\n%s", d, got, want)
			}
		}
	})
}

// So do recorded streams, whole and broken off.
func TestRunsOfRecordings(t *testing.T) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.sse"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, name := range files {
		stream, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range transform.Dialects() {
			for _, in := range [][]byte{stream, stream[:len(stream)*2/3]} {
				for _, chunk := range []int{1, 100, 1500, 16 << 10} {
					if got, want := passedOn(d, in, chunk, true), passedOn(d, in, chunk, false); got != want {
						t.Errorf("%s as %s, %d bytes in chunks of %d:\nmany at once:\n%s\none by one:\n%s", name, d, len(in), chunk, got, want)
					}
				}
			}
		}
	}
}

// Somebody may ask the Ledger while a Read waits for the next text, from when on
// it looks at each event.
func TestRunsEndWhenTheLedgerIsAsked(t *testing.T) {
	for _, d := range []transform.Dialect{transform.Anthropic, transform.OpenAIChat} {
		begin, event, _ := eventsOf(d)
		for _, runs := range []bool{false, true} {
			w, l := transform.NewWatch(d), transform.NewLedger(d)
			ask := readerFunc(func([]byte) (int, error) {
				l.InText()
				return 0, io.EOF
			})
			r := transform.NewReader(transform.NewScanner(io.MultiReader(
				strings.NewReader(begin+event), ask, strings.NewReader(event+event), strings.NewReader(event),
			), 0), w)
			r.Remember(l)
			if runs {
				r.PassRuns(w)
			}
			_, _ = io.Copy(io.Discard, r)
			if want := strings.Repeat("some words of an answer ", 4); l.Text() != want {
				t.Errorf("%s, runs %v: the ledger has %q, want %q", d, runs, l.Text(), want)
			}
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Where many come at once, only the first of them is looked at by itself.
func TestRunsPassAtOnce(t *testing.T) {
	for d, most := range map[transform.Dialect]int{transform.Anthropic: 8, transform.OpenAIChat: 6} {
		begin, event, end := eventsOf(d)
		w := transform.NewWatch(d)
		r := transform.NewReader(transform.NewScanner(&chunks{[]byte(begin + strings.Repeat(event, 1000) + end), 1 << 20}, 0), w)
		r.PassRuns(w)
		n := 0
		for r.Fill() == nil {
			n++
		}
		if reads := 1000*len(event)/4096 + 1; n > reads*2+most || w.Pieces() != 1000 {
			t.Errorf("%s: %d pieces came in %d steps", d, w.Pieces(), n)
		}
	}
}

// BenchmarkWatch lets answers of 1000 events of text pass, with the begin and
// the end of the stream in what it reports per event.
func BenchmarkWatch(b *testing.B) {
	const events = 1000
	for _, d := range transform.Dialects() {
		for _, runs := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/runs=%v", d, runs), func(b *testing.B) {
				begin, event, end := eventsOf(d)
				answer := []byte(begin + strings.Repeat(event, events) + end)
				buf := make([]byte, 16<<10)
				b.SetBytes(int64(len(answer)))
				b.ReportAllocs()
				for b.Loop() {
					w := transform.NewWatch(d)
					r := transform.NewReader(transform.NewScanner(bytes.NewReader(answer), 0), w)
					if runs {
						r.PassRuns(w)
					}
					if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, buf); err != nil {
						b.Fatal(err)
					}
					r.Release()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
			})
		}
	}
}
