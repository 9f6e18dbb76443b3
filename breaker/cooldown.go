package breaker

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultCooldown is how long a channel rests when its provider limits it for
// the first time and does not say for how long.
const DefaultCooldown = 2 * time.Second

// MaxCooldown bounds what a provider may ask for.
const MaxCooldown = time.Hour

// maxGrown bounds how long a channel rests when its provider does not say.
const maxGrown = time.Minute

// A Cooldown keeps calls away from a channel until a moment that its provider
// named. The zero value is over. It is safe for concurrent use.
type Cooldown struct {
	until atomic.Int64 // Unix nanoseconds

	mu     sync.Mutex   // held by Limit
	limits atomic.Int32 // how many came one after the other
}

// Limit lets the channel rest because its provider limits it, and gives the end
// of the rest. It lasts for as long as the provider asked, at most
// [MaxCooldown]. When it did not (asked is 0), it lasts for [DefaultCooldown],
// twice as long with every limit that follows without a [Cooldown.Reset], give
// or take a quarter as the random number says, and at most a minute. A limit
// that arrives during a rest is an echo of the same one.
func (c *Cooldown) Limit(now time.Time, asked time.Duration, random uint64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	resting := !c.Until(now).IsZero()
	rest := min(asked, MaxCooldown)
	if rest <= 0 {
		rest = grown(c.limits.Load(), random)
	}
	if !resting {
		c.limits.Add(1)
	}
	if asked > 0 || !resting {
		c.Extend(now.Add(rest))
	}
	return time.Unix(0, c.until.Load())
}

// grown is the rest after n limits before.
func grown(n int32, random uint64) time.Duration {
	rest := min(DefaultCooldown<<min(n, 8), maxGrown)
	quarter := rest / 4
	return min(rest-quarter+time.Duration(random%uint64(2*quarter+1)), maxGrown)
}

// Reset says that the provider took a call: the next limit counts as the first.
// A rest that is not over stays.
func (c *Cooldown) Reset() { c.limits.Store(0) }

// Extend makes the rest last until at least t; it never becomes shorter.
func (c *Cooldown) Extend(t time.Time) {
	for n := t.UnixNano(); ; {
		old := c.until.Load()
		if old >= n || c.until.CompareAndSwap(old, n) {
			return
		}
	}
}

// Until gives the end of the rest, or the zero time when it is over at now.
func (c *Cooldown) Until(now time.Time) time.Time {
	if n := c.until.Load(); n > now.UnixNano() {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// RetryAfter reads how long a provider asks to wait: retry-after-ms, else
// Retry-After in seconds or as a date. It gives 0 when the header says nothing
// that can be read, and at most [MaxCooldown].
func RetryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil {
		return bound(ms, time.Millisecond)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return bound(s, time.Second)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), MaxCooldown)
	}
	return 0
}

// bound multiplies without overflow; NaN and negative values give 0.
func bound(n float64, unit time.Duration) time.Duration {
	if !(n > 0) {
		return 0
	}
	if n >= float64(MaxCooldown/unit) {
		return MaxCooldown
	}
	return time.Duration(n * float64(unit))
}
