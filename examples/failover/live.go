package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// A show plays cells in real time.
type show struct {
	o      options
	server *process
	client *http.Client
	out    io.Writer

	mu     sync.Mutex
	matrix *matrix // under mu, as is out
}

// A stage is a cell with its providers.
type stage struct {
	cell              *cell
	primary, fallback *routextest.Provider
	channels          [2]channelView
}

// playAll starts the server and the providers, plays every cell, and prints
// how each went.
func playAll(ctx context.Context, o options, out io.Writer) (_ *matrix, err error) {
	s := &show{o: o, out: out, matrix: newMatrix(o.cells), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.at}}}
	if s.server, err = start(ctx, o.server); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.server.stop()) }()
	defer s.client.CloseIdleConnections()
	var hosts http.ServeMux
	stages := make([]*stage, 0, len(o.cells))
	for i := range o.cells {
		stages = append(stages, newStage(&o.cells[i], o.profile, &hosts))
	}
	providers := httptest.NewUnstartedServer(&hosts)
	providers.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are on purpose
	providers.Start()
	defer providers.Close()
	for _, stage := range stages {
		for i := range stage.channels {
			c := &stage.channels[i]
			c.BaseURL = providers.URL + c.BaseURL
			if err := s.server.manage(ctx, http.MethodPost, "/api/channels", c, c); err != nil {
				return nil, err
			}
		}
	}
	return s.matrix, s.playEach(ctx, longestFirst(stages))
}

// longestFirst orders cells so that they are over as soon as can be.
func longestFirst(stages []*stage) []*stage {
	slices.SortStableFunc(stages, func(a, b *stage) int { return cmp.Compare(b.cell.length(), a.cell.length()) })
	return stages
}

// newStage sets up a cell. Its channels alone serve its model.
func newStage(c *cell, p profile, hosts *http.ServeMux) *stage {
	s := &stage{cell: c}
	s.primary, s.fallback = c.providers(p.pace)
	for i, side := range []struct {
		name, model string
		provider    *routextest.Provider
	}{{"primary", c.channel.primary, s.primary}, {"fallback", c.spare(), s.fallback}} {
		name := c.name() + "-" + side.name
		hosts.Handle("/"+name+"/", side.provider)
		s.channels[i] = channelView{
			Name: name, Type: string(c.channel.kind), API: string(c.channel.api), BaseURL: "/" + name,
			Models: []string{c.name()}, ModelMap: map[string]string{c.name(): side.model}, Priority: i, Timeouts: p.timeouts,
		}
	}
	return s
}

// playEach plays several cells at the same time.
func (s *show) playEach(ctx context.Context, stages []*stage) error {
	var all sync.WaitGroup
	free := make(chan struct{}, s.o.at)
	for _, stage := range stages {
		free <- struct{}{}
		all.Go(func() {
			s.play(ctx, stage)
			<-free
		})
	}
	all.Wait()
	return ctx.Err()
}

// play plays one cell and prints how it went.
func (s *show) play(ctx context.Context, stage *stage) {
	c, r := stage.cell, &result{healthy: stage.cell.channel.primary, model: stage.cell.spare()}
	c.run(ctx, s.client, s.server.url, c.name(), stage.primary, stage.fallback, r)
	s.settle(ctx, stage, r)
	v, why := c.scenario.judge(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.matrix.verdicts[c.name()] = v
	_, _ = fmt.Fprintf(s.out, "%-7s %s in %v\n%s", v, c.name(), time.Since(r.began).Round(time.Millisecond), view(r))
	if why != "" {
		_, _ = fmt.Fprintln(s.out, "  "+why)
	}
}

// settle takes the providers' view when all is over, and notes what is not.
func (s *show) settle(ctx context.Context, stage *stage, r *result) {
	for limit := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		r.primary, r.fallback, r.left = stage.primary.Calls(), stage.fallback.Calls(), nil
		r.stillOpen()
		for i := range stage.channels {
			var now channelView
			if err := s.server.manage(ctx, http.MethodGet, "/api/channels/"+stage.channels[i].ID, nil, &now); err != nil {
				r.left = append(r.left, err.Error())
			} else if now.InFlight > 0 {
				r.left = append(r.left, fmt.Sprintf("%d calls in flight at the channel", now.InFlight))
			}
		}
		if len(r.left) == 0 || time.Now().After(limit) {
			return
		}
	}
}
