package sdktest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

// failureFeatures are about what goes wrong at a provider.
func failureFeatures() []feature {
	count := always(routextest.Answer{Text: "one two three four five six seven eight"})
	return []feature{
		{column: "errors", try: tryErrors, everywhere: true},
		{column: "error in a stream", answer: count, try: tryErrorEvent, only: "stream", everywhere: true},
		{column: "cut stream", answer: count, try: tryCut, only: "stream", everywhere: true},
	}
}

func tryErrors(t *testing.T, s *setting) bool {
	for _, status := range []int{400, 401, 403, 404, 413, 429, 500, 503, 529} {
		want := status
		if status == 529 { // only Anthropic has it
			if s.upstream.dialect() != transform.Anthropic {
				continue
			}
			if s.client.protocol != "anthropic" {
				want = 503
			}
		}
		s := newSetting(t, s.client, s.upstream, s.stream, nil) // with a channel that has not failed before
		s.provider.Always(routextest.Fault{Status: status, Message: "because of reasons", Header: http.Header{"Retry-After": {"7"}}})
		got := s.ask(t, say("x"))
		if got.Status != want || !strings.Contains(got.Problem, "because of reasons") {
			t.Errorf("a %d reads as %d %q", status, got.Status, got.Problem)
		}
		if s.got.header.Get("Retry-After") != "7" {
			t.Errorf("the answer with %d has lost its Retry-After", status)
		}
	}
	return true
}

func tryErrorEvent(t *testing.T, s *setting) bool {
	s.provider.Always(routextest.Fault{ErrorEvent: true, ErrorAfter: 2, Message: "because of reasons"})
	got := s.ask(t, say("count"))
	if got.Status == 0 || got.Stop == "end" || !strings.Contains(got.Problem, "because of reasons") || !strings.HasPrefix(got.Text, "one two") {
		t.Errorf("read %+v\n%s", got, s.got.text())
	}
	return true
}

// A stream that is cut once is whole for the SDK; one that always is tells so.
func tryCut(t *testing.T, s *setting) bool {
	for name, fault := range map[string]routextest.Fault{
		"cut":   {CutAfter: 3},
		"ended": {CutAfter: 3, CutCleanly: true},
	} {
		s := newSetting(t, s.client, s.upstream, s.stream, s.answer)
		s.provider.Fail(fault)
		got := s.ask(t, say("count"))
		if got.Status != 0 || got.Stop != "end" || got.Text != "one two three four five six seven eight" {
			t.Errorf("%s once: read %+v\n%s", name, got, s.got.text())
		}
		s = newSetting(t, s.client, s.upstream, s.stream, s.answer)
		s.provider.Always(fault)
		got = s.ask(t, say("count"))
		if got.Status == 0 || got.Stop == "end" || !strings.Contains(got.Problem, "broke off") || !strings.HasPrefix(got.Text, "one two") {
			t.Errorf("%s: read %+v\n%s", name, got, s.got.text())
		}
	}
	return true
}

func TestSDKsSeeTheFailoverOnlyInTheRecord(t *testing.T) {
	all := upstreams()
	for _, c := range clients() {
		for i, u := range all {
			for _, stream := range []bool{false, true} {
				broken, spare := routextest.NewProvider(routextest.Options{Name: "broken"}), routextest.NewProvider(routextest.Options{Name: "spare"})
				broken.Always(routextest.Fault{Status: http.StatusServiceUnavailable})
				bs, ss := broken.Start(), spare.Start()
				t.Cleanup(bs.Close)
				t.Cleanup(ss.Close)
				first, second := u.at("broken", bs.URL), all[(i+1)%len(all)].at("spare", ss.URL)
				second.Priority = 1
				transport, err := routex.New(routex.Config{Channels: []routex.Channel{first, second}})
				if err != nil {
					t.Fatal(err)
				}
				ctx, rec := routex.WithRecord(t.Context())
				got := c.ask(ctx, &http.Client{Transport: transport}, say("hi"), stream)
				d := rec.Decision()
				if got.Status != 0 || got.Text == "" || d.Channel != "spare" || len(d.Attempts) != 2 || d.Attempts[0].Class != "overload" {
					t.Errorf("%s from %s: read %+v, decision %+v", c.name, u.name, got, d)
				}
			}
		}
	}
}
