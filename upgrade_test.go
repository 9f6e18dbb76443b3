package routex_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
)

// echoing is an upstream that switches to a protocol in which it says what it
// was asked, and then every line that it hears.
func echoing(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" {
			http.Error(w, `{"error":{"message":"no upgrade"}}`, http.StatusUpgradeRequired)
			return
		}
		if r.URL.Query().Get("model") == "refused" {
			http.Error(w, `{"error":{"message":"no such model"}}`, http.StatusForbidden)
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n")
		_, _ = rw.WriteString(r.URL.RequestURI() + " " + r.Header.Get("Authorization") + " " + r.Header.Get("Sec-WebSocket-Protocol") + "\n")
		_ = rw.Flush()
		for {
			line, err := rw.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = rw.WriteString("echo " + line)
			_ = rw.Flush()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func upgrading(t *testing.T, ctx context.Context, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}, "Authorization": {"Bearer callers-own"},
		"Sec-Websocket-Protocol": {"realtime, openai-insecure-api-key.callers-own"}, "Sec-Websocket-Key": {"x"},
	}
	return req
}

func TestUpgradesArePassedOn(t *testing.T) {
	up := echoing(t)
	ch := openAIChannel("o", up.URL)
	ch.ModelMap = map[string]string{"voice": "gpt-realtime"}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test"), ch}})
	ctx, leave := context.WithCancel(t.Context())
	ctx, rec := routex.WithRecord(ctx)
	resp, err := tr.RoundTrip(upgrading(t, ctx, "https://x.test/v1/realtime?model=voice&x=1"))
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Upgrade") != "websocket" || resp.Header.Get("Sec-Websocket-Accept") != "x" {
		t.Fatalf("%v %v", resp, err)
	}
	leave() // the context of the request is that of the handshake
	conn := resp.Body.(io.ReadWriteCloser)
	lines := bufio.NewReader(conn)
	if first, err := lines.ReadString('\n'); err != nil || first != "/v1/realtime?model=gpt-realtime&x=1 Bearer key-o realtime\n" {
		t.Errorf("%q %v", first, err)
	}
	_, _ = io.WriteString(conn, "hello\n")
	if line, err := lines.ReadString('\n'); err != nil || line != "echo hello\n" {
		t.Errorf("%q %v", line, err)
	}
	if s := tr.Status()[1]; s.InFlight != 1 {
		t.Errorf("status %+v", s)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if s := tr.Status()[1]; s.InFlight != 0 || s.Successes != 1 {
		t.Errorf("status %+v", s)
	}
	if d := rec.Decision(); !d.Succeeded() || d.Status != 101 || d.Model != "voice" || d.UpstreamModel != "gpt-realtime" {
		t.Errorf("decision %+v", d)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestUpgradesThatAreRefused(t *testing.T) {
	up := echoing(t)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", up.URL), openAIChannel("p", up.URL)}})
	resp, err := tr.RoundTrip(upgrading(t, t.Context(), "https://x.test/v1/realtime?model=refused"))
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Fatalf("%v %v", resp, err)
	}
	if text := readBody(t, resp); !strings.Contains(text, "no such model") || tr.Status()[0].Requests+tr.Status()[1].Requests != 1 {
		t.Errorf("%s", text)
	}
	base := roundTrip(func(*http.Request) (*http.Response, error) { return respond(101, "", ""), nil })
	tr = newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", up.URL)}, Base: base})
	if resp, err = tr.RoundTrip(upgrading(t, t.Context(), "https://x.test/v1/realtime")); err != nil || resp.StatusCode != 502 {
		t.Errorf("a base that cannot: %v %v", resp, err)
	}
	tr = newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", up.URL)}, Base: base})
	if resp, _, _ := ask(t, tr, "POST", "https://x.test/v1/completions", "{}"); resp.StatusCode != 502 {
		t.Errorf("a switch that nobody asked for: %v", resp)
	}
}

func TestClosingTheTransportEndsTunnels(t *testing.T) {
	up := echoing(t)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", up.URL)}})
	resp, err := tr.RoundTrip(upgrading(t, t.Context(), "https://x.test/v1/realtime"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		ended <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := tr.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close gives %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("the tunnel ended as if it was whole")
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheHandlerJoinsBothConnections(t *testing.T) {
	up := echoing(t)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", up.URL)}})
	server := httptest.NewServer(tr.Handler())
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// The first words come together with the request.
	_, _ = io.WriteString(conn, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello\n")
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 101 || resp.Header.Get("X-Channel-Name") != "o" || resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("%v %v", resp, err)
	}
	for _, want := range []string{"/v1/realtime?model=m Bearer key-o \n", "echo hello\n"} {
		if line, err := r.ReadString('\n'); line != want {
			t.Errorf("%q %v, want %q", line, err, want)
		}
	}
	_ = conn.Close()
	if err := tr.Close(t.Context()); err != nil { // which waits for the tunnel
		t.Error(err)
	}
}
