package tee_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dctx-team/routex/tee"
)

func full() *tee.Record {
	return &tee.Record{
		Time: time.Date(2026, 11, 30, 1, 2, 3, 4_000_000, time.UTC), TraceID: "t", SpanID: "s", Dialect: "openai", Path: "/v1/x", Model: "m\"\\\n\x01é", Stream: true,
		ChannelID: "id", Channel: "c", Upstream: "u", RuleID: "rid", Rule: "r", Session: "ses", Caller: "cal", Status: 200, Class: "server", Error: "e", Attempts: 2, Copy: true,
		Input: 1, Output: 2, CacheRead: 3, CacheWrite: 4, Reasoning: 5, Cost: 0.000125, CostKnown: true,
		FirstByte: 1500 * time.Microsecond, Duration: 2*time.Second + 34*time.Microsecond,
		Request: json.RawMessage(`{"a":1}`), Response: json.RawMessage(`"cut"`), RequestBytes: 7, ResponseBytes: 1000, ResponseCut: true,
	}
}

func TestRecordAsJSON(t *testing.T) {
	const want = `{"time":"2026-11-30T01:02:03.004Z","traceId":"t","spanId":"s","dialect":"openai","path":"/v1/x","model":"m\"\\\n\u0001é","stream":true,` +
		`"channelId":"id","channel":"c","upstreamModel":"u","ruleId":"rid","rule":"r","session":"ses","caller":"cal","status":200,"class":"server","error":"e","attempts":2,"copy":true,` +
		`"inputTokens":1,"outputTokens":2,"cacheReadTokens":3,"cacheWriteTokens":4,"reasoningTokens":5,"cost":0.000125,"firstTokenMs":1.500,"durationMs":2000.034,` +
		`"request":{"a":1},"requestBytes":7,"response":"cut","responseBytes":1000,"responseCut":true}`
	if got := string(full().AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const empty = `{"time":"0001-01-01T00:00:00Z","traceId":"","spanId":"","dialect":"","path":"","model":"","stream":false,"channelId":"","channel":"","upstreamModel":"",` +
		`"status":0,"attempts":0,"inputTokens":0,"outputTokens":0,"cacheReadTokens":0,"cacheWriteTokens":0,"reasoningTokens":0,"cost":null,"firstTokenMs":0,"durationMs":0}`
	if got := string(new(tee.Record).AppendJSON(nil)); got != empty {
		t.Errorf("got  %s\nwant %s", got, empty)
	}
	for _, cost := range []float64{math.NaN(), math.Inf(1)} {
		if b := (&tee.Record{Cost: cost, CostKnown: true}).AppendJSON(nil); !bytes.Contains(b, []byte(`"cost":null`)) {
			t.Errorf("cost %v: %s", cost, b)
		}
	}
	if b, err := json.Marshal(*full()); err != nil || !json.Valid(b) {
		t.Errorf("encoding/json gives %s, %v", b, err)
	}
}

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []*tee.Record{full(), {}} {
		var got tee.Record
		if err := json.Unmarshal(want.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(*want, got, cmpopts.IgnoreUnexported(tee.Record{})); diff != "" {
			t.Error(diff)
		}
	}
	if err := json.Unmarshal([]byte(`{"status":"x"}`), new(tee.Record)); err == nil {
		t.Error("a wrong type is read")
	}
}

func TestBodiesStandInOneLine(t *testing.T) {
	for body, want := range map[string]string{
		"{\n  \"a\": [\r\n 1 ]\n}\n": `{  "a": [ 1 ]}`,
		"<html>\n\"x\"</html>":       `"<html>\n\"x\"</html>"`,
		"{\"a\":":                    `"{\"a\":"`,
		"\"\xff\"":                   `"\"` + "\ufffd" + `\""`,
		strings.Repeat("[", 20_000):  `"` + strings.Repeat("[", 20_000) + `"`,
		`{"a":"b"}`:                  `{"a":"b"}`,
		"{\"a\":\"raw\nline\"}":      `"{\"a\":\"raw\nline\"}"`,
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000): `"` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `"`,
	} {
		line := (&tee.Record{Request: json.RawMessage(body)}).AppendJSON(nil)
		if !bytes.HasSuffix(line, []byte(`"request":`+want+`}`)) {
			t.Errorf("%.60q becomes %.400s", body, line[len(line)-min(len(line), len(want)+20):])
		}
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("m", []byte(`{"a":1}`), "\xff", int64(1), 0.5)
	f.Add("\u2028\x00\x7f", []byte("{\n}"), "é", int64(-1), math.Inf(-1))
	f.Fuzz(func(t *testing.T, text string, body []byte, other string, n int64, cost float64) {
		r := &tee.Record{
			Time: time.Unix(n%1e10, n), TraceID: other, Model: text, Path: text, Error: other, Class: text, Rule: other, Caller: text, Session: other,
			Request: body, Response: json.RawMessage(text), Input: n, Duration: time.Duration(n), FirstByte: time.Duration(-n), Cost: cost, CostKnown: true, RequestBytes: n,
		}
		line := r.AppendJSON(nil)
		if !json.Valid(line) || bytes.ContainsAny(line, "\n\r") || !utf8.Valid(line) {
			t.Fatalf("not a line of JSON: %q", line)
		}
		var got tee.Record
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && got.Model != want {
			t.Errorf("%q is read as %q", text, got.Model)
		}
		if json.Valid(body) && utf8.Valid(body) {
			var a, b bytes.Buffer
			if json.Compact(&a, body) != nil || json.Compact(&b, got.Request) != nil || a.String() != b.String() {
				t.Errorf("the body %q is read as %q", body, got.Request)
			}
		}
	})
}
