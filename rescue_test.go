package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

func TestAnswerThatBreaksOffIsRescued(t *testing.T) {
	for name, test := range map[string]struct {
		fault routextest.Fault
		class breaker.Class
		tried string
		burst bool
	}{
		"cut":                   {fault: routextest.Fault{CutAfter: 7, Times: -1}, class: breaker.Network, tried: "a a b"},
		"cut in one piece":      {fault: routextest.Fault{CutAfter: 7, Times: -1}, class: breaker.Network, tried: "a a b", burst: true},
		"ended":                 {fault: routextest.Fault{CutAfter: 7, CutCleanly: true, Times: -1}, class: breaker.Network, tried: "a a b"},
		"silent":                {fault: routextest.Fault{StallAfter: 7, Stall: time.Hour}, class: breaker.Timeout, tried: "a b"},
		"overloaded":            {fault: routextest.Fault{ErrorEvent: true, ErrorAfter: 7, Code: routextest.Overloaded}, class: breaker.Overload, tried: "a b"},
		"failed":                {fault: routextest.Fault{ErrorEvent: true, ErrorAfter: 7, ErrorStatus: 500, Times: -1}, class: breaker.Server, tried: "a a b"},
		"failed in one piece":   {fault: routextest.Fault{ErrorEvent: true, ErrorAfter: 7, ErrorStatus: 500, Times: -1}, class: breaker.Server, tried: "a a b", burst: true},
		"limited in the middle": {fault: routextest.Fault{ErrorEvent: true, ErrorAfter: 7, Code: routextest.RateLimited}, class: breaker.Rate, tried: "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			everyWire(t, func(t *testing.T, caller, channel wire) {
				pace := func(o *routextest.Options) {
					if test.burst {
						o.Pace = 0
					}
				}
				a, b := at("a", channel, pace), at("b", channel, pace)
				a.Fail(test.fault)
				l := newLab(t, routex.Config{}, a, b)
				h := l.hear(caller)
				if rests := !l.Status()[0].CooldownUntil.IsZero(); rests != (test.class == breaker.Rate) {
					t.Errorf("the channel rests: %v", rests)
				}
				if !h.whole() || h.took > 20*time.Second {
					t.Errorf("after %v: %+v\n%s", h.took, h.d, h.raw)
				}
				if h.out != 12 || h.d.Usage.Output != 12 || h.d.Usage.Input != 9 || h.d.UsageEstimated {
					t.Errorf("the caller was told of %d tokens, the decision of %+v", h.out, h.d.Usage)
				}
				last := len(h.d.Attempts) - 1
				if h.tried() != test.tried || h.d.Channel != "b" || h.d.Attempts[0].Class != test.class || h.d.Attempts[0].Resumes || !h.d.Attempts[last].Resumes || !h.d.Succeeded() {
					t.Errorf("decision %+v", h.d)
				}
				synctest.Wait() // for the provider to note it
				if a.LastCall().Ended.IsZero() {
					t.Error("the provider that broke off still sends")
				}
			})
		})
	}
}

// cutAfter breaks the next call after n words.
func cutAfter(n int) routextest.Fault { return routextest.Fault{CutAfter: n} }

// overloadAfter ends the next call after n words, in a way after which the same
// channel is not asked again.
func overloadAfter(n int) routextest.Fault {
	return routextest.Fault{ErrorEvent: true, ErrorAfter: n, Code: routextest.Overloaded}
}

func TestModelThatTakesPrefillIsAskedToGoOn(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel), at("b", anthropicWire()).model("claude-sonnet-4-5")
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b).hear(caller)
		if !h.whole() || h.tried() != "a b" || b.LastCall().Prefill != "one two three four five six seven" || b.LastCall().Model != "claude-sonnet-4-5" {
			t.Errorf("%s\nafter the prefill %q: %+v", h.raw, b.LastCall().Prefill, h.d)
		}
		if h.out != 12 || h.d.Usage.Output != 12 || !h.d.UsageEstimated {
			t.Errorf("the caller was told of %d tokens, the decision of %+v", h.out, h.d.Usage)
		}
	})
}

// What was said before a silence that nobody gave up, and after it, is known.
func TestStreamThatWasSilentAndGoesOnIsRescuedWhole(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a := at("a", channel)
		a.Fail(routextest.Fault{StallAfter: 3, Stall: 20 * time.Second, CutAfter: 4})
		if h := newLab(t, routex.Config{}, a).hear(caller); !h.whole() {
			t.Errorf("the caller heard %q, fault %q, tried %q", h.text, h.fault, h.tried())
		}
	})
}

func TestPrefillThatIsRefusedIsNotTriedAgain(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a := at("a", channel)
		b := at("b", anthropicWire(), func(o *routextest.Options) { o.Prefill = routextest.PrefillRefuse }).model("claude-sonnet-4-5")
		a.Fail(overloadAfter(7), overloadAfter(3))
		l := newLab(t, routex.Config{}, a, b)
		for i, want := range []string{"a b b", "a b"} {
			h := l.hear(caller)
			if !h.whole() || h.tried() != want || h.d.Channel != "b" || h.d.Usage.Output != 12 || h.d.UsageEstimated {
				t.Errorf("call %d: %s\n%+v", i, h.raw, h.d)
			}
		}
		if s := l.Status()[1]; s.Failures != 0 {
			t.Errorf("the refusal counts against the channel: %+v", s)
		}
	})
}

// What else a channel may have against a prefill is not known before.
func TestWholeQuestionIsAskedWhereThePrefillFails(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel), at("b", anthropicWire()).model("claude-sonnet-4-5")
		a.Fail(overloadAfter(7), overloadAfter(7))
		b.Fail(routextest.Fault{Status: 400, Message: "something is wrong with the messages"})
		l := newLab(t, routex.Config{}, a, b)
		for i, want := range []string{"a b b", "a b"} {
			h := l.hear(caller)
			if prefilled := b.LastCall().Prefill != ""; !h.whole() || h.tried() != want || prefilled != (i == 1) {
				t.Errorf("call %d: %s\n%+v", i, h.raw, h.d)
			}
		}
	})
}

func TestPrefillThatIsIgnoredIsNotRepeated(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		b := at("b", anthropicWire(), func(o *routextest.Options) {
			o.Prefill = routextest.PrefillIgnore
			o.Answer = func(*routextest.Call) routextest.Answer {
				return routextest.Answer{Text: counted, Usage: routextest.Usage{Input: 9, Output: 12}}
			}
		}).model("claude-sonnet-4-5")
		a := at("a", channel)
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b).hear(caller)
		if !h.whole() || b.LastCall().Prefill == "" || h.out != 12 || h.d.Usage.Output != 12 || h.d.UsageEstimated {
			t.Errorf("%s\n%d tokens, %+v", h.raw, h.out, h.d)
		}
	})
}

// saying is a provider with another answer.
func saying(a routextest.Answer) func(*routextest.Options) {
	return func(o *routextest.Options) { o.Answer = func(*routextest.Call) routextest.Answer { return a } }
}

func TestAnotherAnswerIsNotJoined(t *testing.T) {
	for name, other := range map[string]string{
		"another text": "1 2 3 4 5 6 7 8 9 10 11 12",
		"almost":       "one two three four five six sieben eight nine ten eleven twelve",
		"less":         "one two three four five",
	} {
		t.Run(name, func(t *testing.T) {
			everyWire(t, func(t *testing.T, caller, channel wire) {
				a, b := at("a", channel), at("b", channel, saying(routextest.Answer{Text: other}))
				a.Fail(overloadAfter(7))
				l := newLab(t, routex.Config{}, a, b)
				h := l.hear(caller)
				if !h.broke() || h.text != "one two three four five six seven " || h.tried() != "a b" {
					t.Errorf("%s\n%+v", h.raw, h.d)
				}
				third := at("c", channel)
				a.Fail(overloadAfter(7))
				if h := newLab(t, routex.Config{}, a, b, third).hear(caller); !h.whole() || h.tried() != "a b c" {
					t.Errorf("%s\n%+v", h.raw, h.d)
				}
				if h.d.Class != breaker.Overload || h.d.Channel != "a" || h.d.Attempts[1].Class != breaker.Caller || l.Status()[1].Failures != 0 {
					t.Errorf("decision %+v", h.d)
				}
			})
		})
	}
}

// What was told of a call of a tool may have been acted on, and what a model
// thought cannot be thought again.
func TestOnlyTextIsRescued(t *testing.T) {
	tools := routextest.Answer{Text: "one two ", Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"city":"a long name of a town"}`}}}
	thought := routextest.Answer{Reasoning: "hm, let me think about this", Text: counted}
	for name, test := range map[string]struct {
		answer routextest.Answer
		after  int
		ask    func(w wire) wire
	}{
		"a call of a tool": {answer: tools, after: 4},
		"reasoning": {answer: thought, after: 3, ask: func(w wire) wire {
			w.body = map[string]string{
				"anthropic": `{"model":"m","max_tokens":5000,"stream":true,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"count"}]}`,
				"gemini":    `{"contents":[{"role":"user","parts":[{"text":"count"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}`,
			}[w.name]
			return w
		}},
	} {
		t.Run(name, func(t *testing.T) {
			everyWire(t, func(t *testing.T, caller, channel wire) {
				if test.ask != nil {
					if caller = test.ask(caller); caller.body == "" || channel.name != caller.name {
						t.Skip("no reasoning is told there")
					}
				}
				a, b := at("a", channel, saying(test.answer)), at("b", channel, saying(test.answer))
				a.Fail(cutAfter(test.after))
				h := newLab(t, routex.Config{}, a, b).hear(caller)
				if caller.name == "gemini" && channel.name != "gemini" { // it is told of calls that are whole
					if !strings.HasPrefix(h.text, "one two ") || h.fault != "" || h.tried() != "a a" {
						t.Errorf("%s\n%+v", h.raw, h.d)
					}
					return
				}
				if h.err != nil || h.fault == "" || h.ended || h.after || h.tried() != "a" {
					t.Errorf("%s\n%+v", h.raw, h.d)
				}
			})
		})
	}
}

// What a text came before can be rescued, and a tool be called after it.
func TestToolsAreCalledAfterTheTextThatWasRescued(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		answer := saying(routextest.Answer{Text: "one two three four five six ", Tools: []routextest.ToolCall{{ID: "t1", Name: "lookup", Arguments: `{"city":"Rome"}`}}})
		a, b := at("a", channel, answer), at("b", channel, answer)
		a.Fail(overloadAfter(4))
		h := newLab(t, routex.Config{}, a, b).hear(caller)
		if h.fault != "" || h.text != "one two three four five six " || h.after || h.tried() != "a b" || !h.d.Succeeded() || !strings.Contains(h.raw, "lookup") || !strings.Contains(h.raw, "Rome") {
			t.Errorf("%s\n%+v", h.raw, h.d)
		}
	})
}

func TestWhereNobodyMayGoOn(t *testing.T) {
	several := chatWire()
	several.body = strings.Replace(several.body, `"stream":true`, `"stream":true,"logprobs":true`, 1)
	for name, test := range map[string]struct {
		cfg   routex.Config
		w     wire
		tried string
	}{
		"by policy":                 {cfg: routex.Config{Rescue: routex.RescueOff}, w: chatWire(), tried: "a"},
		"no more attempts":          {cfg: routex.Config{MaxAttempts: 1}, w: chatWire(), tried: "a"},
		"the same channel is tried": {cfg: routex.Config{MaxAttempts: 2}, w: chatWire(), tried: "a a"},
		"more than the text":        {w: several, tried: "a"},
	} {
		runInBubble(t, name, func(t *testing.T) {
			a, b := at("a", chatWire()), at("b", chatWire())
			a.Always(routextest.Fault{CutAfter: 7, Times: -1})
			h := newLab(t, test.cfg, a, b).hear(test.w)
			if !h.broke() || h.tried() != test.tried || b.Count() != 0 {
				t.Errorf("%s\n%+v", h.raw, h.d)
			}
		})
	}
}

// Who cannot be rescued is not given up either.
func TestSilenceIsBorneWhereNobodyCouldGoOn(t *testing.T) {
	several := chatWire()
	several.body = strings.Replace(several.body, `"stream":true`, `"stream":true,"logprobs":true`, 1)
	for name, test := range map[string]struct {
		w     wire
		alone bool
		tool  bool
	}{
		"more than the text was asked for": {w: several},
		"nobody else is there":             {w: chatWire(), alone: true},
		"a tool is called":                 {w: chatWire(), tool: true},
	} {
		runInBubble(t, name, func(t *testing.T) {
			a, b := at("a", chatWire()), at("b", chatWire())
			if test.tool {
				a = at("a", chatWire(), saying(routextest.Answer{Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"city":"a long name of a town"}`}}}))
			}
			a.Fail(routextest.Fault{StallAfter: 3, Stall: time.Minute})
			sites := []*site{a, b}
			if test.alone {
				sites = sites[:1]
			}
			h := newLab(t, routex.Config{}, sites...).hear(test.w)
			if h.fault != "" || !h.ended || h.tried() != "a" || h.took < time.Minute {
				t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
			}
		})
	}
}

func TestRescueIsOnRecord(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire()).model("other")
		a.Fail(overloadAfter(7))
		decisions := 0
		l := newLab(t, routex.Config{Breaker: breaker.Settings{Failures: 1}, OnDecision: func(*routex.Decision) { decisions++ }}, a, b)
		session := func(r *http.Request) { r.Header.Set("X-Session-ID", "s") }
		h := l.hear(chatWire(), session)
		if !h.whole() || h.d.UpstreamModel != "other" || h.d.Attempts[1].FirstByte == 0 || h.d.Attempts[1].Duration == 0 || h.d.Attempts[0].Error == "" || decisions != 1 {
			t.Errorf("%+v, told %d times", h.d, decisions)
		}
		s := l.Status()
		if s[0].Circuit != breaker.Open || s[0].Failures != 1 || s[0].Successes != 0 || s[1].Successes != 1 {
			t.Errorf("status %+v", s)
		}
		time.Sleep(time.Hour) // a is well again
		if h = l.hear(chatWire(), session); !h.whole() || h.tried() != "b" || !h.d.Affinity.Hit {
			t.Errorf("the session is not where its answer came from: %+v %+v", h.d.Affinity, h.d)
		}
	})
}

func TestRescuerThatBreaksOffIsRescued(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		for _, prefill := range []bool{false, true} {
			a, b, c := at("a", channel), at("b", channel), at("c", channel)
			if prefill {
				b = at("b", anthropicWire()).model("claude-sonnet-4-5")
				b.Fail(overloadAfter(4)) // of those that it adds
			} else {
				b.Fail(overloadAfter(8))
			}
			a.Fail(overloadAfter(4))
			h := newLab(t, routex.Config{}, a, b, c).hear(caller)
			if !h.whole() || h.tried() != "a b c" || h.out != 12 || h.d.Usage.Output != 12 || h.d.UsageEstimated {
				t.Errorf("%s\n%d tokens, %+v", h.raw, h.out, h.d)
			}
		}
	})
}

// What an answer has lost is that of who gave it, and not of who was asked in
// vain to go on with it.
func TestLossesAreThoseOfTheAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := anthropicWire()
		w.body = strings.Replace(w.body, `"stream":true`, `"stream":true,"top_k":5`, 1)
		for _, first := range []wire{chatWire(), anthropicWire()} {
			other := chatWire()
			if first.name == "chat" {
				other = anthropicWire()
			}
			a, b := at("a", first), at("b", other, saying(routextest.Answer{Text: "1 2 3 4 5"}))
			a.Fail(overloadAfter(7))
			h := newLab(t, routex.Config{}, a, b).hear(w)
			if lost := len(h.d.Losses) > 0; !h.broke() || h.tried() != "a b" || lost != (first.name == "chat") {
				t.Errorf("from %s, lost %v: %s\n%+v", first.name, h.d.Losses, h.raw, h.d)
			}
		}
	})
}

func TestUsageOfARescueIsEstimatedWhereNobodyTellsIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		silent := chatWire()
		silent.body = strings.Replace(silent.body, `"stream_options":{"include_usage":true},`, "", 1)
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b).hear(silent)
		if !h.whole() || !h.d.UsageEstimated || h.d.Usage.Output != 12 {
			t.Errorf("%s\n%+v", h.raw, h.d)
		}
	})
}

func TestSlowRescuerIsNotGivenUp(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, c := at("a", channel), at("c", channel)
		b := at("b", channel, func(o *routextest.Options) { o.Pace = 3 * time.Second })
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b, c).hear(caller)
		if !h.whole() || h.tried() != "a b" {
			t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
		}
	})
}

func TestRescuerThatStallsBeforeTheJoinIsGivenUp(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b, c := at("a", channel), at("b", channel), at("c", channel)
		a.Fail(overloadAfter(7))
		b.Fail(routextest.Fault{StallAfter: 4, Stall: time.Hour})
		h := newLab(t, routex.Config{}, a, b, c).hear(caller)
		if !h.whole() || h.tried() != "a b c" || h.took > 20*time.Second {
			t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
		}
	})
}

func TestRescuerMayNotBeLate(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		for _, stall := range []int{0, -1} {
			a, b, c := at("a", channel), at("b", channel), at("c", channel)
			a.Fail(overloadAfter(7))
			b.Fail(routextest.Fault{StallAfter: stall, Stall: time.Hour})
			h := newLab(t, routex.Config{}, a, b, c).hear(caller)
			if !h.whole() || h.tried() != "a b c" || h.took > 12*time.Second {
				t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
			}
		}
	})
}

// However the network cuts a stream to pieces, an error that comes with the
// words before it is an error.
func TestErrorThatComesWithTheWordsIsRescued(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		inBubble(t, func(t *testing.T) {
			a, b := channel.channel("a", "https://a.test"), channel.channel("b", "https://b.test")
			b.Priority = 1
			base := upstreams{"a.test": {channel.begin + channel.words[0] + channel.words[1] + channel.fault, forEver}, "b.test": {channel.whole()}}
			var failed context.Context
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{a, b}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "a.test" {
					failed = r.Context()
				}
				return base.RoundTrip(r)
			})})
			resp, rec := stream(t, tr, caller)
			buf := make([]byte, 4<<10)
			var got strings.Builder
			for {
				n, err := resp.Body.Read(buf)
				got.Write(buf[:n])
				if err != nil {
					break
				}
				if strings.Contains(got.String(), "three") && failed.Err() == nil {
					t.Error("the stream that failed is still open")
				}
			}
			_ = resp.Body.Close()
			if text(got.String()) != "one two three four" || !looksComplete(got.String()) || caller.tellsError(got.String()) || tried(rec.Decision()) != "a b" {
				t.Errorf("%s\n%+v", got.String(), rec.Decision())
			}
		})
	})
}

// Between two blocks a model may prepare a long call of a tool in silence.
func TestSilenceBetweenBlocksIsNoStall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := anthropicDialect()
		block, rest, _ := strings.Cut(d.finish, "event: message_delta")
		a, b := d.channel("a", "https://a.test"), d.channel("b", "https://b.test")
		b.Priority = 1
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{a, b}, Base: upstreams{
			"a.test": {d.begin, strings.Join(d.words, "") + block, time.Minute, "event: message_delta" + rest + d.endMark}, "b.test": {d.whole()},
		}})
		resp, rec := stream(t, tr, d)
		if got := readBody(t, resp); got != d.whole() || tried(rec.Decision()) != "a" {
			t.Errorf("%s\n%+v", got, rec.Decision())
		}
	})
}

func TestStreamThatIsOneArrayIsRescued(t *testing.T) {
	array := geminiWire()
	array.path = strings.TrimSuffix(array.path, "?alt=sse")
	for _, channel := range wires() {
		runInBubble(t, "rescued from "+channel.name, func(t *testing.T) {
			a, b := at("a", channel), at("b", channel)
			a.Fail(overloadAfter(7))
			if h := newLab(t, routex.Config{}, a, b).hear(array); !h.whole() || !strings.HasPrefix(h.raw, "[") {
				t.Errorf("%s\n%+v", h.raw, h.d)
			}
		})
		for name, fault := range map[string]routextest.Fault{"cut": cutAfter(7), "overloaded": overloadAfter(7)} {
			runInBubble(t, name+" from "+channel.name, func(t *testing.T) {
				a := at("a", channel)
				a.Fail(fault)
				if h := newLab(t, routex.Config{Rescue: routex.RescueOff}, a).hear(array); !h.broke() || !gjson.Valid(h.raw) {
					t.Errorf("%s\n%+v", h.raw, h.d)
				}
			})
		}
	}
}

func TestAnswerIsRescuedForWhoReadsByteByByte(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		a, b := at("a", channel), at("b", channel)
		a.Fail(overloadAfter(7))
		l := newLab(t, routex.Config{}, a, b)
		resp, err := l.RoundTrip(l.request(caller))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(iotest.OneByteReader(resp.Body))
		_ = resp.Body.Close()
		h := heard{status: resp.StatusCode, raw: string(text), err: err}
		if h.read(caller); !h.whole() {
			t.Errorf("%v: %s", err, h.raw)
		}
	})
}

// The memory of a long body is used again, but not before nobody can need it.
func TestLongBodyIsSentOnceMoreAsItWas(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b, other := at("a", chatWire()), at("b", chatWire()), at("other", chatWire())
		a.change = func(c *routex.Channel) { c.Models = []string{"m"} }
		b.change = func(c *routex.Channel) { c.Models, c.ModelMap = []string{"m"}, map[string]string{"m": "another-model"} }
		other.change = func(c *routex.Channel) { c.Models = []string{"else"} }
		a.Fail(routextest.Fault{ErrorEvent: true, ErrorAfter: 7, Code: routextest.Overloaded, StallAfter: 6, Stall: 10 * time.Second})
		l := newLab(t, routex.Config{}, a, b, other)
		long := func(model, fill string) wire {
			w := chatWire()
			w.body = strings.NewReplacer(`"m"`, `"`+model+`"`, "count", strings.Repeat(fill, 100_000)).Replace(w.body)
			return w
		}
		heard := make(chan *heard)
		w := long("m", "x")
		go func() { heard <- l.hear(w) }()
		time.Sleep(5 * time.Second) // it is in the middle
		for range 20 {
			if h := l.hear(long("else", "y")); !h.whole() {
				t.Fatalf("%s", h.raw)
			}
		}
		h := <-heard
		if !h.whole() || h.tried() != "a b" {
			t.Errorf("%s\n%+v", h.raw, h.d)
		}
		if string(a.LastCall().Body) != w.body || string(b.LastCall().Body) != strings.Replace(w.body, `"m"`, `"another-model"`, 1) {
			t.Errorf("another body was sent the second time: %d, %d, %.300s", len(a.LastCall().Body), len(b.LastCall().Body), b.LastCall().Body)
		}
	})
}

// leaver says how a caller goes, or is made to.
type leaver struct {
	name  string
	leave func(l *lab, body io.Closer, cancel context.CancelFunc)
}

func leavers() []leaver {
	return []leaver{
		{"Close", func(_ *lab, body io.Closer, _ context.CancelFunc) { _ = body.Close() }},
		{"cancel", func(_ *lab, _ io.Closer, cancel context.CancelFunc) { cancel() }},
		{"shutdown", func(l *lab, _ io.Closer, _ context.CancelFunc) {
			ctx, cancel := context.WithCancel(l.t.Context())
			cancel()
			_ = l.Close(ctx)
		}},
	}
}

func TestCallerLeavesDuringARescue(t *testing.T) {
	for _, leaver := range leavers() {
		for name, test := range map[string]struct {
			setUp func(a, b *site) []*site
			tries int // that the providers see
		}{
			"in the pause": {func(a, _ *site) []*site {
				a.Fail(cutAfter(7))
				return []*site{a}
			}, 1},
			"before the header": {func(a, b *site) []*site {
				a.Fail(overloadAfter(7))
				b.Fail(routextest.Fault{Stall: time.Hour})
				return []*site{a, b}
			}, 2},
			"before the join": {func(a, b *site) []*site {
				a.Fail(overloadAfter(7))
				b.Fail(routextest.Fault{StallAfter: 3, Stall: time.Hour})
				return []*site{a, b}
			}, 2},
			"after the join": {func(a, b *site) []*site {
				a.Fail(overloadAfter(7))
				b.Fail(routextest.Fault{StallAfter: 9, Stall: time.Hour})
				return []*site{a, b}
			}, 2},
		} {
			runInBubble(t, leaver.name+" "+name, func(t *testing.T) {
				none := func(o *routextest.Options) { o.Pace = 0 }
				a, b := at("a", chatWire(), none), at("b", chatWire(), none)
				sites := test.setUp(a, b)
				decisions := 0
				l := newLab(t, routex.Config{OnDecision: func(d *routex.Decision) {
					decisions++
					if last := d.Attempts[len(d.Attempts)-1]; d.Class != breaker.HangUp && leaver.name != "shutdown" || last.Class == "" || test.tries > 1 && last.Class != breaker.HangUp {
						t.Errorf("decision %+v", d)
					}
				}}, sites...)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				resp, err := l.RoundTrip(l.request(chatWire()).WithContext(ctx))
				if err != nil {
					t.Fatal(err)
				}
				over := make(chan time.Time)
				var text []byte
				go func() {
					text, err = io.ReadAll(resp.Body)
					over <- time.Now()
				}()
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
				began := time.Now()
				leaver.leave(l, resp.Body, cancel)
				if took := (<-over).Sub(began); took > 10*time.Millisecond {
					t.Errorf("the Read goes on for %v", took)
				}
				if looksComplete(string(text)) || err == nil && leaver.name != "shutdown" {
					t.Errorf("%v: %s", err, text)
				}
				synctest.Wait()
				_ = resp.Body.Close()
				if decisions != 1 || a.Count()+b.Count() != test.tries {
					t.Errorf("%d decisions, %d and %d tries", decisions, a.Count(), b.Count())
				}
				for i, s := range l.Status() {
					if want := map[int]int64{0: 1}[i]; s.Failures != want || s.InFlight != 0 {
						t.Errorf("status %+v", s)
					}
				}
				for _, s := range sites {
					if s.LastCall().Ended.IsZero() {
						t.Errorf("%s still sends", s.name)
					}
				}
			})
		}
	}
}
