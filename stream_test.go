package routex_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

func TestSameProtocolStreamIsByteExact(t *testing.T) {
	for _, d := range []dialect{anthropicDialect(), chatDialect()} {
		t.Run(d.name, func(t *testing.T) {
			odd := ": a comment\r\n\r\nid: 7\nevent: brand_new\ndata: {\"type\":\"brand_new\",\"n\":1.50}\nretry: 3\n\ndata:{\"choices\":[],\"obfuscation\":\"x\"}\r\n\r\n"
			want := d.begin + odd + strings.Join(d.words, "") + d.end
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": {want}}})
			resp, rec := stream(t, tr, d)
			if got := readBody(t, resp); got != want {
				t.Errorf("got\n%q\nwant\n%q", got, want)
			}
			if resp.Header.Get("Content-Type") != "text/event-stream" {
				t.Errorf("header %v", resp.Header)
			}
			decision := rec.Decision()
			if u := decision.Usage; !decision.UsageKnown || u != (transform.Usage{Input: 7, Output: 4, CacheRead: 5}) {
				t.Errorf("usage %+v", u)
			}
			if !decision.Succeeded() || decision.Status != 200 || len(decision.Attempts) != 1 || decision.Attempts[0].Duration == 0 {
				t.Errorf("decision %+v", decision)
			}
		})
	}
}

func TestTranslatedStream(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": {channel.whole()}}})
		resp, rec := stream(t, tr, caller)
		got := readBody(t, resp)
		if text(got) != "one two three four" || !looksComplete(got) || caller.tellsError(got) {
			t.Errorf("got %s", got)
		}
		if d := rec.Decision(); !d.Succeeded() || d.Usage.Output != 4 || d.Usage.Input != 7 || d.Usage.CacheRead != 5 {
			t.Errorf("decision %+v", d)
		}
	})
}

func TestBrokenStreamNeverLooksComplete(t *testing.T) {
	for name, how := range map[string][]any{
		"ended":               {},
		"cut":                 {errCut},
		"in mid-event":        {"data: {\"type\":\"content_bl"},
		"over-long event":     {"data: " + strings.Repeat("x", 9<<20)},
		"silent for too long": {forEver},
	} {
		t.Run(name, func(t *testing.T) {
			pairs(t, func(t *testing.T, caller, channel dialect) {
				synctest.Test(t, func(t *testing.T) {
					steps := append([]any{channel.begin, channel.words[0], channel.words[1]}, how...)
					tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": steps}})
					start := time.Now()
					resp, rec := stream(t, tr, caller)
					got := readBody(t, resp)
					if text(got) != "one two " || looksComplete(got) || !caller.tellsError(got) {
						t.Errorf("got %s", got)
					}
					if took := time.Since(start); took > routex.DefaultIdleTimeout+time.Second {
						t.Errorf("it took %v", took)
					}
					d := rec.Decision()
					if d.Succeeded() || d.Duration == 0 || d.Status != 200 || !d.Attempts[0].Class.Counted() {
						t.Errorf("decision %+v", d)
					}
					if s := tr.Status()[0]; s.Failures < 1 || s.Failures > 2 || s.InFlight != 0 {
						t.Errorf("status %+v", s)
					}
				})
			})
		})
	}
}

func TestMissingEndMarkIsSupplied(t *testing.T) {
	pings := make([]any, 0, 2000)
	for range cap(pings) / 2 {
		pings = append(pings, time.Second, ": ping\n\n")
	}
	for name, how := range map[string][]any{"ended": {}, "cut": {errCut}, "silent": {forEver}, "a sign of life every second": pings} {
		t.Run(name, func(t *testing.T) {
			pairs(t, func(t *testing.T, caller, channel dialect) {
				synctest.Test(t, func(t *testing.T) {
					steps := append([]any{channel.begin, strings.Join(channel.words, ""), channel.finish}, how...)
					tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": steps}})
					start := time.Now()
					resp, rec := stream(t, tr, caller)
					got := readBody(t, resp)
					if text(got) != "one two three four" || !strings.HasSuffix(got, caller.endMark) || caller.tellsError(got) {
						t.Errorf("got %s", got)
					}
					if d := rec.Decision(); !d.Succeeded() || d.Usage.Output != 4 {
						t.Errorf("decision %+v", d)
					}
					if took := time.Since(start); took > 10*time.Second || name == "silent" && took > 3*time.Second {
						t.Errorf("it took %v", took)
					}
				})
			})
		})
	}
}

// The usage of a complete answer, and what some send behind the end of it, is
// waited for.
func TestWhatFollowsTheFinishIsDelivered(t *testing.T) {
	chat := chatDialect()
	finish, usage, _ := strings.Cut(chat.finish, "\n\n")
	for name, steps := range map[string][]any{
		"usage after a second":  {chat.begin, strings.Join(chat.words, ""), finish + "\n\n", time.Second, usage, chat.endMark},
		"a word after a second": {chat.begin, strings.Join(chat.words[:3], ""), finish + "\n\n", time.Second, chat.words[3], time.Minute, usage, chat.endMark},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{chat.channel("a", "https://a.test")}, Base: upstreams{"a.test": steps}})
			resp, rec := stream(t, tr, chat)
			got := readBody(t, resp)
			if text(got) != "one two three four" || strings.Count(got, chat.endMark) != 1 || chat.tellsError(got) {
				t.Errorf("%s: got %s", name, got)
			}
			if d := rec.Decision(); !d.Succeeded() || !d.UsageKnown || d.Usage.Output != 4 {
				t.Errorf("%s: decision %+v", name, d)
			}
		})
	}
}

func TestInvalidEventIsLeftOut(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		const junk = "data: {\"broken\": \n\n"
		steps := []any{channel.begin, channel.words[0], junk, strings.Join(channel.words[1:], ""), channel.end}
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": steps}})
		resp, rec := stream(t, tr, caller)
		got := readBody(t, resp)
		if text(got) != "one two three four" || strings.Contains(got, "broken") || !looksComplete(got) {
			t.Errorf("got %s", got)
		}
		if caller.name == channel.name && got != channel.whole() {
			t.Errorf("more than the invalid event was changed: %s", got)
		}
		if d := rec.Decision(); d.SkippedEvents != 1 {
			t.Errorf("%d events were recorded as left out", d.SkippedEvents)
		}
	})
}

func TestFailuresBeforeTheAnswerBeginsAreSeenByNobody(t *testing.T) {
	for name, first := range map[string]func(dialect) []any{
		"refused":             func(dialect) []any { return []any{errCut} },
		"429":                 func(dialect) []any { return []any{respond(429, "application/json", `{"error":{}}`)} },
		"500":                 func(dialect) []any { return []any{respond(500, "text/html", "<html>")} },
		"529":                 func(dialect) []any { return []any{respond(529, "", "")} },
		"401":                 func(dialect) []any { return []any{respond(401, "", "")} },
		"HTML":                func(dialect) []any { return []any{respond(200, "text/html", "<html>")} },
		"no header":           func(dialect) []any { return []any{forEver} },
		"empty":               func(dialect) []any { return nil },
		"ended before text":   func(d dialect) []any { return []any{d.begin} },
		"cut before text":     func(d dialect) []any { return []any{d.begin, errCut} },
		"stalled before text": func(d dialect) []any { return []any{d.begin, forEver} },
		"error event":         func(d dialect) []any { return []any{d.fault} },
		"error after begin":   func(d dialect) []any { return []any{d.begin, d.fault, forEver} },
		"JSON, no stream":     func(dialect) []any { return []any{respond(200, "application/json", anthropicAnswer)} },
	} {
		t.Run(name, func(t *testing.T) {
			pairs(t, func(t *testing.T, caller, channel dialect) {
				synctest.Test(t, func(t *testing.T) {
					good := caller.channel("good", "https://good.test")
					good.Priority = 9
					tr := newTransport(t, routex.Config{
						Channels: []routex.Channel{channel.channel("bad", "https://bad.test"), good},
						Base:     upstreams{"bad.test": first(channel), "good.test": {caller.whole()}},
					})
					resp, rec := stream(t, tr, caller)
					if got := readBody(t, resp); got != caller.whole() {
						t.Errorf("got %s", got)
					}
					d := rec.Decision()
					if !d.Succeeded() || d.Channel != "good" || len(d.Attempts) > 3 || d.Attempts[0].Class == "" || d.Attempts[0].Duration == 0 {
						t.Errorf("decision %+v", d)
					}
				})
			})
		})
	}
}

func TestProvidersErrorInsideTheStreamReachesTheCaller(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{channel.channel("a", "https://a.test"), channel.channel("b", "https://b.test")},
			Base:     upstreams{"a.test": {channel.begin, channel.words[0], channel.fault}, "b.test": {channel.begin, channel.words[0], channel.fault}},
		})
		resp, rec := stream(t, tr, caller)
		got := readBody(t, resp)
		if looksComplete(got) || !caller.tellsError(got) || !strings.Contains(got, "too busy") {
			t.Errorf("got %s", got)
		}
		if d := rec.Decision(); d.Succeeded() || len(d.Attempts) != 2 {
			t.Errorf("decision %+v", d)
		}
	})
}

func TestCallersHangUpCancelsAtOnceAndCountsForNobody(t *testing.T) {
	for _, reading := range []bool{false, true} {
		pairs(t, func(t *testing.T, caller, channel dialect) {
			synctest.Test(t, func(t *testing.T) {
				var upstream context.Context
				base := upstreams{"a.test": {channel.begin, channel.words[0], forEver}}
				tr := newTransport(t, routex.Config{
					Channels: []routex.Channel{channel.channel("a", "https://a.test")},
					Base: roundTrip(func(r *http.Request) (*http.Response, error) {
						upstream = r.Context()
						return base.RoundTrip(r)
					}),
				})
				resp, rec := stream(t, tr, caller)
				done := make(chan error, 1)
				if reading {
					go func() { _, err := io.ReadAll(resp.Body); done <- err }()
					synctest.Wait() // until the Read is under way
				} else {
					_, err := resp.Body.Read(make([]byte, 1))
					done <- err
				}
				start := time.Now()
				if err := resp.Body.Close(); err != nil {
					t.Errorf("Close gives %v", err)
				}
				if err := <-done; reading && err == nil {
					t.Error("a Read that was interrupted looks like a proper end")
				}
				if upstream.Err() == nil || time.Since(start) > 100*time.Millisecond {
					t.Errorf("the upstream was cancelled: %v, after %v", upstream.Err(), time.Since(start))
				}
				if _, err := resp.Body.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
					t.Errorf("Read after Close gives %v", err)
				}
				if d := rec.Decision(); d.Class != "hang-up" || d.Duration == 0 {
					t.Errorf("decision %+v", d)
				}
				if s := tr.Status()[0]; s.Failures != 0 || s.InFlight != 0 || s.Circuit != "closed" {
					t.Errorf("status %+v", s)
				}
				if err := tr.Close(t.Context()); err != nil {
					t.Errorf("something is left open: %v", err)
				}
			})
		})
	}
}

func TestContextOfACallEndsItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := anthropicDialect()
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": {d.begin, d.words[0], forEver}}})
		req, _ := newCall(t, "https://x.test"+d.path, streamCall)
		ctx, cancel := context.WithTimeout(req.Context(), time.Second)
		defer cancel()
		ctx, rec := routex.WithRecord(ctx)
		resp, err := tr.RoundTrip(req.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the body ended with %v", err)
		}
		if d := rec.Decision(); d.Class != "hang-up" || tr.Status()[0].Failures != 0 {
			t.Errorf("decision %+v", d)
		}
		_ = resp.Body.Close()
	})
}

func TestASlowReaderIsNoStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := anthropicDialect()
		steps := []any{d.begin}
		for _, w := range d.words {
			steps = append(steps, w)
		}
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": append(steps, d.end)}})
		resp, rec := stream(t, tr, d)
		var got strings.Builder
		buf := make([]byte, 300)
		for {
			n, err := resp.Body.Read(buf)
			got.Write(buf[:n])
			if err != nil {
				break
			}
			time.Sleep(10 * time.Minute)
		}
		if got.String() != d.whole() || !rec.Decision().Succeeded() {
			t.Errorf("got %s, %+v", got.String(), rec.Decision())
		}
		_ = resp.Body.Close()
	})
}

func TestUpstreamThatDoesNotHangUpIsNotWaitedFor(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		synctest.Test(t, func(t *testing.T) {
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": {channel.whole(), forEver}}})
			start := time.Now()
			resp, rec := stream(t, tr, caller)
			if got := readBody(t, resp); text(got) != "one two three four" || !looksComplete(got) || caller.tellsError(got) {
				t.Errorf("got %s", got)
			}
			if took := time.Since(start); took > 2*time.Second || !rec.Decision().Succeeded() {
				t.Errorf("it took %v, %+v", took, rec.Decision())
			}
		})
	})
}

func TestUpstreamThatTalksOnAfterTheEndIsNotHeard(t *testing.T) {
	for _, read := range []bool{true, false} {
		pairs(t, func(t *testing.T, caller, channel dialect) {
			synctest.Test(t, func(t *testing.T) {
				steps := []any{channel.whole()}
				for range 10_000 {
					steps = append(steps, 10*time.Millisecond, ": ping\n\n")
				}
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": steps}})
				resp, rec := stream(t, tr, caller)
				start := time.Now()
				if read {
					if got := readBody(t, resp); !looksComplete(got) || caller.tellsError(got) {
						t.Errorf("got %s", got)
					}
				} else {
					for buf := make([]byte, 4096); !rec.Decision().Succeeded(); {
						if _, err := resp.Body.Read(buf); err != nil {
							t.Fatal(err)
						}
					}
					_ = resp.Body.Close()
				}
				if took := time.Since(start); took > 2*time.Second || !rec.Decision().Succeeded() {
					t.Errorf("it took %v, %+v", took, rec.Decision())
				}
			})
		})
	}
}

func TestCloseAfterTheLastEventIsSuccess(t *testing.T) {
	for name, rest := range map[string][]any{"ended": {}, "open": {forEver}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := chatDialect()
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": append([]any{d.whole()}, rest...)}})
				resp, rec := stream(t, tr, d)
				var got strings.Builder
				buf := make([]byte, 4096)
				for !strings.Contains(got.String(), "[DONE]") { // as the SDK does
					n, err := resp.Body.Read(buf)
					if err != nil {
						t.Fatal(err)
					}
					got.Write(buf[:n])
				}
				if d := rec.Decision(); !d.Succeeded() {
					t.Errorf("not settled when the end mark was read: %+v", d)
				}
				start := time.Now()
				_ = resp.Body.Close()
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Errorf("Close took %v", took)
				}
				if s := tr.Status()[0]; s.Successes != 1 || s.Failures != 0 {
					t.Errorf("status %+v", s)
				}
			})
		})
	}
}

func TestEveryEventIsServedWhenItComes(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		synctest.Test(t, func(t *testing.T) {
			var steps []any
			for i, w := range channel.words {
				if i == 0 {
					w = channel.begin + w
				}
				steps = append(steps, w, 10*time.Second)
			}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{channel.channel("a", "https://a.test")}, Base: upstreams{"a.test": append(steps, channel.end)}})
			start := time.Now()
			resp, _ := stream(t, tr, caller)
			var got strings.Builder
			buf := make([]byte, 64<<10)
			for i := range channel.words {
				for strings.Count(text(got.String()), " ")+strings.Count(text(got.String()), "four") < i+1 {
					n, err := resp.Body.Read(buf)
					if err != nil {
						t.Fatal(err)
					}
					got.Write(buf[:n])
				}
				if at := time.Since(start); at != time.Duration(i)*10*time.Second {
					t.Errorf("word %d came after %v", i, at)
				}
			}
			_ = resp.Body.Close()
		})
	})
}

func TestCloseSettlesWhatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := anthropicDialect()
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": {d.begin, d.words[0], time.Minute, d.end}}})
		whole, wholeRec := stream(t, tr, d)
		go func() { _, _ = io.ReadAll(whole.Body); _ = whole.Body.Close() }()
		if err := tr.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !wholeRec.Decision().Succeeded() {
			t.Errorf("Close did not wait for the stream: %+v", wholeRec.Decision())
		}
		resp, _ := stream(t, tr, d)
		if e := readError(t, resp); resp.StatusCode != 503 || !strings.Contains(e.Error.Message, "shutting down") {
			t.Errorf("a call after Close: %d %v", resp.StatusCode, e)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d := anthropicDialect()
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{d.channel("a", "https://a.test")}, Base: upstreams{"a.test": {d.begin, d.words[0], time.Minute, d.end}}})
		resp, rec := stream(t, tr, d)
		got := make(chan string)
		go func() { b, _ := io.ReadAll(resp.Body); got <- string(b) }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := tr.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close gives %v", err)
		}
		if s := <-got; looksComplete(s) || !d.tellsError(s) {
			t.Errorf("the stream that was cancelled reads %s", s)
		}
		if d := rec.Decision(); d.Class != "hang-up" || tr.Status()[0].Failures != 0 {
			t.Errorf("decision %+v", d)
		}
	})
}
