package sim

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// DefaultLength is how long traffic goes on in a Scenario that does not say.
const DefaultLength = time.Hour

// A Scenario is what [Run] plays. It is not changed.
type Scenario struct {
	// Seed decides everything that is left to chance; 0 is a seed like any
	// other.
	Seed uint64
	// Config is that of the Transport. Base and Seed are the simulation's own;
	// OnDecision is called as ever. Channels need no keys and no servers.
	Config routex.Config
	// Providers are what stands behind the channels, by a channel's name or
	// ID. A channel that is not in it has the zero Provider.
	Providers map[string]Provider
	Traffic   []Traffic
	// Length is the time in which sessions begin; those that have begun are
	// played to their end. 0 means [DefaultLength].
	Length time.Duration
	// Wrap puts something between the Transport and the providers, such as
	// what counts or breaks calls. Nil is allowed.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// A Provider is how the provider behind a channel behaves. The zero value
// answers well and has no limits, no cache and no price.
type Provider struct {
	FirstToken Latency // until an answer begins; zero means 600 ms, 3 s for one of a hundred
	Speed      float64 // tokens per second from then on; 0 means 60
	// Requests and Tokens bound a minute; 0 means no limit. What is used comes
	// back evenly. A call over a limit gets a 429 that says when to come back,
	// and all answers tell what remains, in the headers of their protocol.
	Requests, Tokens int
	// CacheLife is how long the provider keeps the prompt of a session cached
	// after its last use; 0 means not at all.
	CacheLife time.Duration
	Price     Price
	Troubles  []Trouble // the first that is in force and draws the call decides
}

// A Price is what a million tokens cost, in any currency.
type Price struct{ Input, Cached, Output float64 }

// A Kind of trouble is what a call meets in place of a good answer.
type Kind string

// The kinds of trouble.
const (
	Refused    Kind = "refused"    // the connection is
	Broken     Kind = "broken"     // status 500
	Overloaded Kind = "overloaded" // status 503 or 529
	Limited    Kind = "limited"    // status 429, after which the provider wants RetryAfter of rest
	Silent     Kind = "silent"     // no answer ever
	Stalled    Kind = "stalled"    // the answer begins and does not go on
	Cut        Kind = "cut"        // the connection breaks in the middle of the answer
	Slow       Kind = "slow"       // a good answer, eight times slower
)

func (k Kind) known() bool {
	switch k {
	case Refused, Broken, Overloaded, Limited, Silent, Stalled, Cut, Slow:
		return true
	}
	return false
}

// Trouble is what a share of the calls to a provider meets for a time: an
// outage, or errors at random all the time.
type Trouble struct {
	Kind  Kind
	Share float64       // of the calls, from 0 to 1; 0 means all
	From  time.Duration // since the beginning
	For   time.Duration // 0 means to the end of the traffic
	// RetryAfter is the rest that [Limited] asks for, in whole seconds; zero
	// means 5 s, 20 s for one of a hundred.
	RetryAfter Latency
}

// outage reports trouble that nobody escapes and that ends.
func (tr *Trouble) outage() bool {
	return (tr.Share == 0 || tr.Share >= 1) && tr.For > 0 && tr.Kind != Slow
}

// Traffic is sessions of one kind: agents whose conversation grows with every
// turn, or single calls.
type Traffic struct {
	// Every is the mean time between the beginnings of two sessions, which
	// come at random; 0 means one second.
	Every time.Duration
	// Sessions bounds how many there are; 0 means no bound.
	Sessions int
	Turns    int     // of a session; 0 means 1
	Think    Latency // between an answer and the next turn; zero means 3 s, 20 s for one of a hundred
	// Protocols are those that the callers speak, one for each session, at
	// random; nil means all that Routex has.
	Protocols []transform.Dialect
	Model     string // "" means "sim"
	// Named sends the name of the session in the header that the Config says.
	Named bool
	// System, Prompt and Answer are tokens: of the session's system text, and
	// on average of what the user and the model say in a turn. 0 means 200, 100
	// and 120.
	System, Prompt, Answer int
	Whole                  float64 // share of the calls that are not streamed
	HangUps                float64 // share of the calls whose caller leaves before the end
	// Deadline is how long a caller waits for the end of an answer; 0 means
	// without end.
	Deadline time.Duration
	// SameWords lets every attempt at a call be answered with the same words,
	// as models do at temperature 0.
	SameWords bool
}

// withDefaults fills in what was left at zero, and copies what it changes.
func (s Scenario) withDefaults() Scenario {
	s.Length = cmp.Or(s.Length, DefaultLength)
	traffic := make([]Traffic, len(s.Traffic))
	for i, tr := range s.Traffic {
		tr.Every = cmp.Or(tr.Every, time.Second)
		tr.Turns = cmp.Or(tr.Turns, 1)
		tr.Think = cmp.Or(tr.Think, Latency{3 * time.Second, 20 * time.Second})
		tr.Model = cmp.Or(tr.Model, "sim")
		tr.System, tr.Prompt, tr.Answer = cmp.Or(tr.System, 200), cmp.Or(tr.Prompt, 100), cmp.Or(tr.Answer, 120)
		if len(tr.Protocols) == 0 {
			tr.Protocols = transform.Dialects()
		}
		traffic[i] = tr
	}
	s.Traffic = traffic
	s.Config.MaxAttempts = cmp.Or(s.Config.MaxAttempts, routex.DefaultMaxAttempts)
	s.Config.Breaker.Failures = cmp.Or(s.Config.Breaker.Failures, 5)
	s.Config.Breaker.OpenFor = cmp.Or(s.Config.Breaker.OpenFor, time.Minute)
	return s
}

func (p Provider) withDefaults() Provider {
	p.FirstToken = cmp.Or(p.FirstToken, Latency{600 * time.Millisecond, 3 * time.Second})
	p.Speed = cmp.Or(p.Speed, 60)
	return p
}

// validate tells every mistake.
func (s *Scenario) validate() error {
	var bad []error
	fail := func(format string, args ...any) { bad = append(bad, fmt.Errorf("sim: "+format, args...)) }
	share := func(at string, x float64) {
		if !(x >= 0 && x <= 1) {
			fail("%s: a share must be from 0 to 1", at)
		}
	}
	if s.Length < 0 {
		fail("Length must not be negative")
	}
	known := make(map[string]bool)
	for _, ch := range s.Config.Channels {
		known[ch.Name], known[ch.ID] = true, true
	}
	for name, p := range s.Providers {
		if !known[name] {
			fail("Providers[%q]: no such channel", name)
		}
		for i, tr := range p.Troubles {
			if !tr.Kind.known() {
				fail("Providers[%q].Troubles[%d].Kind: no kind %q", name, i, tr.Kind)
			}
			share(fmt.Sprintf("Providers[%q].Troubles[%d].Share", name, i), tr.Share)
		}
	}
	for i, tr := range s.Traffic {
		share(fmt.Sprintf("Traffic[%d].Whole", i), tr.Whole)
		share(fmt.Sprintf("Traffic[%d].HangUps", i), tr.HangUps)
		for _, d := range tr.Protocols {
			if d.Path() == "" {
				fail("Traffic[%d].Protocols: no protocol %q", i, d)
			}
		}
	}
	return errors.Join(bad...)
}
