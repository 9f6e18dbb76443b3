package trace

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// An Instrument is one of those that [Metrics] has.
type Instrument struct {
	Name        string // as OpenTelemetry has it; Prometheus has _ for . and the unit at the end
	Description string
	Unit        string
	Buckets     []float64 // of a histogram; nil for any other
	Labels      []string  // that its series have
}

// The labels of Routex's own series. Their values are bounded, see [Metrics].
const (
	LabelChannel = "channel"
	LabelModel   = "model"
	LabelClass   = "class"
	LabelTee     = "destination"
)

// TokenType says which tokens gen_ai.client.token.usage counts: input or output.
const TokenType = "gen_ai.token.type"

var (
	perChannel = []string{LabelChannel}
	perModel   = []string{LabelChannel, LabelModel}
	perClass   = []string{LabelChannel, LabelClass}
	perTee     = []string{LabelTee}
	perCall    = []string{OperationName, ProviderName, RequestModel, ErrorType}
)

// Calls of language models take from milliseconds, for a refusal, to many
// minutes, for a long thought.
var (
	durationBuckets   = []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600}
	firstTokenBuckets = []float64{0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 30, 60}
	rateBuckets       = []float64{1, 2.5, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000}
	ownBuckets        = []float64{0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1}

	// These two are those of the semantic conventions.
	genTokenBuckets = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
	genTimeBuckets  = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
)

// The instruments, in the order in which they are documented.
var (
	requests         = Instrument{"routex.requests", "Calls that are over.", "", nil, nil}
	requestsSuccess  = Instrument{"routex.requests.success", "Calls that got a whole answer.", "", nil, nil}
	requestsFailed   = Instrument{"routex.requests.failed", "Calls that got no whole answer, by no fault of their callers.", "", nil, nil}
	requestsRejected = Instrument{"routex.requests.rejected", "Calls that were refused for what was wrong with them.", "", nil, nil}
	requestsCanceled = Instrument{"routex.requests.canceled", "Calls whose callers left before the end.", "", nil, nil}
	requestsCached   = Instrument{"routex.requests.cached", "Calls whose input the provider had cached in part.", "", nil, nil}
	requestsLossy    = Instrument{"routex.requests.lossy", "Calls of which translation could not carry everything.", "", nil, perChannel}

	tokensInput     = Instrument{"routex.tokens.input", "Input tokens, without those read from or written to a cache.", "", nil, perModel}
	tokensOutput    = Instrument{"routex.tokens.output", "Output tokens.", "", nil, perModel}
	tokensCached    = Instrument{"routex.tokens.cached", "Input tokens that the provider had cached.", "", nil, perModel}
	tokensWritten   = Instrument{"routex.tokens.cache_written", "Input tokens that the provider wrote to its cache.", "", nil, perModel}
	tokensReasoning = Instrument{"routex.tokens.reasoning", "Output tokens that were spent on reasoning.", "", nil, perModel}
	cost            = Instrument{"routex.cost", "What calls have cost, in US dollars unless the prices are in another currency.", "", nil, perModel}

	channelRequests = Instrument{"routex.channel.requests", "Attempts that were made at a channel.", "", nil, perModel}
	channelFailures = Instrument{"routex.channel.failures", "Attempts at a channel that failed, by whose fault it was.", "", nil, perClass}
	retries         = Instrument{"routex.retries", "Attempts at a channel that the call had asked before.", "", nil, perChannel}
	failovers       = Instrument{"routex.failovers", "Calls that went to another channel, by the failed channel and its failure.", "", nil, perClass}
	hedges          = Instrument{"routex.hedges", "Attempts at a channel beside another that was late.", "", nil, perChannel}
	resumed         = Instrument{"routex.streams.resumed", "Attempts at a channel that went on with an answer that had broken off.", "", nil, perChannel}

	channelsAll     = Instrument{"routex.channels.total", "Channels that are configured.", "", nil, nil}
	channelsEnabled = Instrument{"routex.channels.enabled", "Channels that are configured and not disabled.", "", nil, nil}
	channelEnabled  = Instrument{"routex.channel.enabled", "1 for a channel that is not disabled, else 0.", "", nil, perChannel}
	channelInFlight = Instrument{"routex.channel.in_flight", "Attempts at a channel that are not over, streams included.", "", nil, perChannel}
	channelCooling  = Instrument{"routex.channel.cooling_down", "1 while the provider of a channel limits it, else 0.", "", nil, perChannel}
	circuitOpen     = Instrument{"routex.circuit_breaker.open", "1 from when the circuit of a channel opens until it closes again, else 0.", "", nil, perChannel}
	circuitOpened   = Instrument{"routex.circuit_breaker.open.total", "How often the circuit of a channel has opened.", "", nil, perChannel}

	teeQueue   = Instrument{"routex.tee.queue_size", "Records that wait for a destination or are being written there.", "", nil, perTee}
	teeSent    = Instrument{"routex.tee.sent", "Records that a destination took.", "", nil, perTee}
	teeFailed  = Instrument{"routex.tee.failed", "Records that a destination refused for good.", "", nil, perTee}
	teeDropped = Instrument{"routex.tee.dropped", "Records that never came to a destination, because too many waited.", "", nil, perTee}

	requestDuration = Instrument{"routex.request.duration", "Time of calls until all was over, streams included.", "s", durationBuckets, perModel}
	firstToken      = Instrument{"routex.first_token", "Time of streamed calls until the answer began.", "s", firstTokenBuckets, perModel}
	outputRate      = Instrument{"routex.output_tokens_per_second", "Output tokens per second, of a stream from its first token on.", "", rateBuckets, perModel}
	ownTime         = Instrument{"routex.overhead", "Time that Routex itself added to calls before it handed the answer over.", "s", ownBuckets, nil}

	genTokens     = Instrument{"gen_ai.client.token.usage", "Number of input and output tokens used.", "{token}", genTokenBuckets, []string{OperationName, ProviderName, RequestModel, TokenType}}
	genDuration   = Instrument{"gen_ai.client.operation.duration", "GenAI operation duration.", "s", genTimeBuckets, perCall}
	genFirstChunk = Instrument{"gen_ai.client.operation.time_to_first_chunk", "Time to receive the first chunk of a streamed answer.", "s", genTimeBuckets, perCall}
	genPerChunk   = Instrument{"gen_ai.client.operation.time_per_output_chunk", "Mean time between the chunks of a streamed answer.", "s", genTimeBuckets, perCall}
)

// Histograms lists the histograms.
func Histograms() []Instrument {
	return []Instrument{requestDuration, firstToken, outputRate, ownTime, genTokens, genDuration, genFirstChunk, genPerChunk}
}

// A maker makes instruments and collects what goes wrong.
type maker struct {
	meter    metric.Meter
	observed []metric.Observable
	errs     []error
}

func observed[T metric.Observable](m *maker, made T, err error) T {
	m.errs = append(m.errs, err)
	if err == nil {
		m.observed = append(m.observed, made)
	}
	return made
}

func (m *maker) counter(i Instrument) metric.Int64ObservableCounter {
	c, err := m.meter.Int64ObservableCounter(i.Name, metric.WithDescription(i.Description), metric.WithUnit(i.Unit))
	return observed(m, c, err)
}

func (m *maker) sum(i Instrument) metric.Float64ObservableCounter {
	c, err := m.meter.Float64ObservableCounter(i.Name, metric.WithDescription(i.Description), metric.WithUnit(i.Unit))
	return observed(m, c, err)
}

// gauge makes one whose values add up when several Transports have one meter.
func (m *maker) gauge(i Instrument) metric.Int64ObservableUpDownCounter {
	c, err := m.meter.Int64ObservableUpDownCounter(i.Name, metric.WithDescription(i.Description), metric.WithUnit(i.Unit))
	return observed(m, c, err)
}

func (m *maker) histogram(i Instrument) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(i.Name, metric.WithDescription(i.Description), metric.WithUnit(i.Unit),
		metric.WithExplicitBucketBoundaries(i.Buckets...))
	m.errs = append(m.errs, err)
	return h
}

func (m *maker) tokens(i Instrument) metric.Int64Histogram {
	h, err := m.meter.Int64Histogram(i.Name, metric.WithDescription(i.Description), metric.WithUnit(i.Unit),
		metric.WithExplicitBucketBoundaries(i.Buckets...))
	m.errs = append(m.errs, err)
	return h
}

func (m *maker) err() error { return errors.Join(m.errs...) }
