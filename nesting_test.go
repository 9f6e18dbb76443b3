package routex_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// A parser that follows every bracket needs a stack as deep as the text is
// nested, and a stack over Go's limit ends the process: nobody outside may
// choose how deep it gets.
const brackets = 6 << 20

var deepValue = strings.Repeat("[", brackets) + strings.Repeat("]", brackets)

func TestDeeplyNestedCallIsABadRequest(t *testing.T) {
	for _, ch := range []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test")} {
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("an upstream was called")
			return respond(200, "application/json", anthropicAnswer), nil
		})})
		req, _ := newCall(t, "https://x.test/v1/messages", `{"model":"m","max_tokens":1,"messages":`+deepValue+`}`)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if e := readError(t, resp); resp.StatusCode != 400 || !strings.Contains(e.Error.Message, "levels deep") {
			t.Errorf("%d %s", resp.StatusCode, e.Error.Message)
		}
	}
}

func TestDeeplyNestedAnswerIsNoAnswer(t *testing.T) {
	for _, ch := range []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test")} {
		for _, status := range []int{200, 400} {
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				return respond(status, "application/json", `{"error":`+deepValue[:500_000]+deepValue[len(deepValue)-500_000:]+`}`), nil
			})})
			req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[int]int{200: 502, 400: 400}[status]; resp.StatusCode != want {
				t.Errorf("%s: %d for an answer of %d", ch.Name, resp.StatusCode, status)
			}
			_ = resp.Body.Close()
		}
	}
}

func TestDeeplyNestedEventIsLeftOut(t *testing.T) {
	pairs(t, func(t *testing.T, caller, channel dialect) {
		deep := `data: {"x":` + deepValue[:brackets+brackets/4] + "}\n\n" // it need not be closed
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{channel.channel("a", "https://a.test")},
			Base:     upstreams{"a.test": {channel.begin, channel.words[0], deep, strings.Join(channel.words[1:], ""), channel.end}},
		})
		resp, rec := stream(t, tr, caller)
		if got := readBody(t, resp); text(got) != "one two three four" || strings.Contains(got, "[[[") || !looksComplete(got) {
			t.Errorf("got %.300s", got)
		}
		if d := rec.Decision(); d.SkippedEvents != 1 {
			t.Errorf("%d events were recorded as left out", d.SkippedEvents)
		}
	})
}

func TestContentInContentIsNotFollowedForEver(t *testing.T) {
	const depth = 2000
	for name, open := range map[string]string{
		"results":   `{"type":"tool_result","tool_use_id":"t","content":[`,
		"documents": `{"type":"document","source":{"type":"content","content":[`,
	} {
		end := "]}"
		if name == "documents" {
			end = "]}}"
		}
		body := `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[` + strings.Repeat(open, depth) + strings.Repeat(end, depth) + `]}]}`
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", "https://o.test")}, Base: statuses{}})
		req, _ := newCall(t, "https://x.test/v1/messages", body)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if e := readError(t, resp); resp.StatusCode != 400 || !strings.Contains(e.Error.Message, "nested too deep") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, e.Error.Message)
		}
	}
}

func TestDeeplyNestedTextInsideOfStringsIsOnlyText(t *testing.T) {
	open := `{\"a\":` + strings.Repeat("[", 2*brackets) // as text in a string
	for name, call := range map[string][2]string{
		"the id of the user": {"/v1/messages", `{"model":"m","max_tokens":1,"metadata":{"user_id":"` + open + `"},"messages":[{"role":"user","content":"hi"}]}`},
		"the result of a tool": {"/v1/messages", `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"},` +
			`{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},` +
			`{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"` + open + `"}]}]}`},
		"the arguments of a call": {"/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"hi"},` +
			`{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"` + open + `"}}]},` +
			`{"role":"tool","tool_call_id":"t","content":"x"}]}`},
	} {
		runInBubble(t, name, func(t *testing.T) {
			sent := 0
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{{Name: "g", Type: routex.TypeGoogle, BaseURL: "https://g.test"}},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					sent++
					_ = r.Body.Close()
					return respond(500, "application/json", `{}`), nil
				}),
			})
			req, _ := newCall(t, "https://x.test"+call[0], call[1])
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if sent == 0 {
				t.Errorf("nothing was sent: %d", resp.StatusCode)
			}
		})
	}
}
