package sim

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/dctx-team/routex/transform"
)

// A bucket is what may be used of something that comes back evenly. One of size
// 0 is without limit.
type bucket struct {
	size, level float64
	rate        float64 // that comes back per second
	at          time.Duration
}

// newBucket is full, and holds what may be used in a minute.
func newBucket(perMinute int) bucket {
	n := float64(perMinute)
	return bucket{size: n, level: n, rate: n / 60}
}

// fill lets come back what does until now.
func (b *bucket) fill(now time.Duration) {
	b.level = min(b.size, b.level+b.rate*(now-b.at).Seconds())
	b.at = now
}

// lacks is how long it takes until n are there; 0 when they are. Nobody waits
// for more than there can be.
func (b *bucket) lacks(n float64) time.Duration {
	if n = min(n, b.size); b.size == 0 || b.level >= n {
		return 0
	}
	return time.Duration((n - b.level) / b.rate * float64(time.Second))
}

// limited takes what a call needs of the limits, or tells how long to wait, in
// whole seconds as providers do.
func (up *upstream) limited(now time.Duration, tokens int) time.Duration {
	up.requests.fill(now)
	up.tokens.fill(now)
	if wait := max(up.requests.lacks(1), up.tokens.lacks(float64(tokens))); wait > 0 {
		return time.Duration(math.Ceil(wait.Seconds())) * time.Second
	}
	up.requests.level--
	up.tokens.level -= float64(tokens)
	return 0
}

// limits are the headers that tell what remains, at the clock's time.
func (up *upstream) limits(clock time.Time) http.Header {
	h := make(http.Header)
	tell := func(anthropic, openAI string, b *bucket) {
		if b.size == 0 {
			return
		}
		all, left := strconv.Itoa(int(b.size)), strconv.Itoa(max(int(b.level), 0))
		full := b.lacks(b.size).Round(time.Millisecond)
		switch up.channel.Dialect() {
		case transform.Anthropic:
			h.Set("Anthropic-Ratelimit-"+anthropic+"-Limit", all)
			h.Set("Anthropic-Ratelimit-"+anthropic+"-Remaining", left)
			h.Set("Anthropic-Ratelimit-"+anthropic+"-Reset", clock.Add(full).UTC().Format(time.RFC3339))
		case transform.OpenAIChat, transform.OpenAIResponses:
			h.Set("X-Ratelimit-Limit-"+openAI, all)
			h.Set("X-Ratelimit-Remaining-"+openAI, left)
			h.Set("X-Ratelimit-Reset-"+openAI, full.String())
		}
	}
	tell("Requests", "Requests", &up.requests)
	tell("Tokens", "Tokens", &up.tokens)
	return h
}
