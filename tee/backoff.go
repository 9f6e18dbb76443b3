package tee

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// A backoff tells how long to wait before an attempt that follows a failure:
// twice as long each time up to max, less up to a half by chance, so that
// senders who failed together do not come back together.
type backoff struct {
	min, max time.Duration
}

// pause is the time to wait after the nth failure in a row, from 1.
func (b backoff) pause(n int) time.Duration {
	d := b.min
	for range n - 1 {
		if d >= b.max {
			break
		}
		d *= 2
	}
	d = min(d, b.max)
	return d - rand.N(d/2+1)
}

// retryAfter reads the header of that name, which is a number of seconds or a
// date. Nobody can ask for more than bound.
func retryAfter(value string, now time.Time, bound time.Duration) (time.Duration, bool) {
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		if seconds < 0 {
			return 0, false
		}
		if seconds > int64(bound/time.Second) { // before it is multiplied, which may overflow
			return bound, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), bound), true
}

// rest waits for d, or until ctx ends, whose error it then gives.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
