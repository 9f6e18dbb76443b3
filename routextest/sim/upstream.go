package sim

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

// An upstream is the provider behind a channel.
type upstream struct {
	Provider
	channel routex.Channel
	index   int

	mu      sync.Mutex // for a moment: one at a time is spoken for
	speaker *routextest.Provider
	asked   *attempt // under mu: whom the speaker answers

	// All of this is under the world's mu.
	requests, tokens bucket
	cache            map[int]cached // by session
	circuit          circuitModel
	resting          map[string]time.Duration // until when, since the beginning, by key
	retries          bucket                   // see checkRetry
	tally            ChannelReport
	ended            []time.Duration // of outages, by trouble; negative once a call was answered since
}

// cached is what a provider keeps of a session's prompt.
type cached struct {
	tokens int
	until  time.Duration // since the beginning
}

func newUpstream(p Provider, ch routex.Channel, index int) *upstream {
	up := &upstream{
		Provider: p.withDefaults(), channel: ch, index: index,
		cache: make(map[int]cached), resting: make(map[string]time.Duration),
		requests: newBucket(p.Requests), tokens: newBucket(p.Tokens),
		retries: bucket{size: 11, level: 11, rate: 1}, // what breaker.Budget promises, and what comes back during a pause
		tally:   ChannelReport{ID: ch.ID, Name: ch.Name},
	}
	up.speaker = routextest.NewProvider(routextest.Options{
		Name: ch.Name, Lenient: true, Answer: func(c *routextest.Call) routextest.Answer { return up.asked.speaks(c) },
	})
	for _, tr := range p.Troubles {
		end := time.Duration(-1)
		if tr.outage() {
			end = tr.From + tr.For
		}
		up.ended = append(up.ended, end)
	}
	return up
}

// continues reports that the provider goes on with the beginning of an answer.
func (up *upstream) continues() bool {
	d := up.channel.Dialect()
	return d == transform.Anthropic || d == transform.Gemini
}

// rests reports that the provider has demanded a rest that is not over.
func (up *upstream) rests(now time.Duration) bool {
	for _, until := range up.resting {
		if now < until {
			return true
		}
	}
	return false
}

// trouble gives what a call meets.
func (up *upstream) trouble(now, length time.Duration, r *rand.Rand) (kind Kind, retryAfter time.Duration) {
	for _, tr := range up.Troubles {
		drawn, after := r.Float64(), tr.RetryAfter // whether in force or not, so that the others draw the same
		until := tr.From + tr.For
		if tr.For == 0 {
			until = length
		}
		if kind != "" || now < tr.From || now >= until || tr.Share != 0 && drawn >= tr.Share {
			continue
		}
		if kind = tr.Kind; kind == Limited {
			if after == (Latency{}) {
				after = Latency{5 * time.Second, 20 * time.Second}
			}
			retryAfter = max(after.draw(r).Round(time.Second), time.Second)
		}
	}
	return kind, retryAfter
}

// key is the credential that a request carries.
func key(h http.Header) string {
	for _, name := range [...]string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Api-Key"} {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}
