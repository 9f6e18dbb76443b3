package transform_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dctx-team/routex/transform"
)

// events reads all that a scanner gives, names and data.
func events(r io.Reader, limit int) (out []string, err error) {
	sc := transform.NewScanner(r, limit)
	for {
		ev, err := sc.Next()
		if err != nil {
			return out, err
		}
		kind := ""
		if ev.Raw == nil {
			kind = " (unfinished)"
		}
		out = append(out, string(ev.Name)+"|"+string(ev.Data)+kind)
	}
}

func TestScannerReadsEveryFraming(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want []string
	}{
		"LF":                 {"event: a\ndata: 1\n\ndata: 2\n\n", []string{"a|1", "|2"}},
		"CRLF":               {"event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", []string{"a|1", "|2"}},
		"mixed":              {"data: 1\n\r\ndata: 2\r\n\n", []string{"|1", "|2"}},
		"no space":           {"event:a\ndata:1\n\n", []string{"a|1"}},
		"two spaces":         {"data:  1\n\n", []string{"| 1"}},
		"several data lines": {"data: 1\ndata: 2\ndata:\ndata: 3\n\n", []string{"|1\n2\n\n3"}},
		"comment":            {": keep-alive\n\ndata: 1\n\n", []string{"|", "|1"}},
		"unknown fields":     {"id: 7\nretry: 5\nwhat\ndata: 1\n\n", []string{"|1"}},
		"no data":            {"event: ping\n\n", []string{"ping|"}},
		"unfinished":         {"data: 1\n\ndata: 2", []string{"|1", "|2 (unfinished)"}},
		"unfinished line":    {"data: 1\n\ndata: 2\n", []string{"|1", "|2 (unfinished)"}},
		"unfinished comment": {"data: 1\n\n: x", []string{"|1"}},
		"nothing":            {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"whole":     strings.NewReader(test.in),
				"by bytes":  iotest.OneByteReader(strings.NewReader(test.in)),
				"EOF early": iotest.DataErrReader(strings.NewReader(test.in)),
			} {
				got, err := events(r, 0)
				if !errors.Is(err, io.EOF) || strings.Join(got, "\n") != strings.Join(test.want, "\n") {
					t.Errorf("%s: %q, %v; want %q", how, got, err, test.want)
				}
			}
		})
	}
}

func TestScannerBoundsAnEvent(t *testing.T) {
	in := "data: 1\n\ndata: " + strings.Repeat("x", 10_000)
	got, err := events(strings.NewReader(in), 8000)
	if !errors.Is(err, transform.ErrEventTooLong) || len(got) != 1 {
		t.Errorf("%d events, %v", len(got), err)
	}
	if got, err := events(strings.NewReader(in+"\n\n"), 0); !errors.Is(err, io.EOF) || len(got) != 2 {
		t.Errorf("a long event under the limit: %d events, %v", len(got), err)
	}
}

func TestScannerGivesTheReadersError(t *testing.T) {
	cut := errors.New("cut")
	got, err := events(io.MultiReader(strings.NewReader("data: 1\n\n"), iotest.ErrReader(cut)), 0)
	if !errors.Is(err, cut) || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := events(stuck{}, 0); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing gave %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// However the stream is cut into reads, the events are the same; and what
// passes a Reader untouched is what came in.
func FuzzScanner(f *testing.F) {
	f.Add([]byte("event: a\r\ndata: 1\r\n\r\ndata: 2\n\n: c\n\nx"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		whole, err := events(bytes.NewReader(in), 1000)
		if !errors.Is(err, io.EOF) && !errors.Is(err, transform.ErrEventTooLong) {
			t.Fatal(err)
		}
		pieces, perr := events(&chunks{in, int(size)%17 + 1}, 1000)
		if errors.Is(err, io.EOF) && errors.Is(perr, io.EOF) && strings.Join(whole, "\x00") != strings.Join(pieces, "\x00") {
			t.Errorf("whole: %q\npieces: %q", whole, pieces)
		}
		out, _ := io.ReadAll(transform.NewReader(transform.NewScanner(bytes.NewReader(in), 0), nil))
		if n := bytes.LastIndex(in, []byte("\n\n")); n >= 0 && !bytes.HasPrefix(out, in[:n]) {
			t.Errorf("%q became %q", in, out)
		}
	})
}

type chunks struct {
	rest []byte
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.n, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func BenchmarkScanner(b *testing.B) {
	in := []byte(strings.Repeat("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}\n\n", 1000))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		sc := transform.NewScanner(bytes.NewReader(in), 0)
		for {
			if _, err := sc.Next(); err != nil {
				break
			}
		}
	}
}
