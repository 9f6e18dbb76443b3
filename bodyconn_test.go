package routex

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
)

// tcpPair gives both ends of a connection.
func tcpPair(t *testing.T) (bodyConn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	base := &http.Transport{DialContext: new(net.Dialer).DialContext}
	withBodyConns(base)
	near, err := base.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close() })
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	return near.(bodyConn), far
}

// pooledBody is a body whose payload has the given bytes between two others.
func pooledBody(size int) (*payload, *pieces) {
	p := &payload{bytes: bytes.Repeat([]byte("0123456789abcdef"), size/16), pooled: true}
	p.users.Store(1) // its body
	return p, &pieces{owner: p, parts: [3][]byte{p.bytes[:size/3], []byte("model"), p.bytes[size/3:]}}
}

func TestABodyIsWrittenAsItLies(t *testing.T) {
	for _, size := range []int{0, 48, maxAtOnce, 10 * maxAtOnce} {
		near, far := tcpPair(t)
		p, body := pooledBody(size)
		want := strings.Join([]string{string(p.bytes[:size/3]), "model", string(p.bytes[size/3:])}, "")
		sent := make(chan error, 1)
		go func() {
			n, err := io.Copy(near, io.LimitReader(body, int64(len(want))))
			if n != int64(len(want)) && err == nil {
				err = errors.New("not all is told to be written")
			}
			sent <- errors.Join(err, near.Close())
		}()
		got, err := io.ReadAll(far)
		if err = errors.Join(err, <-sent); err != nil || string(got) != want {
			t.Errorf("%d bytes: %d arrived, %v", len(want), len(got), err)
		}
		if n, err := body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("after its end the body gives %d bytes and %v", n, err)
		}
	}
}

// What is written from may not be used again, even if the body is closed
// meanwhile, as http.Transport does when a call is cancelled.
func TestAPayloadIsHeldWhileItIsWritten(t *testing.T) {
	near, far := tcpPair(t)
	p, body := pooledBody(64 << 20) // more than the buffers between them take
	sent := make(chan error, 1)
	go func() {
		_, err := near.ReadFrom(io.LimitReader(body, 65<<20))
		sent <- err
	}()
	if _, err := io.ReadFull(far, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	if n := p.users.Load(); n != 1 {
		t.Errorf("while it is written, %d hold the payload", n)
	}
	_ = near.Close()
	if err := <-sent; err == nil || p.users.Load() != 0 {
		t.Errorf("writing ended with %v, and %d hold the payload", err, p.users.Load())
	}
	if _, err := near.ReadFrom(io.LimitReader(body, 1)); !errors.Is(err, errReleased) {
		t.Errorf("a closed body gives %v", err)
	}
}

// Less than the whole body, and what is none of ours, is copied as ever.
func TestOtherReadersAreCopied(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"plain":   strings.NewReader("0123456789"),
		"limited": io.LimitReader(strings.NewReader("0123456789abcdef"), 10),
		"part": func() io.Reader {
			_, body := pooledBody(480)
			return io.LimitReader(body, 10)
		}(),
	} {
		near, far := tcpPair(t)
		n, err := near.ReadFrom(r)
		_ = near.Close()
		got, _ := io.ReadAll(far)
		if err != nil || n != 10 || string(got) != "0123456789" {
			t.Errorf("%s: %q arrived, %d, %v", name, got, n, err)
		}
	}
}

// A host's own dialer stays, and so does what it gives.
func TestOtherConnectionsStay(t *testing.T) {
	near, _ := net.Pipe()
	base := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	withBodyConns(base)
	if got, err := base.DialContext(t.Context(), "tcp", "x:1"); got != near || err != nil {
		t.Errorf("dialing gives %v and %v", got, err)
	}
	base.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrClosedPipe }
	withBodyConns(base)
	if got, err := base.DialContext(t.Context(), "tcp", "x:1"); got != nil || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("dialing gives %v and %v", got, err)
	}
	base = &http.Transport{}
	if withBodyConns(base); base.DialContext != nil {
		t.Error("a transport that dials by itself got a dialer")
	}
}

// Through the whole pipeline, with another name for the model.
func TestALongCallArrivesWhole(t *testing.T) {
	for _, size := range []int{minPooled - 500, minPooled, 200 << 10, maxPooled + 1} {
		var got []byte
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, _ = io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"type":"message","content":[],"usage":{"input_tokens":1,"output_tokens":1}}`)
		}))
		tr, err := New(Config{Channels: []Channel{{Name: "a", Type: TypeAnthropic, BaseURL: server.URL, APIKey: "k", ModelMap: map[string]string{"m": "another"}}}})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("x", size)
		body := func(model string) string {
			return `{"messages":[{"role":"user","content":"` + text + `"}],"model":"` + model + `","max_tokens":1}`
		}
		for range 2 { // on one connection
			ours := false
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) { _, ours = got.Conn.(bodyConn) }})
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/v1/messages", strings.NewReader(body("m")))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tr.RoundTrip(req)
			if err != nil || !ours {
				t.Fatalf("%v; over one of our connections: %v", err, ours)
			}
			_ = resp.Body.Close()
			if string(got) != body("another") {
				t.Errorf("of a text of %d bytes %d arrived in all", size, len(got))
			}
		}
		if err := tr.Close(t.Context()); err != nil {
			t.Error(err)
		}
		server.Close()
	}
}
