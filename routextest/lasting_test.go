package routextest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/routextest"
)

func TestFaultsThatLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := routextest.NewNetwork()
		defer net.Close()
		p := routextest.NewProvider(routextest.Options{})
		url := net.Add("a.test", p)
		rt := net.Transport()
		start := time.Now()
		p.Always(routextest.Fault{Status: 500, For: 40 * time.Second})
		p.Fail(
			routextest.Fault{Status: 429, For: 10 * time.Second, Times: 1},
			routextest.Fault{Status: 503, For: 25 * time.Second},
			routextest.Fault{Status: 418, For: 20 * time.Second}, // over before its turn comes
		)
		var got []int
		for range 10 {
			resp, _, err := ask(t, rt, url+messages, askAnthropic)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, resp.StatusCode)
			time.Sleep(5 * time.Second)
		}
		if want := "[429 503 503 503 503 500 500 500 200 200]"; fmt.Sprint(got) != want {
			t.Errorf("statuses every five seconds: %v, want %v", got, want)
		}
		if c := p.LastCall(); !c.Time.Equal(start.Add(45*time.Second)) || !c.Ended.Equal(c.Time) || !c.Gone.IsZero() {
			t.Errorf("the last call came at %v, ended at %v and was left at %v", c.Time, c.Ended, c.Gone)
		}
	})
}

func TestWhenACallerLeaves(t *testing.T) {
	for _, fault := range []routextest.Fault{{Stall: time.Hour}, {Stall: time.Hour, StallAfter: 1}, {Stall: time.Hour, StallAfter: -1}} {
		synctest.Test(t, func(t *testing.T) {
			net := routextest.NewNetwork()
			defer net.Close()
			p := routextest.NewProvider(routextest.Options{})
			url := net.Add("a.test", p)
			p.Fail(fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			start := time.Now()
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url+completions, bytes.NewBufferString(streamed(askChat)))
			go func() {
				resp, err := net.Transport().RoundTrip(req)
				if err == nil {
					_, _ = new(bytes.Buffer).ReadFrom(resp.Body)
					_ = resp.Body.Close()
				}
			}()
			time.Sleep(time.Second)
			if c := p.LastCall(); !c.Gone.IsZero() || !c.Ended.IsZero() {
				t.Errorf("it is over, %v %v, before the caller left", c.Gone, c.Ended)
			}
			cancel()
			synctest.Wait()
			if c := p.LastCall(); !c.Gone.Equal(start.Add(time.Second)) || !c.Ended.Equal(c.Gone) {
				t.Errorf("the caller left after 1s; recorded %v and %v", c.Gone.Sub(start), c.Ended.Sub(start))
			}
		})
	}
}

func TestAStreamIsOpenBeforeItsFirstWord(t *testing.T) {
	for _, f := range frontsOf("http://a.test") {
		synctest.Test(t, func(t *testing.T) {
			net := routextest.NewNetwork()
			defer net.Close()
			p := routextest.NewProvider(routextest.Options{})
			net.Add("a.test", p)
			p.Fail(routextest.Fault{Stall: time.Minute, StallAfter: -1})
			start := time.Now()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, f.streamedURL, bytes.NewBufferString(f.streamedBody))
			req.Header.Set("Anthropic-Version", "2023-06-01")
			resp, err := net.Transport().RoundTrip(req)
			if err != nil || time.Since(start) != 0 {
				t.Fatalf("%s: %v, header after %v", f.name, err, time.Since(start))
			}
			var text bytes.Buffer
			_, _ = text.ReadFrom(resp.Body)
			_ = resp.Body.Close()
			if time.Since(start) != time.Minute || !ended(text.String()) {
				t.Errorf("%s: after %v: %s", f.name, time.Since(start), text.String())
			}
		})
	}
}
