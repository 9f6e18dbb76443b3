package trace

import (
	"context"
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// observables are the instruments whose values are there all the time: they are
// read, so that counting is no more than an addition, a channel that is gone
// has no series, and a gauge tells how things are.
type observables struct {
	requests, success, failed, rejected, canceled, cached metric.Int64ObservableCounter

	input, output, cacheRead, cacheWritten, reasoning metric.Int64ObservableCounter
	cost                                              metric.Float64ObservableCounter

	attempts, failures, failovers   metric.Int64ObservableCounter
	retries, hedges, resumed, lossy metric.Int64ObservableCounter
	channels, channelsOn            metric.Int64ObservableUpDownCounter
	enabled, inFlight, cooling      metric.Int64ObservableUpDownCounter
	open                            metric.Int64ObservableUpDownCounter
	opened                          metric.Int64ObservableCounter

	teeQueue                       metric.Int64ObservableUpDownCounter
	teeSent, teeFailed, teeDropped metric.Int64ObservableCounter
}

func newObservables(m *maker) observables {
	return observables{
		requests: m.counter(requests), success: m.counter(requestsSuccess), failed: m.counter(requestsFailed),
		rejected: m.counter(requestsRejected), canceled: m.counter(requestsCanceled), cached: m.counter(requestsCached),
		input: m.counter(tokensInput), output: m.counter(tokensOutput), cacheRead: m.counter(tokensCached),
		cacheWritten: m.counter(tokensWritten), reasoning: m.counter(tokensReasoning), cost: m.sum(cost),
		attempts: m.counter(channelRequests), failures: m.counter(channelFailures), failovers: m.counter(failovers),
		retries: m.counter(retries), hedges: m.counter(hedges), resumed: m.counter(resumed), lossy: m.counter(requestsLossy),
		channels: m.gauge(channelsAll), channelsOn: m.gauge(channelsEnabled),
		enabled: m.gauge(channelEnabled), inFlight: m.gauge(channelInFlight), cooling: m.gauge(channelCooling),
		open: m.gauge(circuitOpen), opened: m.counter(circuitOpened),
		teeQueue: m.gauge(teeQueue), teeSent: m.counter(teeSent), teeFailed: m.counter(teeFailed), teeDropped: m.counter(teeDropped),
	}
}

// tell tells a reader all that is counted, and how the channels are doing.
func (m *Metrics) tell(_ context.Context, to metric.Observer) error {
	i, s := &m.observe, m.series.Load()
	to.ObserveInt64(i.requests, m.totals.requests.Load())
	to.ObserveInt64(i.success, m.totals.success.Load())
	to.ObserveInt64(i.failed, m.totals.failed.Load())
	to.ObserveInt64(i.rejected, m.totals.rejected.Load())
	to.ObserveInt64(i.canceled, m.totals.canceled.Load())
	to.ObserveInt64(i.cached, m.totals.cached.Load())
	for _, p := range s.pairs {
		i.tellPair(to, p)
	}
	i.tellChannel(to, s.other)
	for _, ch := range s.labels {
		i.tellChannel(to, ch)
	}
	state := m.state()
	i.tellChannels(to, s, state.Channels)
	i.tellTees(to, state.Tees)
	return nil
}

func (i *observables) tellPair(to metric.Observer, p *pairSeries) {
	to.ObserveInt64(i.input, p.input.Load(), p.observe...)
	to.ObserveInt64(i.output, p.output.Load(), p.observe...)
	to.ObserveInt64(i.cacheRead, p.cached.Load(), p.observe...)
	to.ObserveInt64(i.cacheWritten, p.written.Load(), p.observe...)
	to.ObserveInt64(i.reasoning, p.reasoning.Load(), p.observe...)
	to.ObserveFloat64(i.cost, math.Float64frombits(p.cost.Load()), p.observe...)
	if p.channel.label != NoChannel {
		to.ObserveInt64(i.attempts, p.attempts.Load(), p.observe...)
	}
}

func (i *observables) tellChannel(to metric.Observer, ch *channelSeries) {
	to.ObserveInt64(i.retries, ch.retries.Load(), ch.observe...)
	to.ObserveInt64(i.hedges, ch.hedges.Load(), ch.observe...)
	to.ObserveInt64(i.resumed, ch.resumed.Load(), ch.observe...)
	to.ObserveInt64(i.lossy, ch.lossy.Load(), ch.observe...)
	for n, with := range ch.classes {
		to.ObserveInt64(i.failures, ch.failures[n].Load(), with...)
		to.ObserveInt64(i.failovers, ch.failovers[n].Load(), with...)
	}
}

// tellChannels tells how the channels are doing, those without a label of their
// own as if they were one.
func (i *observables) tellChannels(to metric.Observer, s *series, channels []ChannelState) {
	byLabel := make(map[*channelSeries]ChannelState, len(channels))
	if len(s.labels) == 0 { // so that the circuits are known of before there is one
		byLabel[s.other] = ChannelState{}
	}
	enabled := int64(0)
	for _, c := range channels {
		enabled += one(c.Enabled)
		ch := s.named(c.Name)
		sum := byLabel[ch]
		sum.Enabled, sum.Open, sum.Cooling = sum.Enabled || c.Enabled, sum.Open || c.Open, sum.Cooling || c.Cooling
		sum.Opened, sum.InFlight = sum.Opened+c.Opened, sum.InFlight+c.InFlight
		byLabel[ch] = sum
	}
	to.ObserveInt64(i.channels, int64(len(channels)))
	to.ObserveInt64(i.channelsOn, enabled)
	for ch, c := range byLabel {
		to.ObserveInt64(i.enabled, one(c.Enabled), ch.observe...)
		to.ObserveInt64(i.cooling, one(c.Cooling), ch.observe...)
		to.ObserveInt64(i.open, one(c.Open), ch.observe...)
		to.ObserveInt64(i.opened, c.Opened, ch.observe...)
		to.ObserveInt64(i.inFlight, c.InFlight, ch.observe...)
	}
}

// tellTees tells how the destinations are doing, those that there is no label
// for as if they were one.
func (i *observables) tellTees(to metric.Observer, tees []TeeState) {
	byLabel := make(map[string]TeeState, len(tees))
	for _, t := range tees {
		label := bounded(t.Name)
		if _, known := byLabel[label]; !known && len(byLabel) >= maxTees {
			label = Other
		}
		sum := byLabel[label]
		sum.Queued, sum.Sent, sum.Failed, sum.Dropped = sum.Queued+t.Queued, sum.Sent+t.Sent, sum.Failed+t.Failed, sum.Dropped+t.Dropped
		byLabel[label] = sum
	}
	for label, t := range byLabel {
		with := metric.WithAttributeSet(attribute.NewSet(attribute.String(LabelTee, label)))
		to.ObserveInt64(i.teeQueue, t.Queued, with)
		to.ObserveInt64(i.teeSent, t.Sent, with)
		to.ObserveInt64(i.teeFailed, t.Failed, with)
		to.ObserveInt64(i.teeDropped, t.Dropped, with)
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
