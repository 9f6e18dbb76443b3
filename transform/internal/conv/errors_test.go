package conv

import (
	"testing"
	"time"
)

func TestReadErrorOfEveryEnvelope(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		want   Error
	}{
		{"Azure's own code and the inner one", 400, `{"error":{"message":"m","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, Error{Status: 400, Code: "content_filter", Param: "prompt", Message: "m"}},
		{"only the inner one", 400, `{"error":{"message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, Error{Status: 400, Code: "ResponsibleAIPolicyViolation", Message: "m"}},
		{"Azure's gateway", 401, `{"error":{"code":"401","message":"Access denied"}}`, Error{Status: 401, Code: "401", Message: "Access denied"}},
		{"Azure's gateway, flat, in a good answer", 200, `{"statusCode":429,"message":"slow"}`, Error{Status: 429, Code: "429", Message: "slow"}},
		{"a number as code", 500, `{"error":{"code":1234,"message":"m"}}`, Error{Status: 500, Code: "1234", Message: "m"}},
		{"Gemini in an array, with the time to wait", 429, `[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"@type":"RetryInfo","retryDelay":"34.4s"}]}}]`, Error{Status: 429, Type: "RESOURCE_EXHAUSTED", Code: "429", Message: "m", RetryAfter: 34400 * time.Millisecond}},
		{"Anthropic with a request id", 529, `{"type":"error","error":{"type":"overloaded_error","message":"m","details":{"error_code":"c"}},"request_id":"req_1"}`, Error{Status: 529, Type: "overloaded_error", Code: "c", Message: "m", RequestID: "req_1"}},
		{"OpenRouter with the words of its provider", 429, `{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"slow down","provider_name":"X"}}}`, Error{Status: 429, Code: "429", Message: "Provider returned error: slow down"}},
		{"xAI", 400, `{"code":"Client specified an invalid argument","error":"no such model"}`, Error{Status: 400, Code: "Client specified an invalid argument", Message: "no such model"}},
		{"vLLM", 400, `{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}`, Error{Status: 400, Type: "BadRequestError", Code: "400", Message: "too long"}},
		{"Mistral's list of fields", 422, `{"detail":[{"type":"extra_forbidden","loc":["body","store"],"msg":"Extra inputs are not permitted"}]}`, Error{Status: 422, Param: "store", Message: "store: Extra inputs are not permitted"}},
		{"Ollama", 404, `{"error":"model not found"}`, Error{Status: 404, Message: "model not found"}},
		{"a list of errors", 403, `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}`, Error{Status: 403, Code: "10000", Message: "Authentication error"}},
		{"HTML", 502, `<html><title>502 Bad Gateway</title>`, Error{Status: 502, Message: "502 Bad Gateway"}},
		{"nothing known, in a good answer", 200, `{"error":{}}`, Error{Status: 500, Message: `{"error":{}}`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := ReadError(c.status, []byte(c.body)); *got != c.want {
				t.Errorf("got  %+v\nwant %+v", *got, c.want)
			}
		})
	}
}

func TestReadErrorKnowsTheNumbersOfZhipu(t *testing.T) {
	for code, want := range map[string]int{
		"1000": 401, "1113": 402, "1220": 403, "1211": 404, "1214": 400, "1261": 400, "1301": 400,
		"1302": 429, "1303": 429, "1308": 429, "1305": 529, "1312": 529, "1234": 500, "1999": 429,
	} {
		body := []byte(`{"error":{"code":"` + code + `","message":"m"}}`)
		if got := ReadError(429, body); got.Status != want || got.Code != code {
			t.Errorf("%s: %+v, want status %d", code, *got, want)
		}
	}
	if got := ReadError(200, []byte(`{"error":{"code":"1302","message":"m"}}`)); got.Status != 429 {
		t.Errorf("in a good answer: %+v", *got)
	}
	if got := ReadError(422, []byte(`{"object":"error","type":"invalid_request","code":"1000","message":"m"}`)); got.Status != 422 {
		t.Errorf("the same number of another provider: %+v", *got)
	}
}
