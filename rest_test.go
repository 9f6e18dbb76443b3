package routex_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

// limited is a provider's way to limit a call.
func limited(wait time.Duration, times int) routextest.Fault {
	return routextest.Fault{Code: routextest.RateLimited, RetryAfter: wait, Times: times}
}

// retryAfter is that of the answer, in seconds; -1 for none.
func (h *heard) retryAfter() int {
	n, err := strconv.Atoi(h.header.Get("Retry-After"))
	if err != nil {
		return -1
	}
	return n
}

func TestLimitedCallGoesElsewhereAtOnce(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel), at("b", channel)
		a.Fail(limited(2*time.Second, 1))
		l := newLab(t, routex.Config{}, a, b)
		if h := l.hear(caller); !h.whole() || h.tried() != "a b" || h.took > time.Second {
			t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
		}
		if h := l.hear(caller); !h.whole() || h.tried() != "b" {
			t.Errorf("the channel that rests was asked: %+v", h.d)
		}
		time.Sleep(2 * time.Second)
		if h := l.hear(caller); !h.whole() || h.tried() != "a" {
			t.Errorf("the channel that has rested was not asked: %+v", h.d)
		}
	})
}

func TestLimitedCallWaitsWhereNobodyElseIs(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		for _, c := range []wire{caller, caller.unary()} {
			a := at("a", channel)
			a.Fail(limited(2*time.Second, 1))
			h := newLab(t, routex.Config{}, a).hear(c)
			if !h.whole() || h.tried() != "a a" || h.d.Attempts[0].Class != breaker.Rate || h.d.Wait == 0 {
				t.Errorf("%d %s\n%+v", h.status, h.raw, h.d)
			}
			if wait := a.asked()[1]; wait < 2*time.Second || wait > 2260*time.Millisecond {
				t.Errorf("it was asked again after %v", wait)
			}
		}
	})
}

func TestHowAProviderSaysWhenToComeBack(t *testing.T) {
	for name, header := range map[string]func() http.Header{
		"seconds": func() http.Header { return http.Header{"Retry-After": {"3"}} },
		"date": func() http.Header {
			return http.Header{"Retry-After": {time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat)}}
		},
		"milliseconds": func() http.Header { return http.Header{"Retry-After-Ms": {"3000"}} },
	} {
		runInBubble(t, name, func(t *testing.T) {
			a := at("a", chatWire())
			a.Fail(routextest.Fault{Status: 429, Header: header()})
			if h := newLab(t, routex.Config{}, a).hear(chatWire()); !h.whole() || a.asked()[1] < 3*time.Second || a.asked()[1] > 3400*time.Millisecond {
				t.Errorf("asked at %v: %s", a.asked(), h.raw)
			}
		})
	}
}

func TestProviderThatDoesNotSayIsAskedLessAndLess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := at("a", chatWire())
		a.Always(limited(0, -1))
		h := newLab(t, routex.Config{}, a).hear(chatWire())
		if h.status != 429 || h.retryAfter() < 1 || h.took > 12*time.Second {
			t.Errorf("%d after %v, Retry-After %q", h.status, h.took, h.header.Get("Retry-After"))
		}
		times := a.asked()
		if len(times) < 2 || len(times) > 4 || times[1] < 1500*time.Millisecond || len(times) > 2 && times[2]-times[1] < 3*time.Second {
			t.Errorf("asked at %v", times)
		}
	})
}

func TestLongRestIsTheCallers(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel), at("b", channel)
		a.Always(limited(7*time.Second, -1))
		b.Always(limited(30*time.Second, -1))
		l := newLab(t, routex.Config{}, a, b)
		for i := range 3 { // the second and the third ask nobody
			h := l.hear(caller)
			want := map[int]string{0: "a b"}[i]
			status := map[bool]int{true: 429, false: 503}[i == 0]
			if h.status != status || h.fault == "" || h.tried() != want || h.took > time.Second {
				t.Errorf("call %d: %d after %v: %s\n%+v", i, h.status, h.took, h.raw, h.d)
			}
			if after := h.retryAfter(); i == 0 && after != 7 && after != 30 || i > 0 && after != 7 {
				t.Errorf("call %d: Retry-After %q", i, h.header.Get("Retry-After"))
			}
		}
	})
}

func TestFewOfManyWaitForALimitedChannel(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := at("a", chatWire())
		a.Always(limited(2*time.Second, -1))
		l := newLab(t, routex.Config{}, a)
		var waited atomic.Int32
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				h := l.hear(chatWire())
				if h.status != 429 && h.status != 503 || h.retryAfter() != 2 {
					t.Errorf("%d %s", h.status, h.raw)
				}
				if h.took > time.Second {
					waited.Add(1)
				}
			})
		}
		all.Wait()
		if n := waited.Load(); n < 5 || n > 12 || a.Count() > 120 {
			t.Errorf("%d of 100 calls waited, the provider was asked %d times", n, a.Count())
		}
	})
}

// However many limits there are, the caller waits for so long and no more.
func TestRestsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := at("a", chatWire())
		a.Always(limited(4*time.Second, -1))
		h := newLab(t, routex.Config{}, a).hear(chatWire())
		if h.status != 429 || a.Count() != 3 || h.took > 10*time.Second || h.retryAfter() != 4 || h.header.Get("X-Should-Retry") != "false" {
			t.Errorf("%d after %v and %d tries, %v", h.status, h.took, a.Count(), h.header)
		}
	})
}

func TestRestHasToFitIntoTheCallersTime(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"deadline": func(r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
			context.AfterFunc(ctx, cancel)
			*r = *r.WithContext(ctx)
		},
		"SDK": func(r *http.Request) { r.Header.Set("X-Stainless-Timeout", "5") },
	} {
		runInBubble(t, name, func(t *testing.T) {
			for wait, want := range map[time.Duration]int{time.Second: 200, 4 * time.Second: 429} {
				a := at("a", chatWire(), func(o *routextest.Options) { o.Pace = 0 })
				a.Fail(limited(wait, 1))
				h := newLab(t, routex.Config{}, a).hear(chatWire().unary(), change)
				if h.err != nil || h.status != want {
					t.Errorf("limited for %v: %v, %d after %v", wait, h.err, h.status, h.took)
				}
			}
		})
	}
}

// Those who were tried and do not rest are not asked again.
func TestOnlyWhoRestsIsAwaited(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Fail(limited(2*time.Second, 1))
		b.Always(routextest.Fault{Status: 503, Times: -1})
		if h := newLab(t, routex.Config{}, a, b).hear(chatWire()); !h.whole() || h.tried() != "a b a" {
			t.Errorf("tried %q: %s", h.tried(), h.raw)
		}
	})
	inBubble(t, func(t *testing.T) { // nor those who are disabled, or whose window is too small
		a, b, c := at("a", chatWire()), at("b", chatWire()), at("c", chatWire())
		a.change = func(ch *routex.Channel) { ch.ContextWindow = map[string]int{"m": 1000} }
		b.change = func(ch *routex.Channel) { ch.ContextWindow = map[string]int{"m": 500} }
		c.change = func(ch *routex.Channel) { ch.ContextWindow = map[string]int{"m": 2000} }
		a.Always(routextest.Fault{Code: routextest.ContextTooLong, Times: -1})
		b.Always(limited(2*time.Second, -1))
		c.Fail(limited(3*time.Second, 1))
		l := newLab(t, routex.Config{}, a, b, c)
		l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "b")) }) // it rests now
		b.Reset()
		b.Always(limited(time.Second, -1))
		if h := l.hear(chatWire()); !h.whole() || b.Count() != 0 || h.d.Channel != "c" {
			t.Errorf("tried %q: %s", h.tried(), h.raw)
		}
	})
}

func TestCallerLeavesDuringAPause(t *testing.T) {
	for name, fault := range map[string]routextest.Fault{"before another try": {Status: 500}, "during a rest": limited(4*time.Second, 1)} {
		for _, leaver := range leavers() {
			if leaver.name == "Close" { // there is no body yet
				continue
			}
			for _, w := range []wire{chatWire(), chatWire().unary()} {
				runInBubble(t, fmt.Sprint(leaver.name, " ", name), func(t *testing.T) {
					a := at("a", chatWire())
					a.Fail(fault)
					l := newLab(t, routex.Config{}, a)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					over := make(chan *heard)
					go func() { over <- l.hear(w, func(r *http.Request) { *r = *r.WithContext(ctx) }) }()
					time.Sleep(100 * time.Millisecond)
					synctest.Wait()
					began := time.Now()
					leaver.leave(l, nil, cancel)
					h := <-over
					if took := time.Since(began); took > 10*time.Millisecond {
						t.Errorf("the pause goes on for %v", took)
					}
					if leaver.name == "shutdown" && h.status != 503 || leaver.name == "cancel" && h.err == nil || a.Count() != 1 || h.d.Duration == 0 {
						t.Errorf("%v, %d %s, %d tries", h.err, h.status, h.raw, a.Count())
					}
				})
			}
		}
	}
}
