package sdktest

import (
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

const spoken = "Grüße, 世界! \"quoted\" \\ and\n a new line, <b>&amp;</b> 🎉"

// talkFeatures are about what is said, and how the answer is to be.
func talkFeatures() []feature {
	return []feature{
		{column: "text", answer: always(routextest.Answer{Text: spoken}), try: tryText, everywhere: true},
		{column: "usage", answer: always(routextest.Answer{Text: "counted", Usage: routextest.Usage{Input: 11, Output: 7, CacheRead: 5, Reasoning: 3}}), try: tryUsage, everywhere: true},
		{column: "later system text", try: tryLater, cannot: unless("openai-chat", "openai-responses")},
		{column: "images", try: tryImage},
		{column: "documents", try: tryDocument},
		{column: "structured output", answer: always(routextest.Answer{Text: `{"city":"Bern","degrees":21.50}`}), try: tryForm, everywhere: true},
		{column: "sampling", try: trySampling, cannot: func(c client, _ upstream) bool { return c.name == "anthropic-sdk-go v2" }, everywhere: true},
		{column: "stop sequences", try: tryStop, cannot: speaks("openai-responses"), everywhere: true},
		{column: "seed", try: trySeed, cannot: unless("openai-chat", "gemini")},
		{column: "end user", try: tryUser, cannot: speaks("gemini")},
		{column: "several answers", try: trySeveral, cannot: unless("openai-chat", "gemini")},
		{column: "length", answer: always(routextest.Answer{Text: "and so", StopReason: "length"}), try: ends("length", "and so"), everywhere: true},
		{column: "filtered", answer: always(routextest.Answer{StopReason: "filter"}), try: ends("refusal", ""), everywhere: true},
		{column: "refusal", answer: always(routextest.Answer{Refusal: "I will not say that."}), try: tryRefusal},
	}
}

// always gives the same answer to every call.
func always(a routextest.Answer) func(*routextest.Call) routextest.Answer {
	return func(*routextest.Call) routextest.Answer { return a }
}

func speaks(protocol string) func(client, upstream) bool {
	return func(c client, _ upstream) bool { return c.protocol == protocol }
}

func unless(protocols ...string) func(client, upstream) bool {
	return func(c client, _ upstream) bool { return !slices.Contains(protocols, c.protocol) }
}

func tryText(t *testing.T, s *setting) bool {
	q := say("Say \"hello\" in 世界\n<&>")
	q.System = "Be brief."
	got := s.succeeds(t, q)
	if got.Text != spoken || got.Stop != "end" {
		t.Errorf("read %+v", got)
	}
	id := map[string]string{"anthropic": "msg_", "openai-chat": "chatcmpl-", "openai-responses": "resp_"}[s.client.protocol]
	if !strings.HasPrefix(got.ID, id) || got.ID == "" || got.Model != s.upstream.model {
		t.Errorf("id %q, model %q", got.ID, got.Model)
	}
	call := s.provider.LastCall()
	if call.LastUserText != q.Turns[0].Text || call.Model != s.upstream.model || call.Stream != s.stream {
		t.Errorf("the provider got %+v", call)
	}
	if d := s.decision(); !d.Succeeded() {
		t.Errorf("decision %+v", d)
	}
	return s.has("Be brief.")
}

func tryUsage(t *testing.T, s *setting) bool {
	got := s.succeeds(t, say("count"))
	if got.In != 11 || got.Out != 7 || got.Cached != 5 {
		t.Errorf("usage %d + %d cached, %d; want 11 + 5, 7\n%s", got.In, got.Cached, got.Out, s.got.text())
	}
	want := transform.Usage{Input: 11, Output: 7, CacheRead: 5, Reasoning: 3}
	if d := s.decision(); !d.UsageKnown || d.Usage != want {
		t.Errorf("the decision counts %+v, known %v; want %+v", d.Usage, d.UsageKnown, want)
	}
	// The accumulator of Anthropic's SDK does not add up the details.
	return got.Thought == 3 || s.stream && s.client.protocol == "anthropic" && strings.Contains(s.got.text(), `"thinking_tokens":3`)
}

func tryLater(t *testing.T, s *setting) bool {
	q := say("Good morning.")
	q.Turns = append(q.Turns, turn{Assistant: true, Text: "Good morning!"}, turn{System: true, Text: "From now on, speak French."}, turn{Text: "Good evening."})
	s.succeeds(t, q)
	return s.has("From now on, speak French.")
}

func trySeed(t *testing.T, s *setting) bool {
	q := say("the same again")
	q.Seed = 7411
	s.succeeds(t, q)
	return s.has(":7411")
}

func tryUser(t *testing.T, s *setting) bool {
	q := say("it is me")
	q.User = "user-7411"
	s.succeeds(t, q)
	return s.has(`"user-7411"`)
}

func trySeveral(t *testing.T, s *setting) bool {
	q := say("two, please")
	q.Answers = 2
	s.succeeds(t, q)
	return s.has(`"n":2`) || s.has(`"candidateCount":2`)
}

func tryImage(t *testing.T, s *setting) bool {
	q := say("What is this?")
	q.Turns[0].Image = true
	s.succeeds(t, q)
	return s.has(pixel, "image/png", "What is this?")
}

func tryDocument(t *testing.T, s *setting) bool {
	q := say("What does it say?")
	q.Turns[0].Document = true
	s.succeeds(t, q)
	return s.has(paper, "application/pdf", "What does it say?")
}

func tryForm(t *testing.T, s *setting) bool {
	q := say("The weather in Bern, as JSON.")
	q.Form = true
	if got := s.succeeds(t, q); got.Text != `{"city":"Bern","degrees":21.50}` || got.Stop != "end" {
		t.Errorf("read %+v", got)
	}
	return s.has(`"degrees"`, `"required"`)
}

func trySampling(t *testing.T, s *setting) bool {
	q := say("Be creative.")
	q.Sampling = true
	s.succeeds(t, q)
	return s.has("0.5", "0.9")
}

func tryStop(t *testing.T, s *setting) bool {
	q := say("Count to ten.")
	q.Stop = true
	s.succeeds(t, q)
	return s.has(`"END"`)
}

// ends makes a try of how an answer ends.
func ends(stop, text string) func(t *testing.T, s *setting) bool {
	return func(t *testing.T, s *setting) bool {
		if got := s.succeeds(t, say("go on")); got.Stop != stop || got.Text != text {
			t.Errorf("read %+v\n%s", got, s.got.text())
		}
		return true
	}
}

func tryRefusal(t *testing.T, s *setting) bool {
	got := s.succeeds(t, say("say it"))
	if got.Stop != "refusal" {
		t.Errorf("read %+v\n%s", got, s.got.text())
	}
	return got.Refusal+got.Text == "I will not say that."
}
