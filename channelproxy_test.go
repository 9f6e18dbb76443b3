package routex_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex"
)

const proxyPassword = "planted-proxy-password"

// A proxy is one that works, and remembers what it was asked.
type proxy struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newProxy(t *testing.T) *proxy {
	p := new(proxy)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := parseProxyAuth(r)
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		if user != "u" || password != proxyPassword {
			w.WriteHeader(http.StatusProxyAuthRequired)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"who is %s %s?"}}`, password, r.Header.Get("Proxy-Authorization"))
			return
		}
		if r.Method != http.MethodConnect {
			(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}).ServeHTTP(w, r)
			return
		}
		up, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = up.Close() }()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(up, conn); _ = up.Close() }()
		_, _ = io.Copy(conn, up)
	}))
	t.Cleanup(p.Close)
	return p
}

// parseProxyAuth is BasicAuth for what a proxy is sent.
func parseProxyAuth(r *http.Request) (user, password string, ok bool) {
	return (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
}

// url is the proxy with credentials.
func (p *proxy) url(password string) string {
	return strings.Replace(p.URL, "http://", "http://u:"+password+"@", 1)
}

func (p *proxy) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { p.asked = nil }()
	return strings.Join(p.asked, "\n")
}

// trusting makes http.DefaultTransport, after which the base is made, trust the
// server for the time of the test.
func trusting(t *testing.T, s *httptest.Server) {
	before := http.DefaultTransport
	http.DefaultTransport = s.Client().Transport
	t.Cleanup(func() { http.DefaultTransport = before })
}

func TestAChannelHasAProxyOfItsOwn(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "" {
			t.Error("the provider gets what is for the proxy")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`)
	})
	plain, tls := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	t.Cleanup(plain.Close)
	t.Cleanup(tls.Close)
	trusting(t, tls)
	for _, up := range []*httptest.Server{plain, tls} {
		p, other := newProxy(t), newProxy(t)
		through, direct, elsewhere := openAIChannel("through", up.URL), openAIChannel("direct", up.URL), openAIChannel("elsewhere", up.URL)
		through.ProxyURL, elsewhere.ProxyURL = p.url(proxyPassword), other.url(proxyPassword)+"/"
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{through, direct, elsewhere}})
		asks := func(name string) {
			t.Helper()
			_, d := call(t, tr, asking("m"), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), name)) })
			if d.Status != 200 || d.Channel != name {
				t.Errorf("%s: %+v", name, d)
			}
		}
		want := "POST " + up.Listener.Addr().String()
		if up == tls {
			want = strings.Replace(want, "POST", "CONNECT", 1)
		}
		asks("direct")
		if got := p.heard() + other.heard(); got != "" {
			t.Errorf("proxies of other channels were asked %q", got)
		}
		asks("through")
		if got := p.heard(); got != want || other.heard() != "" {
			t.Errorf("the proxy was asked %q, want %q, and that of another channel perhaps too", got, want)
		}
		asks("elsewhere") // over a connection of its own
		if got := other.heard(); got != want || p.heard() != "" {
			t.Errorf("the other proxy was asked %q, want %q, and the first one perhaps too", got, want)
		}
		if err := tr.Update(routex.Config{Channels: []routex.Channel{through, direct}}); err != nil {
			t.Errorf("an Update that keeps the base: %v", err)
		}
		tr.CloseIdleConnections()
		asks("through")
		if got := p.heard(); got != want {
			t.Errorf("after an Update the proxy was asked %q, want %q", got, want)
		}
		tr.CloseIdleConnections()
	}
}

func TestUpgradesGoThroughTheProxy(t *testing.T) {
	up, p := echoing(t), newProxy(t)
	ch := openAIChannel("o", up.URL)
	ch.ProxyURL = p.url(proxyPassword)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}})
	resp, err := tr.RoundTrip(upgrading(t, t.Context(), "https://x.test/v1/realtime?model=m"))
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", resp, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if got := p.heard(); got != "GET "+up.Listener.Addr().String() {
		t.Errorf("the proxy was asked %q", got)
	}
}

// A proxy that does not let the channel pass is a failure of the channel, and
// nobody is told the password, whatever the proxy says.
func TestAProxyThatRefuses(t *testing.T) {
	const wrong = "wrong-" + proxyPassword
	p := newProxy(t)
	up := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(up.Close)
	talkative := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := parseProxyAuth(r)
		if r.Method == http.MethodConnect {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 502 no way for "+password+"\r\n\r\n")
			_ = conn.Close()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"no way for %s, %s"}}`, password, r.Header.Get("Proxy-Authorization"))
	}))
	t.Cleanup(talkative.Close)
	socks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socks.Close() })
	go func() {
		for conn, err := socks.Accept(); err == nil; conn, err = socks.Accept() {
			_, _ = conn.Read(make([]byte, 9))
			_, _ = conn.Write([]byte{5, 0xff}) // none of the ways to say who one is
			_ = conn.Close()
		}
	}()
	for _, proxyURL := range []string{p.url(wrong), strings.Replace(talkative.URL, "//", "//u:"+wrong+"@", 1), "socks5://u:" + wrong + "@" + socks.Addr().String(), "http://u:" + wrong + "@127.0.0.1:1"} {
		for _, base := range []string{up.URL, "https://" + up.Listener.Addr().String()} {
			var log strings.Builder
			ch := openAIChannel("o", base)
			ch.ProxyURL = proxyURL
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, MaxAttempts: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			resp, d := call(t, tr, asking("m"))
			text := readBody(t, resp) + fmt.Sprintf("%+v", d) + log.String()
			if resp.StatusCode < 500 || d.Attempts[0].Class == "caller" {
				t.Errorf("%s by %s: status %d: %s", base, proxyURL, resp.StatusCode, text)
			}
			if strings.Contains(text, wrong) || strings.Contains(text, "dTp3cm9uZy") { // u:wrong- in base64
				t.Errorf("%s by %s: the password is told: %s", base, proxyURL, text)
			}
		}
	}
}

func TestMistakesInTheURLOfAProxy(t *testing.T) {
	const base, ending = "must be an http, https, socks5", "must end after the host"
	tests := map[string]string{
		"": "", "http://proxy.test": "", "https://u:p@proxy.test:8443/": "", "socks5://u:p@10.0.0.1:1080": "", "socks5h://[::1]:1080": "", "http://token@proxy.test": "",
		"proxy.test:8080": base, "proxy.test": base, "ftp://proxy.test": base, "http://": base, "http://:8080": base,
		"http://u:planted@": base, "http://u:planted@proxy.test/path": ending, "http://u:planted@proxy.test?x": ending, "http://u:planted@proxy.test?": ending, "http://u:planted@proxy.test#f": ending,
		"http://u:planted@proxy.test:port": "not a URL", "http://u:pl anted%zz@planted.test": "not a URL", "http://u:planted/@proxy.test": "not a URL",
		"socks5://:planted@proxy.test": "the user name of a SOCKS proxy", "socks5://u:" + strings.Repeat("planted", 40) + "@proxy.test": "the user name of a SOCKS proxy",
	}
	for in, want := range tests {
		ch := openAIChannel("o", "https://o.test")
		ch.ProxyURL = in
		err := routex.Config{Channels: []routex.Channel{ch}}.Validate()
		bad, _ := errors.AsType[*routex.ConfigError](err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", in, err)
		case want != "" && (bad == nil || len(bad.Fields) != 1 || bad.Fields[0].Field != "Channels[0].ProxyURL" || !strings.HasPrefix(bad.Fields[0].Problem, want)):
			t.Errorf("%q: %v, want that it %s", in, err, want)
		case err != nil && strings.Contains(err.Error(), "planted"):
			t.Errorf("a part of %q is repeated: %v", in, err)
		}
	}
}

func TestABaseOfTheHostsChoosesItsProxiesItself(t *testing.T) {
	plain, ch := openAIChannel("o", "https://o.test"), openAIChannel("o", "https://o.test")
	ch.ProxyURL = "http://proxy.test"
	own := routex.Config{Channels: []routex.Channel{ch}, Base: new(http.Transport)}
	const want = "Channels[0].ProxyURL: cannot be used with a RoundTripper of your own as Base"
	if err := own.Validate(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Validate: %v", err)
	}
	if _, err := routex.New(own); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("New: %v", err)
	}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{plain}, Base: new(http.Transport)})
	if err := tr.Update(routex.Config{Channels: []routex.Channel{ch}}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("an Update that keeps such a base: %v", err)
	}
}
