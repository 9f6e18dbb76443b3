package routextest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
)

// A Server serves a provider on a loopback address.
type Server struct {
	URL string // without a slash at the end

	inner *httptest.Server
}

// Start serves the provider on a free loopback port. Close ends it.
func (p *Provider) Start() *Server {
	s := httptest.NewUnstartedServer(p)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are on purpose
	s.Start()
	return &Server{URL: s.URL, inner: s}
}

// Close breaks what is open and returns when no call is left.
func (s *Server) Close() {
	s.inner.CloseClientConnections()
	s.inner.Close()
}

// A Network connects providers in memory, over net.Pipe: nothing in it waits
// for a socket, so that time can pass in a testing/synctest bubble. It is safe
// for concurrent use.
type Network struct {
	mu    sync.Mutex
	hosts map[string]*pipeListener // under mu
	idle  []*http.Transport        // under mu
	done  sync.WaitGroup           // for the servers
}

// NewNetwork makes a network without hosts. In a bubble it has to be made, and
// closed, there.
func NewNetwork() *Network { return &Network{hosts: make(map[string]*pipeListener)} }

// Add serves a handler, such as a [Provider], under a host name, and gives its
// URL. The name must be new to the network.
func (n *Network) Add(host string, h http.Handler) string {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	l.server = &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // no network
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, taken := n.hosts[host]; taken {
		panic("routextest: host " + host + " was added before")
	}
	n.hosts[host] = l
	n.done.Go(func() { _ = l.server.Serve(l) })
	return "http://" + host
}

// Transport reaches the hosts of the network, and nothing else.
func (n *Network) Transport() *http.Transport {
	t := &http.Transport{DialContext: n.dial, DisableCompression: true, MaxIdleConnsPerHost: 64}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.idle = append(n.idle, t)
	return t
}

// Close breaks every connection and returns when no server is left.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, t := range n.idle {
		t.CloseIdleConnections()
	}
	for _, l := range n.hosts {
		_ = l.server.Close() // of pipes: nothing can fail
	}
	n.done.Wait()
}

var errNoHost = errors.New("routextest: no such host")

func (n *Network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	l, ok := n.hosts[host]
	n.mu.Unlock()
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: errNoHost}
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A pipeListener accepts the far ends of pipes.
type pipeListener struct {
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
