package breaker

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// DefaultCooldown is how long a channel rests when its provider limits it and
// does not say for how long.
const DefaultCooldown = 2 * time.Second

// MaxCooldown bounds what a provider may ask for.
const MaxCooldown = time.Hour

// A Cooldown keeps calls away from a channel until a moment that its provider
// named. The zero value is over. It is safe for concurrent use.
type Cooldown struct{ until atomic.Int64 } // Unix nanoseconds

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
