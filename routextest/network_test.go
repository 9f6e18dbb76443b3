package routextest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/routextest"
)

func TestTimePassesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := routextest.NewNetwork()
		defer net.Close()
		slow := routextest.NewProvider(routextest.Options{Delay: time.Minute, Pace: 10 * time.Second, Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Text: "one two three"}
		}})
		quick := routextest.NewProvider(routextest.Options{})
		slowURL, quickURL := net.Add("slow.test", slow), net.Add("quick.test", quick)
		rt := net.Transport()
		start := time.Now()
		if _, text, err := ask(t, rt, slowURL+messages, streamed(askAnthropic)); err != nil || !strings.Contains(text, "three") {
			t.Errorf("%s %v", text, err)
		}
		if took := time.Since(start); took != 90*time.Second {
			t.Errorf("it took %v, want a minute and three times ten seconds", took)
		}
		if _, _, err := ask(t, rt, quickURL+completions, askChat); err != nil || quick.Count() != 1 || slow.Count() != 1 {
			t.Errorf("%v, %d and %d calls", err, slow.Count(), quick.Count())
		}
		if _, _, err := ask(t, rt, "http://nobody.test"+messages, "{}"); err == nil {
			t.Error("a host that is not there answered")
		}
	})
}

func TestAStallEndsWithTheCaller(t *testing.T) {
	for _, after := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			net := routextest.NewNetwork()
			p := routextest.NewProvider(routextest.Options{})
			url := net.Add("a.test", p)
			p.Fail(routextest.Fault{Stall: 1000 * time.Hour, StallAfter: after})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url+completions, bytes.NewBufferString(streamed(askChat)))
			resp, err := net.Transport().RoundTrip(req)
			if after > 0 {
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the call ended with %v", err)
			}
			net.Close() // hangs, and so fails the test, if the handler is still asleep
		})
	}
}
