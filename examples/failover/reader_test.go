package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dctx-team/routex/routextest"
)

// streamOf is what a healthy provider sends in a protocol.
func streamOf(t *testing.T, p *protocol) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := routextest.NewNetwork()
		defer net.Close()
		url := net.Add("a.test", routextest.NewProvider(routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Text: answer, Usage: primaryUsage}
		}}))
		var kept keeping
		kept.base = net.Transport()
		o := p.ask(t.Context(), &http.Client{Transport: &kept}, url, "m")
		if v, why := named(t, "S08").received(&o); v != pass || o.Input != primaryUsage.Input || o.Output != primaryUsage.Output || o.Model != "m" {
			t.Fatalf("%s: read %s: %+v", p.name, why, o)
		}
		text = kept.text.String()
	})
	return text
}

// keeping keeps what is read of an answer.
type keeping struct {
	base http.RoundTripper
	text strings.Builder
}

func (k *keeping) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := k.base.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(resp.Body, &k.text), resp.Body}
	}
	return resp, err
}

// A stream in which anything is left out, doubled or moved is not taken.
func TestAStreamIsReadStrictly(t *testing.T) {
	for _, p := range protocols() {
		events := strings.SplitAfter(streamOf(t, &p), "\n\n")
		events = events[:len(events)-1] // after the last there is nothing
		read := func(name string, i int, events []string) {
			o := outcome{Status: 200}
			o.stream(p.read(), strings.NewReader(strings.Join(events, "")))
			if v, _ := named(t, "S08").received(&o); v == pass {
				t.Errorf("%s: event %d is %s, and nothing is seen: %s", p.name, i, name, events[i])
			}
		}
		for i, ev := range events {
			if harmless(ev) {
				continue
			}
			before, after := events[:i:i], events[i+1:]
			if i < len(events)-1 { // the end is another matter
				read("left out", i, append(before, after...))
			}
			read("told twice", i, append(append(before, ev, ev), after...))
			read("preceded by what is no JSON", i, append(append(before, "data: {\n\n", ev), after...))
		}
		for n := range events {
			o := outcome{Status: 200}
			o.stream(p.read(), strings.NewReader(strings.Join(events[:n], "")))
			if v, _ := named(t, "S08").received(&o); v == pass {
				t.Errorf("%s: %d of %d events pass for a whole answer", p.name, n, len(events))
			}
		}
	}
}

// harmless is an event that may as well be missing or come twice.
func harmless(ev string) bool {
	for _, part := range []string{`"ping"`, `"delta":{"role":"assistant","content":""`, `"choices":[],"usage"`, `"delta":{},`} {
		if strings.Contains(ev, part) {
			return true
		}
	}
	return false
}
