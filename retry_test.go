package routex_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

// asked gives when a provider was asked, from the first time on.
func (s *site) asked() (times []time.Duration) {
	calls := s.Calls()
	for i := range calls {
		times = append(times, calls[i].Time.Sub(calls[0].Time))
	}
	return times
}

func TestSameChannelIsAskedOnceMoreOrNot(t *testing.T) {
	for name, test := range map[string]struct {
		fault routextest.Fault
		again bool // the same channel is asked once more
		next  bool // another is asked
	}{
		"500":                {routextest.Fault{Status: 500}, true, true},
		"502":                {routextest.Fault{Status: 502}, true, true},
		"504":                {routextest.Fault{Status: 504}, true, true},
		"408":                {routextest.Fault{Status: 408}, true, true},
		"409":                {routextest.Fault{Status: 409}, true, true},
		"425":                {routextest.Fault{Status: 425}, true, true},
		"reset":              {routextest.Fault{Reset: true}, true, true},
		"503":                {routextest.Fault{Status: 503}, false, true},
		"overloaded":         {routextest.Fault{Code: routextest.Overloaded}, false, true},
		"limited":            {routextest.Fault{Code: routextest.RateLimited}, false, true},
		"silent":             {routextest.Fault{Stall: time.Hour}, false, true},
		"bad key":            {routextest.Fault{Code: routextest.KeyInvalid}, false, true},
		"no money":           {routextest.Fault{Code: routextest.QuotaExhausted}, false, true},
		"unknown model":      {routextest.Fault{Status: 404}, false, true},
		"bad request":        {routextest.Fault{Status: 400}, false, false},
		"unprocessable":      {routextest.Fault{Status: 422}, false, false},
		"content policy":     {routextest.Fault{Code: routextest.ContentBlocked, Status: 400}, false, false},
		"HTML in its place":  {routextest.Fault{Body: "<html>", ContentType: "text/html"}, false, true},
		"cut before a token": {routextest.Fault{StallAfter: -1, Stall: time.Second, ErrorEvent: true, ErrorStatus: 500}, true, true},
	} {
		for _, w := range wires() {
			for _, unary := range []bool{false, true} {
				call := w
				if unary {
					call = w.unary()
				}
				if unary && (name == "cut before a token" || name == "silent") { // which are of streams
					continue
				}
				runInBubble(t, fmt.Sprint(name, ", ", w.name, ", unary ", unary), func(t *testing.T) {
					a, b := at("a", w), at("b", w)
					test.fault.Times = -1
					a.Always(test.fault)
					h := newLab(t, routex.Config{}, a, b).hear(call)
					want := "a"
					if test.again {
						want += " a"
					}
					if test.next {
						want += " b"
					}
					if h.tried() != want || h.whole() != test.next || (h.status == 200) != test.next {
						t.Errorf("tried %q, want %q: %d %s\n%+v", h.tried(), want, h.status, h.raw, h.d)
					}
					if test.again {
						if pause := a.asked()[1]; name != "cut before a token" && (pause < 125*time.Millisecond || pause > 251*time.Millisecond) {
							t.Errorf("it was asked again after %v", pause)
						}
					}
				})
			}
		}
	}
}

func TestPausesAreOfDifferentLengths(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 10 {
			a := at("a", chatWire())
			a.Fail(routextest.Fault{Status: 500})
			if h := newLab(t, routex.Config{}, a).hear(chatWire()); !h.whole() || h.tried() != "a a" {
				t.Fatalf("%s", h.raw)
			}
			seen[a.asked()[1]] = true
		}
		if len(seen) < 5 {
			t.Errorf("pauses of %v", seen)
		}
	})
}

// When everything fails, asking everything again would make it worse.
func TestStormIsNotMadeWorse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := at("a", chatWire())
		a.Always(routextest.Fault{Status: 500, Stall: time.Second, Times: -1})
		l := newLab(t, routex.Config{Breaker: breaker.Settings{Failures: 1000}}, a)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if h := l.hear(chatWire()); h.status != 500 {
					t.Errorf("%d %s", h.status, h.raw)
				}
			})
		}
		all.Wait()
		if n := a.Count(); n <= 100 || n > 112 {
			t.Errorf("100 calls that all fail are %d for the provider", n)
		}
	})
}

func TestTriesComeBackWithSuccessAndWithTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := at("a", chatWire(), func(o *routextest.Options) { o.Pace = 0 })
		l := newLab(t, routex.Config{Breaker: breaker.Settings{Failures: 1000}}, a)
		again := func() bool {
			a.Reset()
			a.Always(routextest.Fault{Status: 500, Times: -1})
			l.hear(chatWire())
			return a.Count() == 2
		}
		drain := func() {
			for again() {
			}
		}
		drain()
		a.Heal()
		for range 12 { // each brings a tenth, and no time passes
			l.hear(chatWire())
		}
		if !again() {
			t.Error("twelve successes bring no try back")
		}
		if drain(); again() {
			t.Error("there is no end of tries")
		}
		time.Sleep(2 * time.Second)
		if !again() {
			t.Error("two seconds bring no try back")
		}
	})
}

// Not every provider has a status of its own for it.
func TestModelThatOneChannelDoesNotKnowGoesToTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := at("a", chatWire()), at("b", chatWire())
		a.Always(routextest.Fault{Status: 400, Body: `{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}`, Times: -1})
		if h := newLab(t, routex.Config{}, a, b).hear(chatWire()); !h.whole() || h.tried() != "a b" {
			t.Errorf("tried %q: %s", h.tried(), h.raw)
		}
	})
}

// What makes something at a provider would make it twice.
func TestOnlyCallsThatDoNoHarmAreRepeated(t *testing.T) {
	for _, test := range []struct {
		method, path, body string
		again              bool
	}{
		{"POST", "/v1/batches", `{"input_file_id":"f"}`, false},
		{"POST", "/v1/fine_tuning/jobs", `{"model":"m"}`, false},
		{"POST", "/v1/images/generations", `{"model":"m","prompt":"x"}`, false},
		{"DELETE", "/v1/files/f1", "", false},
		{"GET", "/v1/files", "", true},
		{"GET", "/v1/batches/b1", "", true},
		{"POST", "/v1/embeddings", `{"model":"m","input":"x"}`, true},
		{"POST", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"x"}]}`, true},
	} {
		for _, status := range []int{500, 429, 0} {
			runInBubble(t, fmt.Sprint(test.method, " ", test.path, " ", status), func(t *testing.T) {
				var hosts []string
				up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
					hosts = append(hosts, strings.TrimSuffix(r.URL.Host, ".test"))
					if status == 0 {
						return nil
					}
					return respond(status, "application/json", `{"error":{"message":"no"}}`)
				}}
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: up})
				resp, _, _ := ask(t, tr, test.method, "https://x.test"+test.path, test.body)
				if again := len(hosts) > 1; again != test.again || len(hosts) > 2 && status != 429 {
					t.Errorf("asked %v, %d", hosts, resp.StatusCode)
				}
			})
		}
	}
}

func TestCallThatIsTooLongGoesWhereItMayFit(t *testing.T) {
	tooLong := routextest.Fault{Code: routextest.ContextTooLong, Times: -1}
	window := func(s *site, tokens int) *site {
		s.change = func(c *routex.Channel) {
			if tokens > 0 {
				c.ContextWindow = map[string]int{"m": tokens}
			}
		}
		return s
	}
	for _, w := range wires() {
		for name, test := range map[string]struct {
			windows []int // 0 is not known
			full    int   // so many of the channels find the call too long
			want    string
		}{
			"the next is larger":           {[]int{1000, 2000}, 1, "a b"},
			"only a later one is larger":   {[]int{1000, 500, 1000, 2000}, 1, "a d"},
			"none is larger":               {[]int{1000, 1000, 500}, 1, "a"},
			"each is asked once":           {[]int{1000, 2000, 3000}, 3, "a b c"},
			"the first is not known":       {[]int{0, 0, 500}, 1, "a c"},
			"those of unknown are smaller": {[]int{1000, 0}, 1, "a"},
		} {
			runInBubble(t, w.name+", "+name, func(t *testing.T) {
				var sites []*site
				for i, tokens := range test.windows {
					s := window(at(string(rune('a'+i)), w), tokens)
					if i < test.full {
						s.Always(tooLong)
					}
					sites = append(sites, s)
				}
				h := newLab(t, routex.Config{}, sites...).hear(w)
				if h.tried() != test.want || h.whole() != (len(h.d.Attempts) > test.full) {
					t.Errorf("tried %q, want %q: %s", h.tried(), test.want, h.raw)
				}
				if !h.whole() && (h.status != 400 || h.fault == "") {
					t.Errorf("%d %s", h.status, h.raw)
				}
				if slices.ContainsFunc(h.d.Attempts, func(a routex.Attempt) bool { return a.Class == breaker.Caller && a.Reason != breaker.ContextLength }) {
					t.Errorf("%+v", h.d.Attempts)
				}
			})
		}
	}
}

// A larger channel that fails in another way does not bring the small ones back.
func TestCallThatIsTooLongDoesNotComeBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sites := []*site{at("a", chatWire()), at("b", chatWire()), at("c", chatWire())}
		for i, tokens := range []int{1000, 2000, 900} {
			sites[i].change = func(c *routex.Channel) { c.ContextWindow = map[string]int{"m": tokens} }
		}
		sites[0].Always(routextest.Fault{Code: routextest.ContextTooLong, Times: -1})
		sites[1].Always(routextest.Fault{Status: 503, Times: -1})
		if h := newLab(t, routex.Config{}, sites...).hear(chatWire()); h.tried() != "a b" || h.status != 503 {
			t.Errorf("tried %q, %d", h.tried(), h.status)
		}
	})
}
