package gemini_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

// chunk returns an answer of those parts, with more members of the candidate.
func chunk(parts, more string) string {
	return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"}` + more + `,"index":0}],"modelVersion":"m","responseId":"r"}`
}

func dumpAnswer(r *conv.Response) string {
	out := dump(r.Parts) + fmt.Sprint("stop ", r.Stop)
	if r.HasUsage {
		out += fmt.Sprint(" usage ", r.Usage)
	}
	for _, name := range r.Lost {
		out += " lost " + name.String()
	}
	return out
}

const (
	stopped = `,"finishReason":"STOP"`
)

func TestReadResponse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text", chunk(`{"text":"a"},{"text":"b"}`, stopped), lines(`text "ab"`) + "stop 1"},
		{
			"reasoning, and signatures on text", chunk(`{"text":"t","thought":true,"thoughtSignature":"c2ln"},{"text":"a","thoughtSignature":"c2ln"}`, stopped),
			lines(`reasoning "t" stateT::"c2ln"`, `text "a"`, `reasoning stateT::"c2ln"`) + "stop 1",
		},
		{
			"calls end an answer for which there is no reason of their own", chunk(`{"functionCall":{"id":"a","name":"f","args":{"x":1.50}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"b","name":"g"}}`, stopped),
			lines(`call id"a" name"f" args{"x":1.50} stateT::"c2ln"`, `call id"b" name"g" args{}`) + "stop 4",
		},
		{"the limit", chunk(`{"text":"a"}`, `,"finishReason":"MAX_TOKENS"`), lines(`text "a"`) + "stop 2"},
		{"safety", chunk(``, `,"finishReason":"SAFETY"`), "stop 5"},
		{"recitation", chunk(`{"text":"a"}`, `,"finishReason":"RECITATION"`), lines(`text "a"`) + "stop 5"},
		{"another reason is never told raw", chunk(`{"text":"a"}`, `,"finishReason":"OTHER"`), lines(`text "a"`) + "stop 7"},
		{"no reason", chunk(`{"functionCall":{"id":"a","name":"f"}}`, ``), lines(`call id"a" name"f" args{}`) + "stop 4"},
		{"a candidate without content", `{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}`, "stop 5"},
		{"a prompt that is blocked is a refusal and no error", `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":5}}`, "stop 5 usage {5 0 0 0 0 0}"},
		{
			"usage", `{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":100,"toolUsePromptTokenCount":7,"cachedContentTokenCount":30,"candidatesTokenCount":20,"thoughtsTokenCount":5,"totalTokenCount":132,"promptTokensDetails":[{"modality":"TEXT","tokenCount":100}]}}`,
			lines(`text "a"`) + "stop 1 usage {77 25 30 0 5 0}",
		},
		{"more from the cache than there was", `{"candidates":[{}],"usageMetadata":{"promptTokenCount":1,"cachedContentTokenCount":3}}`, "stop 1 usage {0 0 1 0 0 0}"},
		{"a usage without counts is none", `{"candidates":[{}],"usageMetadata":{"trafficType":"ON_DEMAND"}}`, "stop 1"},
		{
			"what has no place", chunk(`{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"executableCode":{"code":"x"}},{"text":"a"}`, stopped+`,"groundingMetadata":{"a":1},"citationMetadata":{}`),
			lines(`text "a"`) + "stop 1 lost inlineData lost executableCode lost groundingMetadata",
		},
		{
			"the list of a stream's chunks", `[` + chunk(`{"text":"a"}`, ``) + `,` + chunk(`{"text":"b"}`, ``) + `,{"candidates":[{"content":{"parts":[{"text":"c"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2}}]`,
			lines(`text "abc"`) + "stop 1 usage {1 2 0 0 0 0}",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := gemini.ReadResponse([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := dumpAnswer(r); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestBadResponses(t *testing.T) {
	for in, want := range map[string]string{
		`{`:                 "valid JSON",
		`7`:                 "candidates",
		`{}`:                "candidates",
		`{"candidates":[]}`: "candidates",
		`{"candidates":7}`:  "candidates",
		chunk(`{"text":"a"}`, `,"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"print(f())"`): "MALFORMED_FUNCTION_CALL: print(f())",
		`{"error":{"code":500,"message":"boom"}}`:                                                       "boom",
	} {
		_, err := gemini.ReadResponse([]byte(in))
		_, field := errors.AsType[*conv.FieldError](err)
		told, ok := errors.AsType[*conv.Error](err)
		if ok = field || ok && told.Status >= 500; !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", in, err, want)
		}
	}
}

func TestWriteResponse(t *testing.T) {
	state := conv.State{Kind: conv.Signature, Value: `"sig"`}
	const token = `"RtxStateSabcdef0c2ln"`
	call := toolCall("a", "f", `{"x":1.50}`)
	call.State = conv.State{Kind: conv.Thought, Value: `"c2ln"`}
	for _, c := range []struct {
		name string
		r    conv.Response
		want string
	}{
		{"text", conv.Response{Parts: []conv.Part{text("a")}, Stop: conv.StopEnd}, `{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0}]`},
		{"nothing", conv.Response{Stop: conv.StopLength}, `{"text":""}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}]`},
		{"a refusal", conv.Response{Parts: []conv.Part{{Kind: conv.Refusal, Text: `"no"`}}, Stop: conv.StopRefusal}, `{"text":"no"}],"role":"model"},"finishReason":"SAFETY","index":0}]`},
		{
			"reasoning with its state as a token",
			conv.Response{Parts: []conv.Part{{Kind: conv.Reasoning, Text: `"t"`, State: state}, {Kind: conv.Reasoning, State: state}, {Kind: conv.Reasoning, Text: `"u"`}, text("a")}, Stop: conv.StopSequence},
			`{"text":"t","thought":true,"thoughtSignature":` + token + `},{"text":"","thought":true,"thoughtSignature":` + token + `},{"text":"u","thought":true},{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0}]`,
		},
		{
			"calls, one with a state in its id",
			conv.Response{Parts: []conv.Part{call, toolCall("b", "g", "")}, Stop: conv.StopTool},
			`{"functionCall":{"id":"a_RtxStateTabcdef0YzJsbg","name":"f","args":{"x":1.50}},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="},{"functionCall":{"id":"b","name":"g","args":{}},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="}],"role":"model"},"finishReason":"STOP","index":0}]`,
		},
		{
			"usage",
			conv.Response{Parts: []conv.Part{text("a")}, Stop: conv.StopEnd, HasUsage: true, Usage: conv.Usage{Input: 70, CacheRead: 20, CacheWrite: 10, Output: 9, Reasoning: 4}},
			`{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":20,"candidatesTokenCount":5,"thoughtsTokenCount":4,"totalTokenCount":109}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.ID, c.r.Model, c.r.Options.Provider = `"msg_1"`, `"claude"`, provider
			got := string(gemini.WriteResponse(nil, &c.r))
			want := `{"candidates":[{"content":{"parts":[` + c.want + `,"modelVersion":"claude","responseId":"msg_1"}`
			if got != want || !gjson.Valid(got) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		e    conv.Error
		want string
	}{
		{conv.Error{Status: 400, Message: `bad "x"`}, `{"error":{"code":400,"message":"bad \"x\"","status":"INVALID_ARGUMENT"}}`},
		{conv.Error{Status: 400, Type: "FAILED_PRECONDITION"}, `{"error":{"code":400,"message":"","status":"FAILED_PRECONDITION"}}`},
		{conv.Error{Status: 401}, `{"error":{"code":401,"message":"","status":"UNAUTHENTICATED"}}`},
		{conv.Error{Status: 404}, `{"error":{"code":404,"message":"","status":"NOT_FOUND"}}`},
		{conv.Error{Status: 413}, `{"error":{"code":413,"message":"","status":"INVALID_ARGUMENT"}}`},
		{conv.Error{Status: 429, RetryAfter: 34500 * time.Millisecond}, `{"error":{"code":429,"message":"","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}`},
		{conv.Error{Status: 500}, `{"error":{"code":500,"message":"","status":"INTERNAL"}}`},
		{conv.Error{Status: 529}, `{"error":{"code":503,"message":"","status":"UNAVAILABLE"}}`},
		{conv.Error{Status: 504}, `{"error":{"code":504,"message":"","status":"DEADLINE_EXCEEDED"}}`},
	} {
		if got := string(gemini.WriteError(nil, &c.e)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, status := range []int{400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 499, 500, 501, 502, 503, 504, 529} {
		body := gemini.WriteError(nil, &conv.Error{Status: status, Message: "m", RetryAfter: time.Second})
		back := gemini.ReadError(status, body)
		if back.Message != "m" || back.RetryAfter != time.Second || back.Type == "" {
			t.Errorf("%d came back as %+v", status, back)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		in     string
		want   conv.Error
	}{
		{
			"with the time to wait", 429, `{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}`,
			conv.Error{Status: 429, Type: "RESOURCE_EXHAUSTED", Code: "429", Message: "quota", RetryAfter: 34400 * time.Millisecond},
		},
		{"in a list", 400, `[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]`, conv.Error{Status: 400, Type: "INVALID_ARGUMENT", Code: "400", Message: "m"}},
		{
			"a bad key is not the caller's fault", 400, `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}`,
			conv.Error{Status: 401, Type: "INVALID_ARGUMENT", Code: "400", Message: "API key not valid. Please pass a valid API key."},
		},
		{"inside of a good answer", 0, `{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}`, conv.Error{Status: 503, Type: "UNAVAILABLE", Code: "503", Message: "m"}},
		{"a page", 502, `<html><title>Bad Gateway</title></html>`, conv.Error{Status: 502, Message: "Bad Gateway"}},
	} {
		if got := gemini.ReadError(c.status, []byte(c.in)); *got != c.want {
			t.Errorf("%s: got %+v want %+v", c.name, *got, c.want)
		}
	}
}

func TestLookBody(t *testing.T) {
	for _, c := range []struct {
		in, usage string
		failed    bool
	}{
		{`{"candidates":[{}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}`, "{3 2 0 0 0 0}", false},
		{`[{"usageMetadata":{"promptTokenCount":3}},{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}]`, "{3 2 0 0 0 0}", false},
		{`{"candidates":[{}]}`, "", false},
		{`{"error":{"code":500,"message":"m"}}`, "", true},
		{`[{"error":{"code":500,"message":"m"}}]`, "", true},
		{`<html>`, "", false},
	} {
		u, ok, err := gemini.LookBody([]byte(c.in))
		got := ""
		if ok {
			got = fmt.Sprint(u)
		}
		if got != c.usage || (err != nil) != c.failed {
			t.Errorf("%s: got %s %v", c.in, got, err)
		}
	}
}
