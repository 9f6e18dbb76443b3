package routex

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// How long the first token of a stream may take while another channel could be
// asked. Both hold for a short call that asks for no reasoning; a call with a
// long body, or one whose model thinks before it speaks, gets a multiple.
const (
	minFirstToken = 10 * time.Second
	maxFirstToken = time.Minute // what a channel's own slowness can make of it
)

// The shares of the caller's own time that one attempt may take while another
// channel could be asked.
const (
	streamShare = 2 // a half, for an answer to begin
	unaryShare  = 4 // all but a fourth, for a whole answer
)

// noTime is what remains of a call's time when nothing does: too little for
// another attempt.
const noTime = time.Millisecond

// patience gives the limits of the wait for an answer to begin, or, when it is
// not streamed, to be whole. The soft one is 0 when there is none.
func (at *attempt) patience(now time.Time) (soft, hard time.Duration) {
	c := at.c
	if c.upload != nil || c.endpoint.kind == passesOn && !c.view.Stream {
		return 0, at.ch.timeouts.Unary
	}
	left, limited := c.remaining(now, at.ch)
	if !c.view.Stream {
		soft = left - left/unaryShare
		hard = min(at.ch.timeouts.Unary, left)
		if deadline, ok := c.ctx.Deadline(); ok && deadline.Sub(now) <= hard {
			hard += time.Second // the context itself ends it
		}
		return soft, hard
	}
	soft = at.ch.timeouts.FirstToken
	if soft == 0 {
		soft = at.ch.account.pace.limit(at.scale)
	}
	hard = at.ch.timeouts.Header
	if hard == 0 {
		hard = max(DefaultHeaderTimeout, soft)
	}
	if limited {
		soft = min(soft, left/streamShare)
	}
	return soft, hard
}

// remaining is how much of the call's time is left, and whether the caller has set
// a limit to it.
func (c *call) remaining(now time.Time, ch *channel) (left time.Duration, limited bool) {
	if c.view.Stream {
		left = math.MaxInt64
	} else {
		left = max(DefaultUnaryTimeout, c.s.cfg.Timeouts.Unary, ch.timeouts.Unary) - now.Sub(c.start)
		if d := stainlessTimeout(firstOf(c.req.Header["X-Stainless-Timeout"])); d > 0 {
			left, limited = min(left, d-now.Sub(c.start)), true
		}
	}
	if deadline, ok := c.ctx.Deadline(); ok {
		left, limited = min(left, deadline.Sub(now)), true
	}
	return max(left, noTime), limited
}

// stainlessTimeout reads after how many seconds an official SDK gives up. The
// answer has to be there a little before.
func stainlessTimeout(v string) time.Duration {
	s, err := strconv.ParseFloat(v, 64)
	if err != nil || !(s > 0) || s > 1e6 {
		return 0
	}
	d := time.Duration(s * float64(time.Second))
	return d - min(d/50, time.Second)
}

// scaleOf says how many times longer than a short call this one may take to
// begin: a provider reads the whole body first, and thinks. Model is the
// provider's name of it.
func (c *call) scaleOf(model string) float64 {
	if !c.view.Stream {
		return 1
	}
	s := 1 + float64(c.size)/(100<<10)
	if thinks(model) || c.view.HasThinking() {
		s *= 6
	}
	return s
}

// thinks reports the name of a model that reasons without being asked.
func thinks(model string) bool {
	model = model[strings.LastIndexByte(model, '/')+1:]
	for _, begin := range [...]string{"o1", "o3", "o4", "gpt-5", "gemini-2.5-pro", "gemini-3", "deepseek-reasoner", "deepseek-r1", "magistral", "grok-4"} {
		if strings.HasPrefix(model, begin) {
			return true
		}
	}
	return strings.Contains(model, "thinking") || strings.Contains(model, "reasoning")
}

// A pace is how long a channel takes until its answers begin, for calls of
// scale 1. The zero value knows nothing. It is safe for concurrent use.
type pace struct {
	slow atomic.Uint64 // float64, seconds: about nineteen of twenty answers begin earlier
	seen atomic.Int64
}

// observe moves the estimate up by nineteen parts for what is slower, and down
// by one for what is not, however much it is: so it comes to rest where one of
// twenty is above. The first observations move it further, but not beyond what
// was seen.
func (p *pace) observe(took time.Duration, scale float64) {
	x, n := took.Seconds()/scale, p.seen.Load()+1
	part := min(max(0.2, 4/float64(n)), 1) / 20
	for {
		old := p.slow.Load()
		q := math.Float64frombits(old)
		switch {
		case old == 0:
			q = x
		case x > q:
			if q *= 1 + 19*part; n <= hedgeAfter {
				q = min(q, x)
			}
		default:
			q *= 1 - part
		}
		if p.slow.CompareAndSwap(old, math.Float64bits(q)) {
			p.seen.Add(1)
			return
		}
	}
}

// cut learns from an answer that was not awaited to its beginning: the next one
// gets half as long again. Otherwise a channel that is always slow would be
// given up every time, and never be seen to answer.
func (p *pace) cut(after time.Duration, scale float64) {
	for slow := after.Seconds() / scale / 2; ; {
		old := p.slow.Load()
		if slow <= math.Float64frombits(old) || p.slow.CompareAndSwap(old, math.Float64bits(slow)) {
			return
		}
	}
}

// usual is within which time nineteen of twenty calls of the scale begin.
func (p *pace) usual(scale float64) time.Duration {
	return time.Duration(math.Float64frombits(p.slow.Load()) * scale * float64(time.Second))
}

// limit is how long a call of the scale may take to begin: three times what
// the channel is known to take, within bounds.
func (p *pace) limit(scale float64) time.Duration {
	slow := 3 * math.Float64frombits(p.slow.Load())
	base := min(max(slow, minFirstToken.Seconds()), maxFirstToken.Seconds())
	return time.Duration(base * scale * float64(time.Second))
}
