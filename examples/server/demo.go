package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/routextest"
)

// demoPace is the time between two pieces of a demo's stream: enough to see
// that it is one.
const demoPace = 20 * time.Millisecond

// A demo is what -demo adds: providers in this process, and the channels that
// lead to them. The zero value adds nothing.
type demo struct {
	servers  []*http.Server
	channels []store.Channel
}

// startDemo starts the providers. The channels have the same ids at every
// start, so that rules can name them; where the providers are changes.
func startDemo() (demo, error) {
	var d demo
	for _, c := range []store.Channel{
		{Name: "demo-anthropic", Type: "anthropic", Models: []string{"claude-opus-4", "claude-sonnet-4", "claude-haiku-4"}},
		{Name: "demo-openai", Type: "openai", Models: []string{"gpt-4o", "gpt-4o-mini"}},
	} {
		url, err := d.serve(routextest.NewProvider(routextest.Options{Name: c.Name, Pace: demoPace, Lenient: true}))
		if err != nil {
			d.close()
			return demo{}, fmt.Errorf("cannot start %s: %w", c.Name, err)
		}
		now := time.Now().UnixMilli()
		c.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("routex:"+c.Name)).String()
		c.BaseURL, c.Priority, c.Weight, c.CreatedAt, c.UpdatedAt = url, 50, 1, now, now
		d.channels = append(d.channels, c)
	}
	return d, nil
}

// serve serves a provider on a free port of this machine.
func (d *demo) serve(p *routextest.Provider) (url string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: forgetful{p}, ReadHeaderTimeout: headerTimeout}
	d.servers = append(d.servers, server)
	go func() { _ = server.Serve(l) }() // until close
	return "http://" + l.Addr().String(), nil
}

func (d *demo) close() {
	for _, s := range d.servers {
		_ = s.Close() // nobody is left to be told
	}
}

// A forgetful provider does not keep every call that it received, as tests
// want it: a demo may run for long.
type forgetful struct{ *routextest.Provider }

// remembered bounds the calls that a demo's provider keeps.
const remembered = 100

// ServeHTTP implements http.Handler.
func (f forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.Count() >= remembered {
		f.Reset()
	}
	f.Provider.ServeHTTP(w, r)
}
