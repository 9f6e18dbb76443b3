package routex

import (
	"time"

	"github.com/dctx-team/routex/breaker"
)

// A ChannelStatus is how a channel is doing.
type ChannelStatus struct {
	ID       string
	Name     string
	Disabled bool
	Circuit  breaker.State
	// CooldownUntil is when the channel's provider takes calls again; the
	// zero time when it takes them now.
	CooldownUntil time.Time
	// Keys are those of the channel, in the order configured; one that is ""
	// for a channel without any.
	Keys      []KeyStatus
	InFlight  int64         // calls that are not over
	Latency   time.Duration // moving average until an answer begins; 0 before the first
	LastUsed  time.Time     // the zero time for never
	Requests  int64         // attempts that are over
	Successes int64
	Failures  int64 // without those that are nobody's fault or the caller's
}

// Status says how the channels are doing, in the order of the Config.
func (t *Transport) Status() []ChannelStatus {
	now := time.Now()
	s := t.current.Load()
	out := make([]ChannelStatus, 0, len(s.channels))
	for _, ch := range s.channels {
		out = append(out, ChannelStatus{
			ID: ch.ID, Name: ch.Name, Disabled: ch.Disabled,
			Circuit: ch.account.circuit.State(), CooldownUntil: ch.coolingUntil(now),
			Keys:     ch.keys.status(now),
			InFlight: ch.load.InFlight(), Latency: ch.load.Latency(), LastUsed: ch.load.LastUsed(),
			Requests: ch.counts.requests.Load(), Successes: ch.counts.successes.Load(), Failures: ch.counts.failures.Load(),
		})
	}
	return out
}
