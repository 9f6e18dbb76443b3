package transform_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// double emits every event twice, and one more at the end.
type double struct{ fail error }

func (d double) Event(ev transform.Event, emit func(transform.Event)) error {
	emit(ev)
	emit(transform.Event{Name: ev.Name, Data: ev.Data})
	return d.fail
}

func (d double) Close(emit func(transform.Event)) error {
	emit(transform.Event{Data: []byte("end")})
	return nil
}

func read(t *testing.T, in string, s transform.Stream) (string, error) {
	t.Helper()
	r := transform.NewReader(transform.NewScanner(strings.NewReader(in), 0), s)
	out, err := io.ReadAll(iotest.OneByteReader(r))
	return string(out), err
}

func TestReaderPassesBytesUntouched(t *testing.T) {
	const in = ": hi\r\n\r\nid: 3\nevent: x\ndata:1\n\n\n\ndata: 2\r\n\r\n"
	if got, err := read(t, in, nil); got != in || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReaderServesWhatIsEmitted(t *testing.T) {
	got, err := read(t, "event: a\ndata:1\ndata:2\n\n", double{})
	const want = "event: a\ndata:1\ndata:2\n\nevent: a\ndata: 1\ndata: 2\n\ndata: end\n\n"
	if got != want || err != nil {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestReaderServesWhatCameBeforeAnError(t *testing.T) {
	bad := errors.New("bad")
	got, err := read(t, "data: 1\n\ndata: 2\n\n", double{bad})
	if got != "data: 1\n\ndata: 1\n\n" || !errors.Is(err, bad) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReaderCanBeEnded(t *testing.T) {
	r := transform.NewReader(transform.NewScanner(io.MultiReader(strings.NewReader("data: 1\n\n"), iotest.ErrReader(errors.New("cut"))), 0), double{})
	for r.Fill() == nil {
	}
	sorry := &transform.Error{Status: 502, Message: "sorry"}
	r.Fail(sorry, transform.OpenAIChat, nil)
	want := "data: 1\n\ndata: 1\n\n" + string(sorry.Frame(transform.OpenAIChat))
	if out, err := io.ReadAll(r); err != nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
	r = transform.NewReader(transform.NewScanner(iotest.ErrReader(errors.New("cut")), 0), double{})
	_ = r.Fill()
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	if out, err := io.ReadAll(r); err != nil || string(out) != "data: end\n\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestReaderServesOneArray(t *testing.T) {
	for _, test := range []struct {
		name, in, want string
		fail           bool
	}{
		{name: "events", in: "data: {\"a\":1}\n\n: comment\n\ndata: {\"b\":2}\n\n", want: "[{\"a\":1},\r\n{\"b\":2}]"},
		{name: "nothing", want: "[]"},
		{name: "broken off", in: "data: {\"a\":1}\n\n", fail: true, want: "[{\"a\":1},\r\n" + string((&transform.Error{Status: 502, Message: "cut"}).Body(transform.OpenAIChat)) + "]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var in io.Reader = strings.NewReader(test.in)
			if test.fail {
				in = io.MultiReader(in, iotest.ErrReader(errors.New("cut")))
			}
			r := transform.NewReader(transform.NewScanner(in, 0), nil)
			r.AsArray()
			for r.Fill() == nil {
			}
			if test.fail {
				r.Fail(&transform.Error{Status: 502, Message: "cut"}, transform.OpenAIChat, nil)
			}
			if out, err := io.ReadAll(r); err != nil || string(out) != test.want || !gjson.ValidBytes(out) {
				t.Errorf("%q, %v; want %q", out, err, test.want)
			}
		})
	}
}

func TestReaderDoesNotWaitForMoreThanOneEvent(t *testing.T) {
	pr, pw := io.Pipe()
	r := transform.NewReader(transform.NewScanner(pr, 0), nil)
	go func() { _, _ = pw.Write([]byte("data: 1\n\ndata: 2\n\ndata: unfinish")) }()
	buf := make([]byte, 100)
	if n, err := r.Read(buf); err != nil || string(buf[:n]) != "data: 1\n\ndata: 2\n\n" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty read gives %d, %v", n, err)
	}
}

// Whoever hands events on learns from the last ones that nothing follows, if
// that is known by then. A stream that broke off does not look so.
func TestReaderTellsTheEndWithTheLastEvents(t *testing.T) {
	for _, test := range []struct {
		name   string
		source io.Reader
		stream transform.Stream
		want   string
		err    error // with the last events
		then   error
	}{
		{"ended", iotest.DataErrReader(strings.NewReader("data: 1\n\ndata: 2\n\n")), nil, "data: 1\n\ndata: 2\n\n", io.EOF, io.EOF},
		{"ended by a stream", iotest.DataErrReader(strings.NewReader(": 1\n\n")), double{}, ": 1\n\ndata: \n\ndata: end\n\n", io.EOF, io.EOF},
		{"still open", strings.NewReader("data: 1\n\n"), nil, "data: 1\n\n", nil, io.EOF},
		{"broken", &once{"data: 1\n\n", io.ErrUnexpectedEOF}, nil, "data: 1\n\n", nil, io.ErrUnexpectedEOF},
		{"not complete", iotest.DataErrReader(strings.NewReader("data: {}\n\n")), transform.NewWatch(transform.OpenAIChat), "data: {}\n\n", nil, transform.ErrTruncated},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := transform.NewReader(transform.NewScanner(test.source, 0), test.stream)
			buf := make([]byte, 100)
			n, err := r.Read(buf)
			if string(buf[:n]) != test.want || !errors.Is(err, test.err) {
				t.Errorf("%q, %v", buf[:n], err)
			}
			if n, err := r.Read(buf); n != 0 || !errors.Is(err, test.then) {
				t.Errorf("then %q, %v", buf[:n], err)
			}
		})
	}
}

// once gives a text together with an error.
type once struct {
	text string
	err  error
}

func (o *once) Read(p []byte) (int, error) {
	n := copy(p, o.text)
	o.text = o.text[n:]
	return n, o.err
}

// named appends its letter to whatever passes.
type named string

func (n named) Request(_ context.Context, r *transform.Request) error {
	r.Body = append(bytes.Clone(r.Body), n...)
	if n == "!" {
		return errors.New("refused")
	}
	return nil
}

func (n named) Response(_ context.Context, r *transform.Response) error {
	r.Body = append(bytes.Clone(r.Body), n...)
	if n == "?" {
		return errors.New("failed")
	}
	return nil
}

func (n named) Stream(context.Context, *transform.Response) transform.Stream {
	if n == "-" {
		return nil
	}
	return letter(n)
}

type letter string

func (l letter) Event(ev transform.Event, emit func(transform.Event)) error {
	emit(transform.Event{Data: append(bytes.Clone(ev.Data), l...)})
	return nil
}

func (l letter) Close(emit func(transform.Event)) error {
	emit(transform.Event{Data: []byte("end " + string(l))})
	if l == "x" {
		return transform.ErrTruncated
	}
	return nil
}

func TestChainGoesThereAndBack(t *testing.T) {
	c := transform.Chain(named("a"), named("-"), named("b"))
	req := &transform.Request{Body: []byte(">")}
	if err := c.Request(t.Context(), req); err != nil || string(req.Body) != ">a-b" {
		t.Errorf("request %q, %v", req.Body, err)
	}
	resp := &transform.Response{Request: req, Header: http.Header{}, Body: []byte("<")}
	if err := c.Response(t.Context(), resp); err != nil || string(resp.Body) != "<b-a" {
		t.Errorf("response %q, %v", resp.Body, err)
	}
	got, err := read(t, "data: 1\n\n", c.Stream(t.Context(), resp))
	if want := "data: 1ba\n\ndata: end ba\n\ndata: end a\n\n"; got != want || err != nil {
		t.Errorf("stream %q, %v; want %q", got, err, want)
	}
	if _, err := read(t, "data: 1\n\n", transform.Chain(named("a"), named("x")).Stream(t.Context(), resp)); !errors.Is(err, transform.ErrTruncated) {
		t.Errorf("a truncated stream ended with %v", err)
	}
}

func TestChainStopsAtAnError(t *testing.T) {
	req := &transform.Request{}
	if err := transform.Chain(named("a"), named("!"), named("b")).Request(t.Context(), req); err == nil || string(req.Body) != "a!" {
		t.Errorf("request %q, %v", req.Body, err)
	}
	resp := &transform.Response{}
	if err := transform.Chain(named("a"), named("?"), named("b")).Response(t.Context(), resp); err == nil || string(resp.Body) != "b?" {
		t.Errorf("response %q, %v", resp.Body, err)
	}
	if s := transform.Chain(named("-"), named("-")).Stream(t.Context(), resp); s != nil {
		t.Error("nothing to change gave a stream")
	}
	if transform.Chain(named("a")) != transform.Transformer(named("a")) {
		t.Error("a chain of one is not the one")
	}
}
