package routextest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

func TestFaults(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: "one two three four"} }}
	for _, test := range []struct {
		name   string
		fault  routextest.Fault
		stream bool
		want   func(resp *http.Response, text string, err error) bool
	}{
		{"reset", routextest.Fault{Reset: true}, false, func(_ *http.Response, _ string, err error) bool { return err != nil }},
		{"status", routextest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Message: "slow down", Code: "c"}, false, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 429 && resp.Header.Get("Retry-After") == "7" && gjson.Get(text, "error.message").String() == "slow down"
		}},
		{"status without words", routextest.Fault{Status: 503}, true, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 503 && gjson.Get(text, "error.message").String() != ""
		}},
		{"HTML", routextest.Fault{Body: "<html>", ContentType: "text/html"}, false, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 200 && text == "<html>" && resp.Header.Get("Content-Type") == "text/html"
		}},
		{"cut body", routextest.Fault{CutBody: true}, false, func(_ *http.Response, text string, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && text != "" && !gjson.Valid(text)
		}},
		{"cut stream", routextest.Fault{CutAfter: 2}, true, func(_ *http.Response, text string, err error) bool {
			return err != nil && strings.Contains(text, "two") && !strings.Contains(text, "three")
		}},
		{"cut in good order", routextest.Fault{CutAfter: 2, CutCleanly: true}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "two") && !strings.Contains(text, "three")
		}},
		{"silence before the first word", routextest.Fault{Stall: time.Millisecond, StallAfter: -1}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "four")
		}},
		{"error event first", routextest.Fault{ErrorEvent: true, Message: "busy"}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "busy") && !strings.Contains(text, "one")
		}},
		{"error event later", routextest.Fault{ErrorEvent: true, ErrorAfter: 1, Message: "busy"}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "busy") && strings.Contains(text, "one") && !strings.Contains(text, "two")
		}},
		{"garbage", routextest.Fault{Garbage: 1}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "no JSON") && strings.Contains(text, "four")
		}},
		{"huge event", routextest.Fault{HugeEvent: 100_000}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && len(text) > 100_000 && strings.Contains(text, "four")
		}},
		{"no end mark", routextest.Fault{NoEndMark: true}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "four") && (!ended(text) || strings.Contains(text, "finishReason")) // Gemini's is no mark of its own
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fronts(t, o, func(t *testing.T, p *routextest.Provider, f front) {
				p.Fail(test.fault)
				if resp, text, err := f.say(t, test.stream); !test.want(resp, text, err) {
					t.Errorf("got %v %s %v", resp, text, err)
				}
				if _, text, err := f.say(t, test.stream); err != nil || !strings.Contains(text, "four") {
					t.Errorf("the next call met %s %v", text, err)
				}
			})
		})
	}
}

func TestScriptOfFaults(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	p.Always(routextest.Fault{Status: 500})
	p.Fail(routextest.Fault{Status: 429, Times: 2}, routextest.Fault{Status: 503})
	var got []int
	status := func() {
		resp, _, err := ask(t, http.DefaultTransport, s.URL+messages, askAnthropic)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, resp.StatusCode)
	}
	for range 5 {
		status()
	}
	p.Heal()
	status()
	p.Fail(routextest.Fault{Status: 418, Times: -1})
	status()
	status()
	p.Reset()
	if p.Count() != 0 || len(p.Calls()) != 0 || p.LastCall().Model != "" {
		t.Error("Reset did not forget the calls")
	}
	status()
	if fmt.Sprint(got) != "[429 429 503 500 500 200 418 418 200]" || p.Count() != 1 {
		t.Errorf("statuses %v", got)
	}
}
