package sim

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/trace"
)

// A world is one run of a scenario.
type world struct {
	s             Scenario
	seed          uint64
	clock         *clock
	transport     *routex.Transport
	upstreams     []*upstream // in the order of the channels
	byID          map[string]*upstream
	sessionHeader string
	buffers       sync.Pool // of *bytes.Buffer, for what callers hear

	mu         sync.Mutex
	violations []Violation           // under mu
	broken     map[Invariant]int     // under mu: how often
	decisions  map[trace.TraceID]int // under mu: how many each call has
	report     Report                // under mu
	first      []time.Duration       // under mu: of calls that were served
	whole      []time.Duration       // under mu
}

// newWorld makes the Transport and what it talks to.
func newWorld(s Scenario) (*world, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	w := &world{s: s, seed: s.Seed, clock: newClock(), byID: make(map[string]*upstream), decisions: make(map[trace.TraceID]int), broken: make(map[Invariant]int)}
	w.sessionHeader = cmp.Or(s.Config.Sessions.Header, routex.DefaultSessionHeader)
	cfg := s.Config
	cfg.Channels = slices.Clone(cfg.Channels)
	for i := range cfg.Channels {
		w.attach(&cfg.Channels[i], i)
	}
	cfg.Seed = scattered(s.Seed) | 1 // 0 would be a seed of chance
	cfg.Base = network{w}
	if s.Wrap != nil {
		cfg.Base = s.Wrap(cfg.Base)
	}
	cfg.OnDecision = func(d *routex.Decision) {
		w.decided(d)
		if s.Config.OnDecision != nil {
			s.Config.OnDecision(d)
		}
	}
	var err error
	w.transport, err = routex.New(cfg)
	return w, err
}

// attach puts a provider behind a channel.
func (w *world) attach(ch *routex.Channel, index int) {
	ch.ID = cmp.Or(ch.ID, ch.Name)
	p, ok := w.s.Providers[ch.ID]
	if !ok {
		p = w.s.Providers[ch.Name]
	}
	if ch.BaseURL == "" && ch.Type.DefaultBaseURL() == "" {
		ch.BaseURL = "https://provider.test"
	}
	ch.Headers = maps.Clone(ch.Headers)
	if ch.Headers == nil {
		ch.Headers = make(map[string]string, 1)
	}
	ch.Headers[channelHeader] = ch.ID
	up := newUpstream(p, *ch, index)
	b := w.s.Config.Breaker
	up.circuit = circuitModel{failures: b.Failures, first: max(b.OpenFor/4, 1), longest: b.OpenFor}
	w.upstreams = append(w.upstreams, up)
	w.byID[ch.ID] = up
}

// buffer gives an empty one.
func (w *world) buffer() *bytes.Buffer {
	b, ok := w.buffers.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	b.Reset()
	return b
}

func (w *world) decided(d *routex.Decision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decisions[d.TraceID]++
}

// patience is how long calls may take when no new ones come.
const patience = 2 * time.Hour

var errHangs = errors.New("sim: the call hangs")

// play lets the sessions run and waits for their ends. Those that hang are
// cancelled.
func (w *world) play() {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var open sync.WaitGroup
	for _, s := range w.plan() {
		time.Sleep(s.begins - w.clock.now())
		open.Go(func() { s.play(ctx) })
	}
	over := make(chan struct{})
	go func() {
		open.Wait()
		close(over)
	}()
	timer := time.NewTimer(w.longest())
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
		w.saw(nil, nil, Answered, "calls are not answered %v after the last session began", w.longest())
		cancel(errHangs)
		<-over
	}
}

// longest is how long a session may take.
func (w *world) longest() time.Duration {
	d := time.Duration(0)
	for _, tr := range w.s.Traffic {
		d = max(d, time.Duration(tr.Turns)*(patience/4+3*tr.Think.P99+tr.Think.Median))
	}
	return patience + d
}

// heal lets all trouble pass, and looks whether every channel is in use again.
func (w *world) heal() {
	wait := 2 * w.s.Config.Breaker.OpenFor
	w.mu.Lock()
	for _, up := range w.upstreams {
		for _, until := range up.resting {
			wait = max(wait, until-w.clock.now()+time.Second)
		}
	}
	w.mu.Unlock()
	for range routex.DefaultUnaryTimeout / time.Minute {
		if w.busy() { // with copies of calls, for which nobody waits
			time.Sleep(time.Minute)
		}
	}
	time.Sleep(wait)
	status := w.transport.Status()
	for i, up := range w.upstreams {
		if n := status[i].InFlight; n != 0 {
			w.saw(nil, up, Idle, "%d calls are in flight after all are over", n)
		}
		if !up.channel.Disabled {
			w.tryChannel(up)
		}
	}
}

// busy reports that a channel has calls in flight.
func (w *world) busy() bool {
	return slices.ContainsFunc(w.transport.Status(), func(s routex.ChannelStatus) bool { return s.InFlight != 0 })
}

// tryChannel sends a call to a channel whose provider is well.
func (w *world) tryChannel(up *upstream) {
	model := "sim"
	if len(w.s.Traffic) > 0 {
		model = w.s.Traffic[0].Model
	}
	s := &session{w: w, id: -1, traffic: &Traffic{Turns: 1}, talk: talk{dialect: up.channel.Dialect(), model: model, system: "Rule"}}
	t := &turn{session: s, probe: true, same: true, user: "well", answer: "well again", words: 2, stream: true, input: 2}
	ctx := routex.WithChannel(context.Background(), up.channel.ID)
	w.call(ctx, t)
	if t.result != served {
		w.saw(nil, up, Recovery, "a call long after all trouble was not served (%s): %s", t.result, t.told)
		return
	}
	w.checkCircuit(up, w.transport.Status()[up.index])
}

// close looks for what the Transport has not let go of.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := w.transport.Close(ctx); err != nil {
		w.saw(nil, nil, Idle, "the Transport does not close: %v", err)
	}
	for i, s := range w.transport.Status() {
		if s.InFlight != 0 {
			w.saw(nil, w.upstreams[i], Idle, "%d calls are in flight after Close", s.InFlight)
		}
	}
}

// number gives the sessions their order, and each an instant of its own.
func number(all []*session) {
	slices.SortStableFunc(all, func(a, b *session) int { return cmp.Compare(a.begins, b.begins) })
	for i, s := range all {
		s.id = i
		if i > 0 && s.begins <= all[i-1].begins {
			s.begins = all[i-1].begins + 1
		}
	}
}
