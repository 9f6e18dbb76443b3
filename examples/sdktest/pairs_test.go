package sdktest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// A setting is one client over Routex over one provider.
type setting struct {
	client   client
	channel  routex.ChannelType
	stream   bool
	provider *routextest.Provider
	http     *http.Client
	record   func() *routex.Decision
}

func (s *setting) ask(t *testing.T, q question) reading {
	t.Helper()
	return s.client.ask(t.Context(), s.http, q, s.stream)
}

// sent is the body of the latest call that the provider got.
func (s *setting) sent() gjson.Result { return gjson.ParseBytes(s.provider.LastCall().Body) }

// everyPair runs a test for each client and each kind of channel, unary and
// streaming.
func everyPair(t *testing.T, answer func(*routextest.Call) routextest.Answer, f func(t *testing.T, s *setting)) {
	for _, c := range clients() {
		for _, kind := range []routex.ChannelType{routex.TypeAnthropic, routex.TypeOpenAI} {
			for _, stream := range []bool{false, true} {
				name := c.name + " over " + string(kind)
				if stream {
					name += ", streaming"
				}
				t.Run(name, func(t *testing.T) { f(t, newSetting(t, c, kind, stream, answer)) })
			}
		}
	}
}

func newSetting(t *testing.T, c client, kind routex.ChannelType, stream bool, answer func(*routextest.Call) routextest.Answer) *setting {
	t.Helper()
	s := &setting{client: c, channel: kind, stream: stream}
	s.provider = routextest.NewProvider(routextest.Options{APIKey: "the-channel's", Answer: answer})
	server := s.provider.Start()
	t.Cleanup(server.Close)
	var last *routex.Decision
	transport, err := routex.New(routex.Config{
		Channels: []routex.Channel{{
			Name: "up", Type: kind, BaseURL: server.URL, APIKey: "the-channel's",
			ModelMap: map[string]string{"asked-for": "served-by"},
		}},
		OnDecision: func(d *routex.Decision) { last = d },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := transport.Close(t.Context()); err != nil {
			t.Errorf("something is left open: %v", err)
		}
	})
	s.http, s.record = &http.Client{Transport: transport}, func() *routex.Decision { return last }
	return s
}

func say(text string) question {
	return question{Turns: []turn{{Text: text}}, MaxTokens: 100}
}

func TestText(t *testing.T) {
	const text = "Grüße, 世界! \"quoted\" \\ and\n a new line, <b>&amp;</b> 🎉"
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: text, Usage: routextest.Usage{Input: 11, Output: 7, CacheRead: 5}}
	}
	everyPair(t, answer, func(t *testing.T, s *setting) {
		q := say("Say \"hello\" in 世界\n<&>")
		q.System = "Be brief."
		got := s.ask(t, q)
		if got.Text != text || got.Stop != "end" || got.Status != 0 {
			t.Errorf("read %+v", got)
		}
		if got.In != 11 || got.Out != 7 || got.Cached != 5 {
			t.Errorf("usage %d + %d cached, %d; want 11 + 5, 7", got.In, got.Cached, got.Out)
		}
		if want := map[string]string{"anthropic": "msg_", "openai-chat": "chatcmpl-"}[s.client.protocol]; !strings.HasPrefix(got.ID, want) || got.Model != "served-by" {
			t.Errorf("id %q, model %q", got.ID, got.Model)
		}
		call := s.provider.LastCall()
		if call.LastUserText != q.Turns[0].Text || call.Model != "served-by" || call.Stream != s.stream {
			t.Errorf("the provider got %+v", call)
		}
		if system := s.sent().Get("system").String() + s.sent().Get("messages.0.content").String(); !strings.Contains(system, "Be brief.") {
			t.Errorf("the system text is missing: %s", call.Body)
		}
		if d := s.record(); !d.Succeeded() || !d.UsageKnown || d.Usage.Input != 11 || d.Usage.CacheRead != 5 || d.Usage.Output != 7 {
			t.Errorf("decision %+v", d)
		}
	})
}

func TestParallelToolCalls(t *testing.T) {
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "Looking.", Tools: []routextest.ToolCall{
			{ID: "call_1", Name: "weather", Arguments: `{"city":"Zürich","big":12345678901234567890,"n":1.50}`},
			{ID: "call_2", Name: "now"},
			{ID: "call_3", Name: "weather", Arguments: `{"city":"\"x\" \\ y"}`},
		}}
	}
	everyPair(t, answer, func(t *testing.T, s *setting) {
		q := say("weather?")
		q.Tools, q.Must = true, true
		got := s.ask(t, q)
		if got.Text != "Looking." || got.Stop != "tool" || got.Status != 0 || len(got.Calls) != 3 {
			t.Fatalf("read %+v", got)
		}
		for i, want := range answer(nil).Tools {
			if want.Arguments == "" {
				want.Arguments = "{}"
			}
			if call := got.Calls[i]; call.ID != want.ID || call.Name != want.Name || !sameJSON(t, call.Args, want.Arguments) {
				t.Errorf("call %d reads %+v, want %+v", i, call, want)
			}
		}
		if !strings.Contains(got.Calls[0].Args, "12345678901234567890") || !strings.Contains(got.Calls[0].Args, "1.50") {
			t.Errorf("numbers lost their precision: %s", got.Calls[0].Args)
		}
		path, must := "tools.0.function.parameters.required.0", s.sent().Get("tool_choice").String() == "required"
		if s.channel == routex.TypeAnthropic {
			path, must = "tools.0.input_schema.required.0", s.sent().Get("tool_choice.type").String() == "any"
		}
		if s.sent().Get(path).String() != "city" || !must {
			t.Errorf("tools were sent as %s", s.sent().Raw)
		}
	})
}

func TestToolResults(t *testing.T) {
	everyPair(t, nil, func(t *testing.T, s *setting) {
		got := s.ask(t, question{MaxTokens: 50, Tools: true, Turns: []turn{
			{Text: "weather?"},
			{Assistant: true, Text: "Looking.", Calls: []toolCall{{"call_1", "weather", `{"city":"Bern"}`}, {"call_2", "now", `{}`}}},
			{Results: []result{{"call_1", "rain", false}, {"call_2", "no clock", true}}, Text: "And now?"},
		}})
		if got.Status != 0 || got.Text == "" { // the provider refuses results out of order
			t.Fatalf("read %+v", got)
		}
		body := s.sent()
		if s.channel == routex.TypeAnthropic {
			last := body.Get("messages.2.content")
			if last.Get("0.tool_use_id").String() != "call_1" || last.Get("1.is_error").Bool() != true || last.Get("0.is_error").Bool() || last.Get("2.text").String() != "And now?" {
				t.Errorf("results were sent as %s", last.Raw)
			}
			return
		}
		if body.Get("messages.2.tool_call_id").String() != "call_1" || !strings.Contains(body.Get("messages.3.content").String(), "[tool_error]") || body.Get("messages.4.content").String() == "" {
			t.Errorf("results were sent as %s", body.Get("messages").Raw)
		}
	})
}

func TestImages(t *testing.T) {
	everyPair(t, nil, func(t *testing.T, s *setting) {
		q := say("What is this?")
		q.Image = true
		if got := s.ask(t, q); got.Status != 0 {
			t.Fatalf("read %+v", got)
		}
		part := s.sent().Get("messages.0.content.1")
		if s.channel == routex.TypeAnthropic {
			if part.Get("source.media_type").String() != "image/png" || part.Get("source.data").String() != pixel {
				t.Errorf("the image was sent as %s", part.Raw)
			}
		} else if part.Get("image_url.url").String() != "data:image/png;base64,"+pixel {
			t.Errorf("the image was sent as %s", part.Raw)
		}
	})
}

func TestLength(t *testing.T) {
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "and so", StopReason: "length"}
	}
	everyPair(t, answer, func(t *testing.T, s *setting) {
		if got := s.ask(t, say("go on")); got.Stop != "length" || got.Text != "and so" {
			t.Errorf("read %+v", got)
		}
	})
}

func TestErrorsAreTheSDKsOwn(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 413, 429, 500, 503} {
		everyPair(t, nil, func(t *testing.T, s *setting) {
			s.provider.Fail(routextest.Fault{Status: status, Message: "because of reasons"})
			got := s.ask(t, say("x"))
			if got.Status != status || !strings.Contains(got.Problem, "because of reasons") {
				t.Errorf("a %d reads as %d %q", status, got.Status, got.Problem)
			}
		})
	}
}

func TestCutStreamIsAnError(t *testing.T) {
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "one two three four five six seven eight"}
	}
	for name, fault := range map[string]routextest.Fault{
		"cut":   {CutAfter: 3},
		"ended": {CutAfter: 3, CutCleanly: true},
	} {
		t.Run(name, func(t *testing.T) {
			everyPair(t, answer, func(t *testing.T, s *setting) {
				if !s.stream {
					return
				}
				s.provider.Fail(fault)
				got := s.ask(t, say("count"))
				if got.Status == 0 || got.Stop == "end" || !strings.Contains(got.Problem, "broke off") || !strings.HasPrefix(got.Text, "one two") {
					t.Errorf("read %+v", got)
				}
			})
		})
	}
}

func TestSDKsSeeTheFailoverOnlyInTheRecord(t *testing.T) {
	for _, c := range clients() {
		for _, stream := range []bool{false, true} {
			broken, spare := routextest.NewProvider(routextest.Options{Name: "broken"}), routextest.NewProvider(routextest.Options{Name: "spare"})
			broken.Always(routextest.Fault{Status: http.StatusServiceUnavailable})
			bs, ss := broken.Start(), spare.Start()
			t.Cleanup(bs.Close)
			t.Cleanup(ss.Close)
			transport, err := routex.New(routex.Config{Channels: []routex.Channel{
				{Name: "broken", Type: routex.TypeAnthropic, BaseURL: bs.URL},
				{Name: "spare", Type: routex.TypeOpenAI, BaseURL: ss.URL, Priority: 1},
			}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, rec := routex.WithRecord(t.Context())
			got := c.ask(ctx, &http.Client{Transport: transport}, say("hi"), stream)
			d := rec.Decision()
			if got.Status != 0 || got.Text == "" || d.Channel != "spare" || len(d.Attempts) != 2 || d.Attempts[0].Class != "overload" {
				t.Errorf("%s: read %+v, decision %+v", c.name, got, d)
			}
		}
	}
}
