package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/transform"
)

// A listener is a sink that wants to know what is said.
type listener struct {
	mu      sync.Mutex
	wish    int64
	records []*tee.Record
}

func (l *listener) Bodies() int64 { return l.wish }

func (l *listener) Write(_ context.Context, r *tee.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := *r
	l.records = append(l.records, &own)
	return nil
}

// take gives the only record since the last time.
func (l *listener) take(t *testing.T) *tee.Record {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.records) != 1 {
		t.Fatalf("%d records were written, want 1", len(l.records))
	}
	r := l.records[0]
	l.records = nil
	return r
}

// textIn is what an answer that is not streamed says.
func textIn(w wire, body []byte) string {
	h := heard{status: http.StatusOK, raw: string(body)}
	h.read(w)
	return h.text
}

func TestRecordsHaveWhatWasSaid(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		sink := &listener{wish: 1}
		l := newLab(t, routex.Config{Sinks: []tee.Sink{sink}}, at("a", channel))
		h := l.hear(caller)
		r := sink.take(t)
		want, err := transform.Assemble(dialectOf(caller), []byte(h.raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Answer(); string(got) != string(want) || textIn(caller, got) != counted {
			t.Errorf("the record has\n%s\nthe caller got\n%s", got, h.raw)
		}
		if r.RequestBytes != int64(len(caller.body)) || r.ResponseBytes != int64(len(h.raw)) || r.RequestCut || r.ResponseCut || !r.Succeeded() {
			t.Errorf("the caller sent %d bytes and got %d: %+v", len(caller.body), len(h.raw), r)
		}
		if string(r.Request) != caller.body {
			t.Errorf("the record has the request %s", r.Request)
		}

		h = l.hear(caller.unary())
		if r = sink.take(t); string(r.Answer()) != h.raw || textIn(caller, r.Answer()) != counted || r.Stream {
			t.Errorf("the record has\n%s\nthe caller got\n%s", r.Answer(), h.raw)
		}
		if string(r.Request) != caller.unary().body || r.RequestBytes != int64(len(r.Request)) || r.ResponseBytes != int64(len(h.raw)) {
			t.Errorf("the record has the request %s: %+v", r.Request, r)
		}
	})
}

// What another channel went on with is one answer for the caller.
func TestRecordsHaveTheAnswerOfTwoChannels(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		sink := &listener{wish: 1}
		a, b := at("a", channel), at("b", channel)
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{Sinks: []tee.Sink{sink}}, a, b).hear(caller)
		r := sink.take(t)
		if !h.whole() || textIn(caller, r.Answer()) != counted || r.Channel != "b" || r.Attempts != 2 || !r.Succeeded() {
			t.Errorf("the record has %s\nthe caller got %s", r.Answer(), h.raw)
		}
		if r.Input != 9 || r.Output != 12 {
			t.Errorf("the record tells of %d tokens in and %d out", r.Input, r.Output)
		}
	})
}

func TestRecordsHaveTheBeginningOfAnAnswerThatBreaksOff(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		sink := &listener{wish: 1}
		a := at("a", channel)
		a.Fail(cutAfter(7))
		h := newLab(t, routex.Config{Sinks: []tee.Sink{sink}, Rescue: routex.RescueOff}, a).hear(caller)
		r := sink.take(t)
		answer := r.Answer()
		if !h.broke() || textIn(caller, answer) != h.text || r.Class != string(breaker.Network) || r.Error == "" {
			t.Errorf("the record has %s\n%+v\nthe caller got %s", answer, r, h.raw)
		}
		if told := gjson.GetBytes(answer, "error.message").String(); told != h.fault {
			t.Errorf("the record has the error %q, the caller got %q", told, h.fault)
		}
		for _, end := range []string{"stop_reason", "choices.0.finish_reason", "candidates.0.finishReason"} {
			if gjson.GetBytes(answer, end).String() != "" {
				t.Errorf("the answer looks complete: %s", answer)
			}
		}
	})
}

func TestRecordsOfCallersWhoLeave(t *testing.T) {
	for _, caller := range wires() {
		runInBubble(t, caller.name, func(t *testing.T) {
			sink := &listener{wish: 1}
			l := newLab(t, routex.Config{Sinks: []tee.Sink{sink}}, at("a", caller))
			resp, err := l.RoundTrip(l.request(caller))
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for buf := make([]byte, 4096); !strings.Contains(string(got), "three"); {
				n, err := resp.Body.Read(buf)
				got = append(got, buf[:n]...)
				if err != nil {
					t.Fatal(err)
				}
			}
			_ = resp.Body.Close()
			r := sink.take(t)
			if text := textIn(caller, r.Answer()); strings.TrimSpace(text) != "one two three" || r.ResponseBytes != int64(len(got)) || r.Class != string(breaker.HangUp) {
				t.Errorf("the record has %q: %+v\nthe caller got %s", text, r, got)
			}
			// One who leaves before there is anything has a record too.
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if resp, err := l.RoundTrip(l.request(caller).WithContext(ctx)); err == nil {
				_ = resp.Body.Close()
			}
			if r = sink.take(t); r.Answer() != nil || r.Class != string(breaker.HangUp) || r.Status != 0 {
				t.Errorf("the record of a call that was never made: %+v", r)
			}
		})
	}
}

func TestRecordsHaveAnswersOfFailure(t *testing.T) {
	for _, caller := range wires() {
		for name, test := range map[string]struct {
			fault  routextest.Fault
			change func(*http.Request)
			status int
			body   string // of the call; "" for the usual one
			none   bool   // nobody has read it
		}{
			"overloaded":        {fault: routextest.Fault{Status: 529, Times: -1}, status: 529},
			"the model refuses": {fault: routextest.Fault{Status: 400, Message: "no"}, status: 400},
			"not JSON":          {body: `{"model":`, status: 400},
			"too large":         {body: `{"model":"m","x":"` + strings.Repeat("x", 2000) + `"}`, status: 413, none: true},
			"not a POST":        {change: func(r *http.Request) { r.Method = http.MethodGet }, status: 405, none: true},
		} {
			runInBubble(t, caller.name+" "+name, func(t *testing.T) {
				caller, change := caller, test.change
				if test.body != "" {
					caller.body = test.body
				}
				if change == nil {
					change = func(*http.Request) {}
				}
				sink := &listener{wish: 1}
				a := at("a", caller)
				a.Fail(test.fault)
				l := newLab(t, routex.Config{Sinks: []tee.Sink{sink}, MaxBody: 1000, MaxAttempts: 1}, a)
				h := l.hear(caller, change)
				r := sink.take(t)
				if h.status < 400 || string(r.Answer()) != h.raw || r.Status != h.status || r.Class == "" || r.ResponseBytes != int64(len(h.raw)) {
					t.Errorf("the record has %s: %+v\nthe caller got %d, %s", r.Answer(), r, h.status, h.raw)
				}
				if test.status != 529 && h.status != test.status {
					t.Errorf("the caller got the status %d", h.status)
				}
				if said := string(r.Request); test.none != (said == "") || !test.none && said != caller.body || r.RequestBytes != int64(len(caller.body)) {
					t.Errorf("the record has the request %s of %d bytes", said, r.RequestBytes)
				}
			})
		}
	}
}

// The memory of a body that is pooled goes to other calls, before anybody looks
// at the record.
func TestRecordsOutliveTheirCalls(t *testing.T) {
	sink := &listener{wish: 1}
	p := routextest.NewProvider(routextest.Options{})
	net := routextest.NewNetwork()
	t.Cleanup(net.Close)
	caller := anthropicWire().unary()
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{caller.at("a", net.Add("a.test", p))}, Base: net.Transport(), Sinks: []tee.Sink{sink}})
	for _, size := range []int{100, 40_000, 400_000, 3_000_000} {
		for _, c := range "abcdef" {
			body := strings.Replace(caller.body, "count", strings.Repeat(string(c), size), 1)
			req, _ := newCall(t, "https://x.test"+caller.path, body)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = readBody(t, resp)
		}
		sink.mu.Lock()
		for i, r := range sink.records {
			want := strings.Replace(caller.body, "count", strings.Repeat(string(rune('a'+i)), size), 1)
			if string(r.Request) != want {
				t.Errorf("the request of %d bytes is another's: %.80s", len(want), r.Request)
			}
		}
		sink.records = nil
		sink.mu.Unlock()
	}
}

// A stream of more events than are kept is told as far as they go.
func TestRecordsOfLongStreamsAreCut(t *testing.T) {
	sink := &listener{wish: 1}
	stream := anthropicStream(60_000)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Sinks: []tee.Sink{sink}, Base: canned("stream", stream)})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicWire().body)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	got := readBody(t, resp)
	r := sink.take(t)
	answer := gjson.ParseBytes(r.Answer())
	if !r.ResponseCut || r.ResponseBytes != int64(len(got)) || answer.Type != gjson.String || r.Streamed.Size() != 4<<20 {
		t.Fatalf("of %d bytes %d are kept: %+v", len(got), r.Streamed.Size(), answer.Type)
	}
	text := gjson.Get(answer.Str, "content.0.text").Str
	whole, err := transform.Assemble(transform.Anthropic, []byte(got))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(gjson.GetBytes(whole, "content.0.text").Str, text) || len(text) < 10_000 || gjson.Get(answer.Str, "stop_reason").Str != "" {
		t.Errorf("the answer is %.200s", answer.Str)
	}
}

// Only calls to models are listened to, and only when a sink wishes it.
func TestRecordsWithoutBodies(t *testing.T) {
	runInBubble(t, "none", func(t *testing.T) {
		sink := &listener{}
		l := newLab(t, routex.Config{Sinks: []tee.Sink{sink}}, at("a", chatWire()))
		for _, caller := range []wire{chatWire(), chatWire().unary()} {
			if h := l.hear(caller); !h.whole() {
				t.Fatalf("%+v", h)
			}
			if r := sink.take(t); r.Request != nil || r.Answer() != nil || r.RequestBytes != 0 || r.ResponseBytes != 0 || r.Status != 200 {
				t.Errorf("nobody wanted to know: %+v", r)
			}
		}
		sink.wish = 1 // of a set that has changed
		if h := l.hear(chatWire()); !h.whole() {
			t.Fatalf("%+v", h)
		}
		if r := sink.take(t); len(r.Request) == 0 || len(r.Answer()) == 0 {
			t.Errorf("the new wish was not heard: %+v", r)
		}
		req, _ := newCall(t, "https://x.test/v1/files", "some bytes")
		req.Header.Set("Content-Type", "application/octet-stream")
		req.Header.Del("Anthropic-Version")
		resp, err := l.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = readBody(t, resp)
		time.Sleep(time.Minute)
		if r := sink.take(t); r.Request != nil || r.Answer() != nil || r.Path != "/v1/files" {
			t.Errorf("the record of an upload: %+v", r)
		}
	})
}

// BenchmarkSaid tells what it costs to listen: with a sink that wants nothing it
// is nothing.
func BenchmarkSaid(b *testing.B) {
	for name, sink := range map[string]tee.Sink{
		"none": tee.Func(func(context.Context, *tee.Record) error { return nil }),
		"all":  wanting{},
	} {
		for kind, body := range map[string]string{"small": anthropicCall, "stream": strings.Replace(anthropicCall, `"model"`, `"stream":true,"model"`, 1)} {
			answer := []byte(anthropicAnswer)
			if kind == "stream" {
				answer = anthropicStream(100)
			}
			tr := newTransport(b, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Sinks: []tee.Sink{sink}, Base: canned(kind, answer)})
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://x.test/v1/messages", strings.NewReader(body))
					resp, err := tr.RoundTrip(req)
					if err != nil || resp.StatusCode != http.StatusOK {
						b.Fatal(resp, err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
		}
	}
}

// A wanting sink wants to know everything, and looks at nothing.
type wanting struct{}

func (wanting) Bodies() int64                            { return 1 << 20 }
func (wanting) Write(context.Context, *tee.Record) error { return nil }

// canned is a provider that gives one answer.
func canned(kind string, answer []byte) http.RoundTripper {
	content := "application/json"
	if kind == "stream" {
		content = "text/event-stream"
	}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {content}}, ContentLength: int64(len(answer)),
			Body: io.NopCloser(strings.NewReader(string(answer))),
		}, nil
	})
}

// A resting sink wants nothing while it is idle.
type resting struct {
	listener
	idle bool
}

func (r *resting) Idle() bool { return r.idle }

func TestNothingIsWrittenToASinkThatIsIdle(t *testing.T) {
	idle, awake := &resting{idle: true}, &resting{}
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Sinks: []tee.Sink{idle, awake}, Base: canned("whole", []byte(anthropicAnswer)),
	})
	ask(t, tr, http.MethodPost, "http://gateway.test/v1/messages", anthropicCall)
	if idle.records != nil {
		t.Errorf("the idle one was told of %d calls", len(idle.records))
	}
	awake.take(t)
	idle.idle = false
	ask(t, tr, http.MethodPost, "http://gateway.test/v1/messages", anthropicCall)
	idle.take(t)
	awake.take(t)
}
