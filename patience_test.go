package routex_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

// silence is a fault before the header, or when the stream is open.
func silence(open bool, d time.Duration) routextest.Fault {
	f := routextest.Fault{Stall: d, Times: -1}
	if open {
		f.StallAfter = -1
	}
	return f
}

// about reports a time that is not before another, and hardly after it.
func about(got, want time.Duration) bool { return got >= want && got < want+time.Second }

func TestLateFirstTokenGoesElsewhere(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		for _, open := range []bool{false, true} {
			a, b := at("a", channel), at("b", channel)
			a.Always(silence(open, 20*time.Second))
			l := newLab(t, routex.Config{}, a, b)
			h := l.hear(caller)
			if !h.whole() || h.tried() != "a b" || !about(h.took, 10*time.Second) {
				t.Errorf("open %v: after %v: %s\n%+v", open, h.took, h.raw, h.d)
			}
			if gone := a.LastCall().Gone.Sub(h.d.Time); !about(gone, 10*time.Second) || h.d.Attempts[0].Class != breaker.Timeout || l.Status()[0].Failures != 1 {
				t.Errorf("open %v: the provider was left after %v, %+v", open, gone, h.d.Attempts[0])
			}
		}
	})
}

// The limit is for those who can be helped.
func TestLateFirstTokenIsAwaitedWhereNobodyElseIs(t *testing.T) {
	limit := func(l *lab) {
		l.sites[1].Fail(limited(time.Hour, 1))
		l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "b")) })
	}
	for name, test := range map[string]struct {
		cfg   routex.Config
		setUp func(l *lab)
		tried string
	}{
		"disabled": {setUp: func(l *lab) { l.enable(1, false) }, tried: "a"},
		"limited":  {setUp: limit, tried: "a"},
		"open": {cfg: routex.Config{Breaker: breaker.Settings{Failures: 1, OpenFor: 24 * time.Hour}}, setUp: func(l *lab) {
			l.sites[1].Fail(routextest.Fault{Status: 503})
			l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "b")) })
		}, tried: "a"},
		"tried before": {setUp: func(l *lab) {
			l.sites[1].Fail(routextest.Fault{Status: 503})
			l.cfg.Channels[1].Priority = -1
			l.enable(1, true)
		}, tried: "b a"},
		"no attempts left": {cfg: routex.Config{MaxAttempts: 1}, tried: "a"},
	} {
		for _, open := range []bool{false, true} {
			runInBubble(t, name+map[bool]string{true: ", after the header", false: ", before the header"}[open], func(t *testing.T) {
				a, b := at("a", chatWire()), at("b", chatWire())
				l := newLab(t, test.cfg, a, b)
				if test.setUp != nil {
					test.setUp(l)
				}
				stall := 50 * time.Second
				if open {
					stall = 9 * time.Minute
				}
				a.Always(silence(open, stall))
				if h := l.hear(chatWire()); !h.whole() || h.tried() != test.tried || h.took < stall {
					t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
				}
			})
		}
	}
}

func TestLateFirstTokenGoesElsewhereOnceSomebodyIsThere(t *testing.T) {
	for _, open := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			a, b := at("a", chatWire()), at("b", chatWire())
			a.Always(silence(open, 55*time.Second))
			b.Fail(limited(22*time.Second, 1))
			l := newLab(t, routex.Config{}, a, b)
			l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "b")) })
			if h := l.hear(chatWire()); !h.whole() || h.tried() != "a b" || h.took < 22*time.Second || h.took > 30*time.Second {
				t.Errorf("open %v: after %v: %s\n%+v", open, h.took, h.raw, h.d)
			}
		})
	}
}

func TestLongCallsHaveMoreTime(t *testing.T) {
	for _, w := range wires() {
		for _, test := range []struct {
			size  int
			stall time.Duration
			tried string
		}{
			{0, 8 * time.Second, "a"},
			{0, 12 * time.Second, "a b"},
			{100 << 10, 18 * time.Second, "a"},
			{100 << 10, 22 * time.Second, "a b"},
			{500 << 10, 55 * time.Second, "a"},
			{500 << 10, 65 * time.Second, "a b"},
		} {
			for _, open := range []bool{false, true} {
				runInBubble(t, w.name, func(t *testing.T) {
					long := w
					long.body = strings.Replace(w.body, "count", strings.Repeat("x", test.size+1), 1)
					a, b := at("a", w), at("b", w)
					a.Always(silence(open, test.stall))
					if h := newLab(t, routex.Config{}, a, b).hear(long); !h.whole() || h.tried() != test.tried {
						t.Errorf("%d bytes, %v of silence: tried %q", test.size, test.stall, h.tried())
					}
				})
			}
		}
	}
}

func TestModelsThatThinkHaveMoreTime(t *testing.T) {
	with := func(w wire, old, added string) wire {
		w.body = strings.Replace(w.body, old, old+added, 1)
		return w
	}
	for name, test := range map[string]struct {
		w     wire
		model string
		long  bool
	}{
		"anthropic":           {w: with(anthropicWire(), `"max_tokens":100`, `00,"thinking":{"type":"enabled","budget_tokens":2000}`), long: true},
		"anthropic, adaptive": {w: with(anthropicWire(), `"stream":true`, `,"thinking":{"type":"adaptive"}`), model: "claude-opus-4-8", long: true},
		"anthropic, disabled": {w: with(anthropicWire(), `"stream":true`, `,"thinking":{"type":"disabled"}`)},
		"chat":                {w: with(chatWire(), `"stream":true`, `,"reasoning_effort":"high"`), long: true},
		"chat, none":          {w: with(chatWire(), `"stream":true`, `,"reasoning_effort":"none"`)},
		"responses":           {w: with(responsesWire(), `"stream":true`, `,"reasoning":{"effort":"high"}`), long: true},
		"gemini":              {w: with(geminiWire(), `"parts":[{"text":"count"}]}]`, `,"generationConfig":{"thinkingConfig":{"thinkingBudget":2000}}`), long: true},
		"gemini, none":        {w: with(geminiWire(), `"parts":[{"text":"count"}]}]`, `,"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}`)},
		"by its name":         {w: chatWire(), model: "gpt-5.2", long: true},
		"by its own name":     {w: responsesWire(), model: "openai/o3", long: true},
		"by another name":     {w: chatWire(), model: "gpt-4o"},
	} {
		for stall, limit := range map[time.Duration]bool{8 * time.Second: false, 50 * time.Second: true, 2 * time.Minute: true} {
			runInBubble(t, name, func(t *testing.T) {
				a, b := at("a", test.w), at("b", test.w)
				if test.model != "" {
					a.model(test.model)
				}
				a.Always(silence(true, stall))
				want := "a"
				if limit && !test.long || stall > time.Minute {
					want = "a b"
				}
				if h := newLab(t, routex.Config{}, a, b).hear(test.w); h.status != 200 || h.tried() != want {
					t.Errorf("%v of silence: tried %q, want %q: %d %s", stall, h.tried(), want, h.status, h.raw)
				}
			})
		}
	}
}

func TestReasoningAndToolsAreABeginning(t *testing.T) {
	for _, w := range wires() {
		for name, answer := range map[string]routextest.Answer{
			"reasoning": {Reasoning: "hm, let me think about this", Text: counted},
			"a tool":    {Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"city":"a long name of a town"}`}}},
		} {
			if name == "a tool" && w.name == "gemini" { // its calls come whole
				continue
			}
			runInBubble(t, w.name+", "+name, func(t *testing.T) {
				c := w
				if name == "reasoning" {
					c.body = map[string]string{
						"anthropic": `{"model":"m","max_tokens":5000,"stream":true,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"count"}]}`,
						"chat":      w.body,
						"responses": `{"model":"m","stream":true,"input":"count","reasoning":{"effort":"high","summary":"auto"}}`,
						"gemini":    `{"contents":[{"role":"user","parts":[{"text":"count"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}`,
					}[w.name]
				}
				a, b := at("a", w, saying(answer)), at("b", w, saying(answer))
				a.Fail(routextest.Fault{StallAfter: 2, Stall: 100 * time.Second})
				h := newLab(t, routex.Config{}, a, b).hear(c)
				if h.tried() != "a" || !h.d.Succeeded() || h.d.Attempts[0].FirstByte > time.Second || h.took < 100*time.Second {
					t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
				}
			})
		}
	}
}

func TestChannelsOwnPaceIsLearned(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel, func(o *routextest.Options) { o.Delay = 8 * time.Second }), at("b", channel)
		l := newLab(t, routex.Config{}, a, b)
		for range 3 {
			if h := l.hear(caller); !h.whole() || h.tried() != "a" {
				t.Fatalf("%+v", h.d)
			}
		}
		l.enable(1, true)                          // which changes nothing
		a.Always(silence(true, 12*time.Second))    // 20 s in all
		if h := l.hear(caller); h.tried() != "a" { // three times eight is more
			t.Errorf("a channel that is slow by nature was given up after %v", h.took)
		}
		a.Always(silence(true, time.Hour))
		if h := l.hear(caller); !h.whole() || h.tried() != "a b" || h.took > time.Minute {
			t.Errorf("after %v: %+v", h.took, h.d)
		}
	})
}

// That long calls take long says nothing of short ones.
func TestPaceIsThatOfCallsOfTheSameLength(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		long := chatWire()
		long.body = strings.Replace(long.body, "count", strings.Repeat("x", 300<<10), 1)
		a, b := at("a", chatWire()), at("b", chatWire())
		l := newLab(t, routex.Config{}, a, b)
		a.Always(silence(true, 20*time.Second)) // five of a short one
		for range 3 {
			if h := l.hear(long); !h.whole() || h.tried() != "a" {
				t.Fatalf("%+v", h.d)
			}
		}
		if h := l.hear(chatWire()); !h.whole() || h.tried() != "a b" || !about(h.took, 15*time.Second) {
			t.Errorf("tried %q after %v", h.tried(), h.took)
		}
	})
}

// Who is given up every time would never be seen to answer.
func TestSlowChannelIsNotGivenUpForEver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Always(silence(true, 14*time.Second))
		l := newLab(t, routex.Config{}, a, b)
		for i, want := range []string{"a b", "a", "a"} {
			if h := l.hear(chatWire()); !h.whole() || h.tried() != want {
				t.Errorf("call %d: tried %q after %v", i, h.tried(), h.took)
			}
		}
		a.Always(silence(false, time.Hour)) // one that gives no sign of life has no more time
		for range 3 {
			if h := l.hear(chatWire()); !h.whole() || h.tried() != "a b" || h.took > 45*time.Second {
				t.Errorf("tried %q after %v", h.tried(), h.took)
			}
		}
	})
}

func TestSilentChannelHasNoMoreTimeEachTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Always(silence(false, time.Hour))
		l := newLab(t, routex.Config{}, a, b)
		for range 4 {
			if h := l.hear(chatWire()); !h.whole() || !about(h.took, 10*time.Second) {
				t.Errorf("after %v: %+v", h.took, h.d)
			}
		}
	})
}

func TestLimitsThatAreConfigured(t *testing.T) {
	for name, test := range map[string]struct {
		timeouts routex.Timeouts
		open     bool
		alone    bool
		took     time.Duration
		status   int
	}{
		"header, alone":                 {routex.Timeouts{}, false, true, time.Minute, 504},
		"header of 5 s, alone":          {routex.Timeouts{Header: 5 * time.Second}, false, true, 5 * time.Second, 504},
		"header of 5 s":                 {routex.Timeouts{Header: 5 * time.Second}, false, false, 5 * time.Second, 200},
		"header of 5 s that has come":   {routex.Timeouts{Header: 5 * time.Second}, true, false, 10 * time.Second, 200},
		"first token of 3 s":            {routex.Timeouts{FirstToken: 3 * time.Second}, true, false, 3 * time.Second, 200},
		"first token of 3 s, no header": {routex.Timeouts{FirstToken: 3 * time.Second}, false, false, 3 * time.Second, 200},
		"first token of 30 s":           {routex.Timeouts{FirstToken: 30 * time.Second}, true, false, 30 * time.Second, 200},
		"first token of 90 s":           {routex.Timeouts{FirstToken: 90 * time.Second}, false, false, 90 * time.Second, 200},
		"first token of 3 s, alone":     {routex.Timeouts{FirstToken: 3 * time.Second}, true, true, 10 * time.Minute, 504},
	} {
		runInBubble(t, name, func(t *testing.T) {
			a, b := at("a", chatWire()), at("b", chatWire())
			a.Always(silence(test.open, 20*time.Minute))
			sites := []*site{a, b}
			if test.alone {
				sites = sites[:1]
			}
			a.change = func(c *routex.Channel) { c.Timeouts = test.timeouts }
			h := newLab(t, routex.Config{}, sites...).hear(chatWire())
			if h.status != test.status || !about(h.took, test.took) || h.status == 504 && (h.fault == "" || h.tried() != "a") {
				t.Errorf("%d after %v: %s", h.status, h.took, h.raw)
			}
		})
	}
}

// within gives a request a deadline.
func within(d time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		context.AfterFunc(ctx, cancel)
		*r = *r.WithContext(ctx)
	}
}

// stainless is what the official SDKs send.
func stainless(seconds string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Stainless-Timeout", seconds) }
}

func TestCallersTimeIsShared(t *testing.T) {
	for name, test := range map[string]struct {
		w      wire
		change func(*http.Request)
		alone  bool
		took   time.Duration
		status int // 0 means the caller's own error
	}{
		"whole, deadline":            {chatWire().unary(), within(40 * time.Second), false, 30 * time.Second, 200},
		"whole, deadline, alone":     {chatWire().unary(), within(40 * time.Second), true, 40 * time.Second, 0},
		"whole, SDK":                 {chatWire().unary(), stainless("40"), false, 29400 * time.Millisecond, 200},
		"whole, SDK, alone":          {chatWire().unary(), stainless("40"), true, 39200 * time.Millisecond, 504},
		"whole, SDK of long, alone":  {chatWire().unary(), stainless("300"), true, 299 * time.Second, 504},
		"whole, nonsense, alone":     {chatWire().unary(), stainless("soon"), true, 10 * time.Minute, 504},
		"whole, the shorter, alone":  {chatWire().unary(), func(r *http.Request) { within(time.Minute)(r); stainless("20")(r) }, true, 19600 * time.Millisecond, 504},
		"whole, nothing, alone":      {chatWire().unary(), func(*http.Request) {}, true, 10 * time.Minute, 504},
		"stream, deadline":           {chatWire(), within(12 * time.Second), false, 6 * time.Second, 200},
		"stream, long deadline":      {chatWire(), within(10 * time.Minute), false, 10 * time.Second, 200},
		"stream, deadline, alone":    {chatWire(), within(12 * time.Second), true, 12 * time.Second, 0},
		"Gemini, whole, deadline":    {geminiWire().unary(), within(40 * time.Second), false, 30 * time.Second, 200},
		"Anthropic, whole, deadline": {anthropicWire().unary(), within(40 * time.Second), false, 30 * time.Second, 200},
	} {
		runInBubble(t, name, func(t *testing.T) {
			a, b := at("a", test.w), at("b", test.w)
			a.Always(silence(false, time.Hour))
			sites := []*site{a, b}
			if test.alone {
				sites = sites[:1]
			}
			h := newLab(t, routex.Config{}, sites...).hear(test.w, test.change)
			if h.status != test.status || (h.err != nil) != (test.status == 0) || !about(h.took, test.took) {
				t.Errorf("%d, %v after %v: %s", h.status, h.err, h.took, h.raw)
			}
			if test.status == 200 && !h.whole() {
				t.Errorf("%s", h.raw)
			}
		})
	}
}

// A channel that is asked when no time is left can only fail.
func TestASilentProviderIsLeftWhileThereIsTimeForAnother(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := chatWire().unary()
		a, b := at("a", w), at("b", w)
		a.Always(silence(false, time.Hour))
		if h := newLab(t, routex.Config{}, a, b).hear(w); !h.whole() || h.tried() != "a b" || !about(h.took, 7*time.Minute+30*time.Second) {
			t.Errorf("%d after %v, tried %q", h.status, h.took, h.tried())
		}
	})
	inBubble(t, func(t *testing.T) { // an attempt's own limit may be shorter
		w := chatWire().unary()
		a, b := at("a", w), at("b", w)
		a.Always(silence(false, time.Hour))
		if h := newLab(t, routex.Config{Timeouts: routex.Timeouts{Unary: 30 * time.Second}}, a, b).hear(w); !h.whole() || h.tried() != "a b" || !about(h.took, 30*time.Second) {
			t.Errorf("%d after %v, tried %q", h.status, h.took, h.tried())
		}
	})
}

// Nobody is left, before the first token or in the middle of a text, for a
// channel that could not take the call.
func TestNobodyIsLeftForWhoCouldNotTakeTheCall(t *testing.T) {
	window := func(tokens int) func(*routex.Channel) {
		return func(c *routex.Channel) { c.ContextWindow = map[string]int{"m": tokens} }
	}
	seeded := chatWire()
	seeded.body = strings.Replace(seeded.body, `"stream":true`, `"stream":true,"seed":7`, 1)
	broken := chatWire()
	broken.body = strings.Replace(broken.body, `"stream":true`, `"stream":true,"user":5`, 1)
	strict := func(c *routex.Channel) { c.Losses = routex.LossStrict }
	for name, test := range map[string]struct {
		w, other wire
		change   [3]func(*routex.Channel)
		small    bool // the first finds the call too long
		busy     bool
		left     bool
	}{
		"something would be lost":                              {w: seeded, other: anthropicWire(), change: [3]func(*routex.Channel){2: strict}},
		"something would be lost, which is nobody's concern":   {w: seeded, other: anthropicWire(), left: true},
		"nothing would be lost":                                {w: chatWire(), other: anthropicWire(), change: [3]func(*routex.Channel){2: strict}, left: true},
		"its protocol has no place for the call":               {w: broken, other: anthropicWire()},
		"it has as many calls as it may":                       {w: chatWire(), other: chatWire(), busy: true, change: [3]func(*routex.Channel){2: func(c *routex.Channel) { c.MaxConcurrency = 1 }}},
		"its window is too small":                              {w: chatWire(), other: chatWire(), small: true, change: [3]func(*routex.Channel){window(1000), window(2000), window(900)}},
		"its window is larger than the one that was too small": {w: chatWire(), other: chatWire(), small: true, left: true, change: [3]func(*routex.Channel){window(1000), window(2000), window(1100)}},
	} {
		for _, after := range []int{-1, 3} {
			runInBubble(t, fmt.Sprintf("%s, after %d words", name, max(after, 0)), func(t *testing.T) {
				sites := []*site{at("a", chatWire()), at("b", chatWire()), at("c", test.other)}
				for i := range sites {
					sites[i].change = test.change[i]
				}
				cfg := routex.Config{}
				want := "b"
				if test.small {
					sites[0].Always(routextest.Fault{Code: routextest.ContextTooLong, Times: -1})
					want = "a b"
				} else {
					sites[0].change = func(c *routex.Channel) { c.Disabled = true }
				}
				if test.left {
					want += " c"
				}
				sites[1].Always(routextest.Fault{StallAfter: after, Stall: 50 * time.Second, Times: -1})
				l := newLab(t, cfg, sites...)
				if test.busy {
					sites[2].Fail(routextest.Fault{StallAfter: -1, Stall: 2 * time.Minute})
					var other sync.WaitGroup
					defer other.Wait()
					other.Go(func() {
						l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "c")) })
					})
					time.Sleep(time.Second)
				}
				if h := l.hear(test.w); !h.whole() || h.tried() != want || (h.took > 50*time.Second) == test.left {
					t.Errorf("after %v, tried %q: %s\n%+v", h.took, h.tried(), h.raw, h.d)
				}
			})
		}
	}
}
