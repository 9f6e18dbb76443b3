package trace

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
)

// What stands for a channel or a model that has no series of its own.
const (
	NoChannel = "none"  // no channel was asked
	Other     = "other" // any other
)

// Metrics count calls, and tell how the channels are doing when they are asked.
// Names and models of other people become labels only within bounds: 200
// channels and 200 models at one time, and a bounded number of their pairs, of
// which every further one counts as [Other]. A model is one by itself only when a channel
// lists it or has answered to it. A nil *Metrics counts nothing, at no cost.
// Metrics are safe for concurrent use.
type Metrics struct {
	classes      []string
	state        func() MetricsState
	registration metric.Registration

	observe   observables
	duration  metric.Float64Histogram
	first     metric.Float64Histogram
	rate      metric.Float64Histogram
	own       metric.Float64Histogram
	genTokens metric.Int64Histogram
	genTime   metric.Float64Histogram
	genFirst  metric.Float64Histogram
	genChunk  metric.Float64Histogram

	totals totals
	series atomic.Pointer[series] // replaced under mu
	mu     sync.Mutex
	ever   map[pairKey]struct{} // under mu: the pairs that there ever were
}

// totals are of all calls.
type totals struct{ requests, success, failed, rejected, canceled, cached atomic.Int64 }

// A MetricsState is what the gauges tell.
type MetricsState struct {
	Channels []ChannelState
	Tees     []TeeState
}

// A TeeState is how a destination of records is doing.
type TeeState struct {
	Name                          string
	Queued, Sent, Failed, Dropped int64 // records
}

// A ChannelState is how a channel is doing.
type ChannelState struct {
	Name     string
	Enabled  bool
	Cooling  bool  // its provider limits it
	Open     bool  // its circuit has opened and not closed again
	Opened   int64 // how often it has
	InFlight int64
}

// An Outcome is how a call ended, in the eyes of who watches the server.
type Outcome uint8

// The outcomes.
const (
	Succeeded Outcome = iota
	Failed            // by no fault of the caller
	Rejected          // for what was wrong with the call
	Canceled          // by the caller
)

// CallMetrics are what is counted of a call that is over.
type CallMetrics struct {
	Channel   string // that answered last, by its name; "" for none
	Model     string // that the caller named
	Operation string // of OpenTelemetry's conventions; "" when they have none for it
	Provider  string // of the channel, as the conventions call it
	Outcome   Outcome
	Class     string // of the failure; "" for success
	Copy      bool   // of another call: it spends tokens, but nobody waits for it
	Lossy     bool

	UsageKnown                                      bool
	Input, Output, CacheRead, CacheWrite, Reasoning int64
	Cost                                            float64 // 0 when it is not known

	Duration time.Duration
	First    time.Duration // until a streamed answer began; 0 for none
	PerChunk time.Duration // between the pieces of a streamed answer, on the average; 0 for none
	Own      time.Duration // that Routex itself took; negative when it is not known
}

// AttemptMetrics are what is counted of an attempt that is over.
type AttemptMetrics struct {
	Channel, Model string
	Class          string // of the failure; "" for success
	Retry          bool   // at a channel that the call had asked before
	Hedge          bool   // beside another
	Resumed        bool   // it went on with an answer that had broken off
	Failover       bool   // it failed, and the call went to another channel
}

// NewMetrics makes the instruments. The classes are those of failures, and
// state is asked when the instruments are read. The Metrics must be closed.
func NewMetrics(meter metric.Meter, classes []string, state func() MetricsState) (*Metrics, error) {
	m := &Metrics{classes: classes, state: state, ever: make(map[pairKey]struct{})}
	m.series.Store(newSeries(classes))
	m.Configure(nil)
	mk := maker{meter: meter}
	m.observe = newObservables(&mk)
	m.duration, m.first, m.rate = mk.histogram(requestDuration), mk.histogram(firstToken), mk.histogram(outputRate)
	m.own = mk.histogram(ownTime)
	m.genTokens, m.genTime = mk.tokens(genTokens), mk.histogram(genDuration)
	m.genFirst, m.genChunk = mk.histogram(genFirstChunk), mk.histogram(genPerChunk)
	if err := mk.err(); err != nil {
		return nil, err
	}
	var err error
	m.registration, err = meter.RegisterCallback(m.tell, mk.observed...)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close takes the gauges and counters out of the meter. Histograms stay there.
func (m *Metrics) Close() error {
	if m == nil {
		return nil
	}
	return m.registration.Unregister()
}

// Call counts a call. The context's span is what the time of the call is an
// example of.
func (m *Metrics) Call(ctx context.Context, c *CallMetrics) {
	if m == nil {
		return
	}
	p := m.pair(c.Channel, c.Model, c.Outcome == Succeeded && c.Channel != "")
	p.count(c)
	if c.CacheRead > 0 && !c.Copy {
		m.totals.cached.Add(1)
	}
	background := context.Background() // a span is looked for once only
	if c.Operation != "" && c.Channel != "" {
		m.conventional(background, c, p)
	}
	if c.Copy {
		return
	}
	m.totals.count(c.Outcome)
	m.duration.Record(ctx, c.Duration.Seconds(), p.record...)
	if c.Own >= 0 {
		m.own.Record(background, c.Own.Seconds())
	}
	if c.First > 0 {
		m.first.Record(background, c.First.Seconds(), p.record...)
	}
	if spoke := c.Duration - c.First; c.Outcome == Succeeded && c.Output > 0 && spoke > 0 {
		m.rate.Record(background, float64(c.Output)/spoke.Seconds(), p.record...)
	}
}

func (t *totals) count(o Outcome) {
	t.requests.Add(1)
	switch o {
	case Succeeded:
		t.success.Add(1)
	case Failed:
		t.failed.Add(1)
	case Rejected:
		t.rejected.Add(1)
	case Canceled:
		t.canceled.Add(1)
	}
}

// conventional records what OpenTelemetry's conventions ask for.
func (m *Metrics) conventional(ctx context.Context, c *CallMetrics, p *pairSeries) {
	g := m.gen(genKey{c.Operation, c.Provider, p.model, c.Class})
	if g == nil {
		return
	}
	m.genTime.Record(ctx, c.Duration.Seconds(), g.call...)
	if c.UsageKnown {
		m.genTokens.Record(ctx, c.Input+c.CacheRead+c.CacheWrite, g.input...)
		m.genTokens.Record(ctx, c.Output, g.output...)
	}
	if c.First > 0 {
		m.genFirst.Record(ctx, c.First.Seconds(), g.call...)
	}
	if c.PerChunk > 0 {
		m.genChunk.Record(ctx, c.PerChunk.Seconds(), g.call...)
	}
}

// Attempt counts an attempt.
func (m *Metrics) Attempt(a *AttemptMetrics) {
	if m == nil {
		return
	}
	p := m.pair(a.Channel, a.Model, a.Class == "")
	p.attempts.Add(1)
	ch := p.channel
	if a.Class != "" {
		ch.failures.add(m.classes, a.Class)
	}
	if a.Failover {
		ch.failovers.add(m.classes, a.Class)
	}
	for _, is := range [...]struct {
		so bool
		n  *atomic.Int64
	}{{a.Retry, &ch.retries}, {a.Hedge, &ch.hedges}, {a.Resumed, &ch.resumed}} {
		if is.so {
			is.n.Add(1)
		}
	}
}
