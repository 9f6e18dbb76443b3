package routex_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// A probing transport has one channel, whose circuit is half-open.
type probing struct {
	*routex.Transport
	answer func(*http.Request) (*http.Response, error) // how the channel answers
	panics string                                      // where the host's own code panics
}

func (p *probing) RoundTripBase(r *http.Request) (*http.Response, error) {
	p.panicAt("base")
	return p.answer(r)
}

func (p *probing) panicAt(where string) {
	if p.panics == where {
		panic("boom in " + where)
	}
}

func down(r *http.Request) (*http.Response, error) {
	closeRequest(r)
	return respond(503, "application/json", `{"error":{"message":"down"}}`), nil
}

func healthy(r *http.Request) (*http.Response, error) {
	closeRequest(r)
	return respond(200, "application/json", anthropicAnswer), nil
}

func closeRequest(r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
}

// streaming answers with the steps of a script.
func streaming(steps ...any) func(*http.Request) (*http.Response, error) {
	return upstreams{"a.test": slices.Clone(steps)}.RoundTrip
}

// A panicTracer is a host's tracer that panics at the span of an attempt.
type panicTracer struct {
	noop.Tracer
	p *probing
}

func (t panicTracer) Start(ctx context.Context, name string, o ...oteltrace.SpanStartOption) (context.Context, oteltrace.Span) {
	cfg := oteltrace.NewSpanStartConfig(o...)
	for _, kv := range cfg.Attributes() {
		if kv.Key == trace.AttemptNumber {
			t.p.panicAt("tracer")
		}
	}
	return t.Tracer.Start(ctx, name, o...)
}

// A panicTransformer panics where it is told to.
type panicTransformer struct{ p *probing }

func (x panicTransformer) Request(context.Context, *transform.Request) error {
	x.p.panicAt("request")
	return nil
}

func (x panicTransformer) Response(context.Context, *transform.Response) error {
	x.p.panicAt("response")
	return nil
}

func (x panicTransformer) Stream(context.Context, *transform.Response) transform.Stream {
	x.p.panicAt("stream")
	return x
}

func (x panicTransformer) Event(ev transform.Event, emit func(transform.Event)) error {
	if strings.Contains(string(ev.Data), "two ") {
		x.p.panicAt("event")
	}
	emit(ev)
	return nil
}

func (panicTransformer) Close(func(transform.Event)) error { return nil }

func newProbing(t *testing.T) *probing {
	t.Helper()
	p := &probing{answer: down}
	ch := anthropicChannel("a", "https://a.test")
	ch.Transformers = []transform.Transformer{panicTransformer{p}}
	p.Transport = newTransport(t, routex.Config{
		Channels: []routex.Channel{ch},
		Breaker:  breaker.Settings{Failures: 1, OpenFor: 8 * time.Second},
		Base:     roundTrip(p.RoundTripBase),
		Tracer:   panicTracer{p: p},
	})
	_, _ = call(t, p, anthropicCall)
	if s := p.Status()[0]; s.Circuit != breaker.Open {
		t.Fatalf("the circuit is %s", s.Circuit)
	}
	time.Sleep(2*time.Second + 1)
	return p
}

// try makes a call that may panic.
func (p *probing) try(t *testing.T, ctx context.Context, method, path string, body io.Reader) (resp *http.Response) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "https://x.test"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/files") {
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}
	if method == http.MethodGet {
		req.Header.Set("Upgrade", "websocket")
		req.Header.Set("Connection", "Upgrade")
	}
	defer func() {
		if r := recover(); (r != nil) != (p.panics != "" && resp == nil) {
			t.Errorf("recovered %v", r)
		}
	}()
	resp, _ = p.RoundTrip(req)
	return resp
}

// Whatever becomes of the call that is the probe, the next call is not kept out
// by it.
func TestProbeIsNeverLost(t *testing.T) {
	const messages = "/v1/messages"
	a := anthropicDialect()
	begun := []any{a.begin + a.words[0], forEver}
	leaving := func(t *testing.T, p *probing, after time.Duration, body string) *http.Response {
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(after, leave)
		return p.try(t, ctx, "POST", messages, strings.NewReader(body))
	}
	for name, probe := range map[string]func(t *testing.T, p *probing){
		"left before the header": func(t *testing.T, p *probing) {
			p.answer = streaming(forEver)
			leaving(t, p, time.Second, anthropicCall)
		},
		"left amid a whole answer": func(t *testing.T, p *probing) {
			p.answer = streaming("{", forEver)
			leaving(t, p, time.Second, anthropicCall)
		},
		"left before the first token": func(t *testing.T, p *probing) {
			p.answer = streaming(a.begin, forEver)
			leaving(t, p, time.Second, streamCall)
		},
		"left amid a stream": func(t *testing.T, p *probing) {
			p.answer = streaming(begun...)
			resp := leaving(t, p, time.Second, streamCall)
			if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
				t.Errorf("reading ended with %v", err)
			}
		},
		"left before it was sent": func(t *testing.T, p *probing) {
			ctx, leave := context.WithCancel(t.Context())
			leave()
			p.answer = func(r *http.Request) (*http.Response, error) { closeRequest(r); return nil, r.Context().Err() }
			p.try(t, ctx, "POST", messages, strings.NewReader(anthropicCall))
		},
		"closed unread": func(t *testing.T, p *probing) {
			p.answer = streaming(begun...)
			_ = p.try(t, t.Context(), "POST", messages, strings.NewReader(streamCall)).Body.Close()
		},
		"closed while it was read": func(t *testing.T, p *probing) {
			p.answer = streaming(begun...)
			resp := p.try(t, t.Context(), "POST", messages, strings.NewReader(streamCall))
			time.AfterFunc(time.Second, func() { _ = resp.Body.Close() })
			_, _ = io.ReadAll(resp.Body)
			synctest.Wait()
		},
		"neither read nor closed": func(t *testing.T, p *probing) {
			p.answer = streaming(begun...)
			resp := p.try(t, t.Context(), "POST", messages, strings.NewReader(streamCall))
			time.Sleep(time.Minute)
			t.Cleanup(func() { _ = resp.Body.Close() })
		},
		"handed over and closed": func(t *testing.T, p *probing) {
			p.answer = func(r *http.Request) (*http.Response, error) { closeRequest(r); return respond(302, "", "moved"), nil }
			_ = p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall)).Body.Close()
		},
		"passed on and closed": func(t *testing.T, p *probing) {
			p.answer = streaming("some", forEver)
			_ = p.try(t, t.Context(), "POST", "/v1/complete", strings.NewReader("{}")).Body.Close()
		},
		"an upload that broke": func(t *testing.T, p *probing) {
			p.answer = func(r *http.Request) (*http.Response, error) {
				_, err := io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
				return nil, err
			}
			p.try(t, t.Context(), "POST", "/v1/files", io.MultiReader(strings.NewReader("--x\r\n"), broken{}))
		},
		"an upgrade that was closed": func(t *testing.T, p *probing) {
			here, there := net.Pipe()
			p.answer = func(*http.Request) (*http.Response, error) {
				resp := respond(101, "", "")
				resp.Body = here
				return resp, nil
			}
			_ = p.try(t, t.Context(), "GET", "/v1/messages/live", nil).Body.Close()
			_ = there.Close()
		},
		"an upgrade that was refused": func(t *testing.T, p *probing) {
			p.answer = func(*http.Request) (*http.Response, error) { return respond(403, "", "no"), nil }
			p.try(t, t.Context(), "GET", "/v1/messages/live", nil)
		},
		"a bad request": func(t *testing.T, p *probing) {
			p.answer = func(r *http.Request) (*http.Response, error) { closeRequest(r); return respond(400, "", "no"), nil }
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
		},
		"a bad key": func(t *testing.T, p *probing) {
			p.answer = func(r *http.Request) (*http.Response, error) { closeRequest(r); return respond(402, "", "no"), nil }
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
			time.Sleep(time.Hour) // the key rests
		},
		"a limit": func(t *testing.T, p *probing) {
			p.answer = func(r *http.Request) (*http.Response, error) {
				closeRequest(r)
				resp := respond(429, "", "slow")
				resp.Header.Set("Retry-After", "100")
				return resp, nil
			}
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
			time.Sleep(100 * time.Second)
		},
		"a panic of the base": func(t *testing.T, p *probing) {
			p.panics = "base"
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
		},
		"a panic of the tracer": func(t *testing.T, p *probing) {
			p.panics = "tracer"
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
		},
		"a panic of a transformer, at the request": func(t *testing.T, p *probing) {
			p.panics = "request"
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
		},
		"a panic of a transformer, at the answer": func(t *testing.T, p *probing) {
			p.panics, p.answer = "response", healthy
			p.try(t, t.Context(), "POST", messages, strings.NewReader(anthropicCall))
		},
		"a panic of a transformer, at the stream": func(t *testing.T, p *probing) {
			p.panics, p.answer = "stream", streaming(begun...)
			p.try(t, t.Context(), "POST", messages, strings.NewReader(streamCall))
		},
		"a panic of a transformer, amid the stream": func(t *testing.T, p *probing) {
			p.panics, p.answer = "event", streaming(a.begin+a.words[0], time.Second, a.words[1], forEver)
			resp := p.try(t, t.Context(), "POST", messages, strings.NewReader(streamCall))
			func() {
				defer func() {
					if recover() == nil {
						t.Error("nothing panicked")
					}
				}()
				defer func() { _ = resp.Body.Close() }()
				_, _ = io.ReadAll(resp.Body)
			}()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProbing(t)
				probe(t, p)
				if n := p.Status()[0].InFlight; n != 0 && name != "neither read nor closed" {
					t.Errorf("%d calls are left in flight", n)
				}
				p.answer, p.panics = healthy, ""
				if resp, d := call(t, p, anthropicCall); resp.StatusCode != 200 || p.Status()[0].Circuit != breaker.Closed {
					t.Errorf("the next call gets %d, %s; the channel is %+v", resp.StatusCode, d.Error, p.Status()[0])
				}
			})
		})
	}
}

// broken is a body that cannot be read.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errCut }

func TestPanicAmidARescueLeavesNothingOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := anthropicDialect()
		cut := upstreams{"a.test": {a.begin + a.words[0] + a.words[1], errCut}}
		tr := newTransport(t, routex.Config{
			Channels: channels("a", "b"),
			Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "b.test" {
					panic("boom")
				}
				return cut.RoundTrip(r)
			}),
		})
		resp, _ := stream(t, tr, a)
		panicked := false
		func() {
			defer func() { panicked = recover() != nil }()
			_, _ = io.ReadAll(resp.Body)
		}()
		_ = resp.Body.Close()
		for _, s := range tr.Status() {
			if s.InFlight != 0 {
				t.Errorf("%s is left open", s.Name)
			}
		}
		if err := tr.Close(t.Context()); err != nil || !panicked {
			t.Errorf("closing: %v, panicked: %v", err, panicked)
		}
	})
}

func TestChannelThatRecoversIsUsedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := statuses{"a.test": 503}
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: hosts})
		start, asked, back := time.Now(), 0, time.Duration(0)
		for range 20 {
			since := time.Since(start)
			if since >= time.Minute {
				hosts["a.test"] = 0
			}
			resp, d := call(t, tr, asking("m"))
			if resp.StatusCode != 200 {
				t.Errorf("after %v: %d", since, resp.StatusCode)
			}
			switch {
			case d.Channel == "a" && back == 0:
				back = since
			case since < time.Minute:
				asked += len(d.Attempts) - 1
			}
			time.Sleep(4 * time.Second)
		}
		if back == 0 || back > 90*time.Second || asked > 5+4 {
			t.Errorf("used again after %v, asked %d times while down", back, asked)
		}
	})
}

func TestUpdateLeavesACircuitAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProbing(t)
		update := func(change func(*routex.Channel)) {
			t.Helper()
			ch := anthropicChannel("a", "https://a.test")
			change(&ch)
			if err := p.Update(routex.Config{Channels: []routex.Channel{ch}, Breaker: breaker.Settings{Failures: 1, OpenFor: 8 * time.Second}}); err != nil {
				t.Fatal(err)
			}
		}
		begun := streaming(anthropicDialect().begin+anthropicDialect().words[0], forEver)
		p.answer = begun
		probe := p.try(t, t.Context(), "POST", "/v1/messages", strings.NewReader(streamCall))
		update(func(ch *routex.Channel) { ch.Models = []string{"m", "n"} })
		if resp, _ := call(t, p, anthropicCall); resp.StatusCode != 503 || p.Status()[0].Circuit != breaker.HalfOpen {
			t.Errorf("a second probe was sent: %d, %s", resp.StatusCode, p.Status()[0].Circuit)
		}
		_ = probe.Body.Close() // with the configuration that it began with
		update(func(ch *routex.Channel) { ch.Disabled = true })
		p.answer = healthy
		if resp, _ := call(t, p, anthropicCall); resp.StatusCode != 503 || !p.Status()[0].Disabled {
			t.Errorf("a disabled channel was probed: %d", resp.StatusCode)
		}
		if got := p.Status()[0].Circuit; got != breaker.HalfOpen {
			t.Errorf("disabling made the circuit %s", got)
		}
		update(func(*routex.Channel) {})
		if resp, _ := call(t, p, anthropicCall); resp.StatusCode != 200 || p.Status()[0].Circuit != breaker.Closed {
			t.Errorf("once enabled it gets %d, the circuit is %s", resp.StatusCode, p.Status()[0].Circuit)
		}
	})
}
