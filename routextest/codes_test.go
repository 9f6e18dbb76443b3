package routextest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

// A saying is how one protocol tells a failure.
type saying struct {
	status     int
	path, kind string // where the envelope has its kind, and that
	words      string // that the message has
}

func TestEveryProtocolTellsAFailureInItsOwnWay(t *testing.T) {
	const anthropicType, openAICode, geminiStatus = "error.type", "error.code", "error.status"
	for code, want := range map[string]map[string]saying{
		routextest.ContextTooLong: {
			"anthropic": {400, anthropicType, "invalid_request_error", "prompt is too long: 214315 tokens > 200000 maximum"},
			"chat":      {400, openAICode, "context_length_exceeded", "maximum context length is 128000 tokens"},
			"responses": {400, openAICode, "context_length_exceeded", "exceeds the context window"},
			"gemini":    {400, geminiStatus, "INVALID_ARGUMENT", "The input token count (1214315) exceeds the maximum number of tokens allowed (1048576)."},
		},
		routextest.ContentBlocked: {
			"anthropic": {400, anthropicType, "invalid_request_error", "Output blocked by content filtering policy"},
			"chat":      {400, openAICode, "content_policy_violation", "safety system"},
			"responses": {400, openAICode, "content_policy_violation", "safety system"},
			"gemini":    {200, "promptFeedback.blockReason", "PROHIBITED_CONTENT", ""},
		},
		routextest.QuotaExhausted: {
			"anthropic": {400, anthropicType, "invalid_request_error", "credit balance is too low"},
			"chat":      {429, openAICode, "insufficient_quota", "exceeded your current quota"},
			"responses": {429, openAICode, "insufficient_quota", "exceeded your current quota"},
			"gemini":    {429, "error.details.0.violations.0.quotaId", "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "exceeded your current quota"},
		},
		routextest.KeyInvalid: {
			"anthropic": {401, anthropicType, "authentication_error", "invalid x-api-key"},
			"chat":      {401, openAICode, "invalid_api_key", "Incorrect API key"},
			"responses": {401, openAICode, "invalid_api_key", "Incorrect API key"},
			"gemini":    {400, "error.details.0.reason", "API_KEY_INVALID", "API key not valid"},
		},
		routextest.RateLimited: {
			"anthropic": {429, anthropicType, "rate_limit_error", "rate limit"},
			"chat":      {429, openAICode, "rate_limit_exceeded", "Rate limit reached"},
			"responses": {429, openAICode, "rate_limit_exceeded", "Rate limit reached"},
			"gemini":    {429, geminiStatus, "RESOURCE_EXHAUSTED", "exhausted"},
		},
		routextest.Overloaded: {
			"anthropic": {529, anthropicType, "overloaded_error", "Overloaded"},
			"chat":      {503, "error.type", "server_error", "overloaded"},
			"responses": {503, openAICode, "server_is_overloaded", "overloaded"},
			"gemini":    {503, geminiStatus, "UNAVAILABLE", "overloaded"},
		},
	} {
		fronts(t, routextest.Options{}, func(t *testing.T, p *routextest.Provider, f front) {
			want := want[strings.TrimSuffix(f.name, " in an array")]
			for _, stream := range []bool{false, true} {
				p.Fail(routextest.Fault{Code: code})
				resp, text, err := f.say(t, stream)
				if stream && want.status == 200 {
					text = events(t, text)[0]
				}
				if err != nil || resp.StatusCode != want.status || gjson.Get(text, want.path).String() != want.kind || !strings.Contains(text, want.words) {
					t.Errorf("%s, stream %t: %v, status %d: %s", code, stream, err, resp.StatusCode, text)
				}
			}
			p.Fail(routextest.Fault{Code: code, Status: 418, Message: "so it is"})
			if resp, text, _ := f.say(t, true); resp.StatusCode != 418 || gjson.Get(text, "error.message").String() != "so it is" {
				t.Errorf("%s with a status and a message: %d %s", code, resp.StatusCode, text)
			}
		})
	}
}

func TestFlavorsTellFailuresInTheirOwnWay(t *testing.T) {
	const onAzure, onZhipu = "/openai/deployments/m/chat/completions?api-version=2024-10-21", "/api/paas/v4/chat/completions"
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	for _, test := range []struct {
		path, code string
		status     int
		where, is  string
	}{
		{onAzure, routextest.ContentBlocked, 400, "error.code", "content_filter"},
		{onAzure, routextest.ContentBlocked, 400, "error.innererror.code", "ResponsibleAIPolicyViolation"},
		{onAzure, routextest.KeyInvalid, 401, "error.code", "401"},
		{onZhipu, routextest.ContextTooLong, 400, "error.code", "1261"},
		{onZhipu, routextest.ContentBlocked, 400, "error.code", "1301"},
		{onZhipu, routextest.QuotaExhausted, 429, "error.code", "1113"},
		{onZhipu, routextest.RateLimited, 429, "error.code", "1302"},
		{onZhipu, routextest.Overloaded, 429, "error.code", "1305"},
	} {
		p.Fail(routextest.Fault{Code: test.code})
		resp, text, err := ask(t, http.DefaultTransport, s.URL+test.path, askChat)
		if err != nil || resp.StatusCode != test.status || gjson.Get(text, test.where).String() != test.is {
			t.Errorf("%s %s: %v %s", test.path, test.code, err, text)
		}
	}
}

func TestWhenToTryAgain(t *testing.T) {
	fronts(t, routextest.Options{}, func(t *testing.T, p *routextest.Provider, f front) {
		p.Fail(routextest.Fault{Code: routextest.RateLimited, RetryAfter: 1500 * time.Millisecond})
		resp, text, err := f.say(t, true)
		if err != nil || resp.StatusCode != 429 {
			t.Fatalf("%v %s", err, text)
		}
		header, body := "2", ""
		if strings.HasPrefix(f.name, "gemini") {
			header, body = "", "1.5s"
		}
		if got := resp.Header.Get("Retry-After"); got != header {
			t.Errorf("the header says %q, want %q", got, header)
		}
		if got := gjson.Get(text, "error.details.1.retryDelay").String(); got != body {
			t.Errorf("the body says %q, want %q: %s", got, body, text)
		}
	})
}

func TestErrorEvents(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: "one two three four"} }}
	want := map[string]string{
		"anthropic": `"type":"overloaded_error","message":"Overloaded"`,
		"chat":      `data: {"error":{"message":"The engine is currently overloaded`,
		"responses": `"type":"error","code":"server_is_overloaded"`,
		"gemini":    `"status":"UNAVAILABLE"`,
	}
	fronts(t, o, func(t *testing.T, p *routextest.Provider, f front) {
		for _, after := range []int{0, 2} {
			for _, failed := range []bool{false, true} {
				p.Fail(routextest.Fault{ErrorEvent: true, ErrorAfter: after, Code: routextest.Overloaded, Failed: failed})
				resp, text, err := f.say(t, true)
				if err != nil || resp.StatusCode != 200 || strings.Contains(text, "two") != (after > 0) || strings.Contains(text, "three") || ended(text) {
					t.Errorf("after %d words: %v %s", after, err, text)
				}
				told := want[strings.TrimSuffix(f.name, " in an array")]
				if failed && f.name == "responses" {
					told = `"status":"failed","incomplete_details":null,"background":false,"error":{"code":"server_is_overloaded",`
				}
				if !strings.Contains(text, told) {
					t.Errorf("%s is not told: %s", told, text)
				}
			}
		}
	})
}
