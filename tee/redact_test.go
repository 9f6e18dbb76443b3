package tee_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/tee"
)

// delivered gives the JSON that a destination gets of a record.
func delivered(t testing.TB, d tee.Destination, r *tee.Record) string {
	t.Helper()
	var line []byte
	d.ID = "d"
	d.Sink = tee.Each(tee.Func(func(_ context.Context, r *tee.Record) error {
		line = r.AppendJSON(nil)
		return nil
	}))
	dest, err := tee.Open(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := dest.Write(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := dest.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(line) || bytes.ContainsAny(line, "\n\r") {
		t.Fatalf("not a line of JSON: %s", line)
	}
	return string(line)
}

func requestOf(t testing.TB, line string) (request json.RawMessage, cut bool) {
	t.Helper()
	var got struct {
		Request    json.RawMessage
		RequestCut bool
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	return got.Request, got.RequestCut
}

// planted is part of every secret of the tests, and of nothing else.
const planted = "planted01234567"

// The places where a credential stands. SECRET is a value of any kind, and
// TELLING is one that tells itself.
var hidingPlaces = []string{
	`{"api_key":"SECRET"}`,
	`{"a":[{"b":{"apiKey" : "SECRET"}}]}`,
	`{"x-api-key":["SECRET","SECRET"],"b":1}`,
	`{"X-Goog-Api-Key":"SECRET"}`,
	`{"OPENAI_API_KEY":"SECRET","c":null}`,
	`{"secret":{"value":"SECRET","more":["SECRET"]},"b":true}`,
	`{"Authorization":"Basic SECRET"}`,
	`{"password":"a \" quote, and SECRET \\","b":"c"}`,
	`{"client_secret":"SECRET","secret":null}`,
	`{"a":"TELLING","b":["x TELLING","TELLING y"],"c":"(TELLING)"}`,
	`{"a":"curl -H 'Authorization: Bearer SECRET' https://x.test"}`,
	`{"a":"curl -H \"Authorization: Basic SECRET\" https://x.test"}`,
	`{"a":"GET / HTTP/1.1\r\nAuthorization: Bearer SECRET\r\nHost: x\r\nCookie: a=b; c=SECRET\r\n"}`,
	`{"a":"authorization: SECRET\nx-api-key: SECRET\n"}`,
	`{"a":"export OPENAI_API_KEY=SECRET && run"}`,
	`{"a":"password = 'SECRET'; x"}`,
	"{\"a\":\"password: `SECRET`\"}",
	`{"a":"https://x.test/v1?a=b&key=SECRET&c=d"}`,
	`{"a":"https://x.test/v1?key=SECRET"}`,
	`{"a":"https://x.test/v1?a=b\u0026key=SECRET\u0026c=d"}`,
	`{"a":"https://user:SECRET@x.test/v1"}`,
	`{"a":"bearer SECRET"}`,
	`{"a":"\nTELLING\n\tTELLING"}`,
	`{"a":"x\u003dTELLING"}`,
	`{"api\u005fkey":"SECRET"}`,
	`{"a":"-----BEGIN RSA PRIVATE KEY-----\nSECRET\nSECRET\n-----END RSA PRIVATE KEY-----\n"}`,
	`{"a":"eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET"}`,
	`{"a":"{'api_key': 'SECRET'}"}`,
	`{"a":"config[\"password\"] = \"SECRET\""}`,
	`{"a":"passwd := \"SECRET\""}`,
	`{"api_key":planted01234567}`, // no JSON
	`password=SECRET`,
	"Authorization: Bearer SECRET\nx",
	"data: {\"api_key\":\"SECRET\"}\n\ndata: [DONE]\n\n",
	"{\n  \"api_key\":\n    \"SECRET\"\n}",
	`<p class="x">TELLING</p>`,
	`{"a":"sk--planted01234567 -------BEGIN PRIVATE KEY-----\nSECRET"}`,
	`{"a":"My API key: SECRET, and the access token = SECRET"}`,
	`{"a":"run --api-key SECRET --x y; run --password 'SECRET'; run --client-secret=SECRET; mysql --password \"SECRET\""}`,
	`{"headers":[{"name":"X-Api-Key","value":"SECRET"},{"key":"Authorization" , "value" : "Basic SECRET"}]}`,
	`{"a":"DB_PWD=SECRET"}`,
	`{"env":[{"name":"DB_PASSWORD","value":"SECRET"}]}`,
}

// inString gives text as a string of JSON in an object, levels deep.
func inString(t testing.TB, text string, levels int) string {
	t.Helper()
	for range levels {
		b, err := json.Marshal(map[string]string{"arguments": text})
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	return text
}

func TestCredentialsAreTakenOutEverywhere(t *testing.T) {
	for _, place := range hidingPlaces {
		for levels := range 4 {
			text := strings.ReplaceAll(strings.ReplaceAll(place, "SECRET", planted), "TELLING", "sk-"+planted)
			text = inString(t, text, levels)
			for _, cut := range []bool{false, true} {
				r := &tee.Record{Request: json.RawMessage(text), Response: json.RawMessage(text)}
				if cut {
					quoted, _ := json.Marshal(text)
					r.Request, r.RequestCut = quoted, true
				}
				if line := delivered(t, tee.Destination{}, r); strings.Contains(line, planted) {
					t.Errorf("level %d, cut %v: %s\nis delivered as %s", levels, cut, text, line)
				}
			}
		}
	}
}

// A body that was cut by whoever captured it may end in the middle of a
// credential.
func TestCredentialsAreTakenOutOfCutBodies(t *testing.T) {
	for _, place := range hidingPlaces {
		text := strings.ReplaceAll(strings.ReplaceAll(place, "SECRET", planted), "TELLING", "sk-"+planted)
		for levels := range 3 {
			text := inString(t, text, levels)
			for end := range len(text) {
				if !strings.Contains(text[:end], planted[:6]) {
					continue
				}
				quoted, _ := json.Marshal(text[:end])
				line := delivered(t, tee.Destination{}, &tee.Record{Request: quoted, RequestCut: true})
				if strings.Contains(line, planted[:6]) && !strings.HasPrefix(place, `{"a":"eyJ`) && !strings.HasPrefix(place, `{"a":"https://user`) {
					t.Fatalf("%s\nis delivered as %s", text[:end], line)
				}
			}
		}
	}
}

func TestWhatIsNoCredentialStays(t *testing.T) {
	for _, text := range []string{
		`{"model":"m","max_tokens":5,"token":"a","tokens":[1,2],"key":"c-major","secret":null,"password":false}`,
		`{"a":"the task-oriented, risk-averse desk-bound; sk-learn; bearer of bad news; basic knowledge"}`,
		`{"a":"usage: total_tokens=5, key=value; monkey: banana","usage":{"prompt_tokens":1}}`,
		`{"a":"https://x.test/a@b?x=y http://[::1]:80/","tool_calls":[{"id":"call_abc","function":{"name":"f","arguments":"{\"path\":\"/x\"}"}}]}`,
		`{"image":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}`,
		`{"emoji":"\ud83d\ude00 \u4e2d","u":"naïve \u00e9"}`,
		`{"a":"PWD=/home/x OLDPWD=/tmp","pwd":"/home/x"}`,
		`{"a":"run --verbose yes --keys 5 -- x --","env":[{"name":"PATH","value":"/bin"},{"name":"api_key"},{"key":"x","value":1}]}`,
		`"text"`, `[]`, `1`, `null`,
	} {
		got, _ := requestOf(t, delivered(t, tee.Destination{}, &tee.Record{Request: json.RawMessage(text)}))
		if string(got) != text {
			t.Errorf("%s\nbecame %s", text, got)
		}
	}
}

func TestConfiguredPathsAreTakenOut(t *testing.T) {
	const body = `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"text":"b"}]}],"metadata":{"user_id":"u","user.name":"n","*":1},"model":"m"}`
	for _, test := range []struct{ paths, want string }{
		{`messages.#.content`, `{"messages":[{"role":"user","content":"[redacted]"},{"role":"assistant","content":"[redacted]"}],"metadata":{"user_id":"u","user.name":"n","*":1},"model":"m"}`},
		{`messages.1.content.0.text`, `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"text":"[redacted]"}]}],"metadata":{"user_id":"u","user.name":"n","*":1},"model":"m"}`},
		{`messages metadata`, `{"messages":"[redacted]","metadata":"[redacted]","model":"m"}`},
		{`metadata.user*`, `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"text":"b"}]}],"metadata":{"user_id":"[redacted]","user.name":"[redacted]","*":1},"model":"m"}`},
		{`metadata.user\.name metadata.\*`, `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"text":"b"}]}],"metadata":{"user_id":"u","user.name":"[redacted]","*":"[redacted]"},"model":"m"}`},
		{`mode?`, `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"text":"b"}]}],"metadata":{"user_id":"u","user.name":"n","*":1},"model":"[redacted]"}`},
		{`nothing.here messages.7`, body},
		{`*`, `{"messages":"[redacted]","metadata":"[redacted]","model":"[redacted]"}`},
	} {
		d := tee.Destination{Redact: strings.Fields(test.paths)}
		line := delivered(t, d, &tee.Record{Request: json.RawMessage(body), Response: json.RawMessage(body)})
		got, _ := requestOf(t, line)
		if string(got) != test.want || strings.Count(line, test.want) != 2 {
			t.Errorf("%s: %s", test.paths, line)
		}
	}
}

// A body that breaks off, or is a stream or no JSON from some place on, keeps
// nothing of what the paths name.
func TestConfiguredPathsInWhatIsNoWholeJSON(t *testing.T) {
	d := tee.Destination{Redact: []string{"messages.#.content", "metadata.user_id"}}
	const body = `{"metadata":{"user_id":"planted01234567"},"messages":[{"content":"planted01234567"},{"content":[{"text":"planted01234567"}]}],"x":"` + "\u00e9" + `"}`
	for end := range len(body) {
		quoted, _ := json.Marshal(body[:end])
		for _, r := range []*tee.Record{{Request: quoted, RequestCut: true}, {Request: json.RawMessage(body[:end])}} {
			if line := delivered(t, d, r); strings.Contains(line, "plan") {
				t.Fatalf("%s\nis delivered as %s", body[:end], line)
			}
		}
	}
	for _, text := range []string{
		"event: x\ndata: " + body + "\n\ndata:" + body + "\n\n",
		`{"a":1,} ` + body, `{"a" "b"` + body, body + body, body + "\n" + body, `[@@@]` + body,
	} {
		if line := delivered(t, d, &tee.Record{Request: json.RawMessage(text)}); strings.Contains(line, planted) {
			t.Errorf("%s\nis delivered as %s", text, line)
		}
	}
}

func TestPathsAreValidated(t *testing.T) {
	for _, path := range []string{"", ".", "a..b", "a.", `a\`, "a.#(b==1)#.c", "a|b", "@reverse", "{a,b}", "a\x00", "[0]", "$.a!", strings.Repeat("a.", 64) + "a"} {
		d := tee.Destination{ID: "x", Redact: []string{"ok", path}, Sink: tee.NewFile("x", tee.FileOptions{})}
		err := d.Validate()
		if err == nil || !strings.Contains(err.Error(), "redact[1]: ") {
			t.Errorf("%q gives %v", path, err)
		}
	}
}

func TestBodiesAreCutAfterTheyAreRedacted(t *testing.T) {
	for limit := int64(1); limit < 60; limit++ {
		body := `{"a":"éé","api_key":"` + planted + `","b":"日本語"}`
		got, cut := requestOf(t, delivered(t, tee.Destination{BodyLimit: limit}, &tee.Record{Request: json.RawMessage(body)}))
		if strings.Contains(string(got), "plan") {
			t.Fatalf("limit %d: %s", limit, got)
		}
		whole := `{"a":"éé","api_key":"[redacted]","b":"日本語"}`
		if !cut {
			if string(got) != whole {
				t.Errorf("limit %d: %s", limit, got)
			}
			continue
		}
		var text string
		if err := json.Unmarshal(got, &text); err != nil || !strings.HasPrefix(whole, text) || int64(len(text)) > limit || int64(len(text)) < limit-2 {
			t.Errorf("limit %d: %s, %v", limit, got, err)
		}
	}
	line := delivered(t, tee.Destination{BodyLimit: -1}, &tee.Record{Request: json.RawMessage(`{}`), RequestBytes: 2})
	if strings.Contains(line, `"request":`) || !strings.Contains(line, `"requestBytes":2`) {
		t.Errorf("a destination without bodies gets %s", line)
	}
}

// Of a body that is much longer than what is kept of it only the beginning is
// looked at, and waits; that holds no more than if all of it were.
func TestLongBodiesAreCutSafely(t *testing.T) {
	filler := strings.Repeat(`{"role":"user","content":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},`, 3000)
	for _, place := range []string{`{"content":"` + planted + `"},`, `{"c":"sk-` + planted + `"},`, `{"api_key":"` + planted + `"},`} {
		for at := 850; at < 1010; at += 3 {
			body := `{"pad":"` + strings.Repeat("y", at) + `","messages":[` + place + filler + `{}]}`
			for _, limit := range []int64{1000, 50_000} { // the second is not cut before it waits
				d := tee.Destination{BodyLimit: limit, Redact: []string{"messages.#.content"}}
				got, cut := requestOf(t, delivered(t, d, &tee.Record{Request: json.RawMessage(body)}))
				var text string
				if err := json.Unmarshal(got, &text); err != nil || !cut || strings.Contains(text, "xxx") || int64(len(text)) > limit || int64(len(text)) < limit/2 {
					t.Fatalf("limit %d: %d bytes of %.100s, %v", limit, len(text), text, err)
				}
				if strings.Contains(text, "plan") {
					t.Fatalf("limit %d, at %d: %.3000s", limit, at, text)
				}
			}
		}
	}
}

func TestErrorsHoldNoCredentials(t *testing.T) {
	line := delivered(t, tee.Destination{}, &tee.Record{Class: "credential", Error: "Incorrect API key provided: sk-" + planted + ` "x"`})
	if strings.Contains(line, planted) || !strings.Contains(line, `Incorrect API key provided: [redacted] \"x\"`) {
		t.Error(line)
	}
}

func FuzzRedact(f *testing.F) {
	for _, place := range hidingPlaces {
		f.Add([]byte(place), `{"x":`, 0, false)
	}
	f.Add([]byte(`{"a":"\"password\":\"`), `\"`, 1, true)
	f.Add([]byte(`{"messages":[{"content":"SECRET"}]}`), "\\", 2, true)
	d := tee.Destination{Redact: []string{"messages.#.content", "a.*.b"}, BodyLimit: 300}
	f.Fuzz(func(t *testing.T, text []byte, around string, levels int, cut bool) {
		body := inString(t, string(text), levels&3)
		line := delivered(t, d, &tee.Record{Request: json.RawMessage(body), Response: json.RawMessage(text), Error: around, Model: around})
		if again, _ := requestOf(t, line); len(again) == 0 && len(body) > 0 {
			t.Fatalf("no request in %s", line)
		}
		// Whatever stands around it, a member of an object is found.
		key, _ := json.Marshal(around)
		whole := fmt.Sprintf(`{%s:"x","api_key":"%s","n":[{%s:[%s,{"password":["%s"]}]}]}`, key, planted, key, key, planted)
		r := &tee.Record{Request: json.RawMessage(inString(t, whole, levels&3))}
		if cut {
			quoted, _ := json.Marshal(whole)
			r.Request, r.RequestCut = quoted, true
		}
		if strings.Contains(around, planted) {
			return
		}
		if line := delivered(t, d, r); strings.Contains(line, planted) {
			t.Fatalf("%s\nis delivered as %s", r.Request, line)
		}
	})
}

func ExampleWithoutCredentials() {
	fmt.Printf("%s\n", tee.WithoutCredentials([]byte(`{"arguments":"{\"command\":\"curl -H 'Authorization: Bearer 0123456789' x.test\"}","api\u005fkey":"k"}`)))
	// Output: {"arguments":"{\"command\":\"curl -H 'Authorization: [redacted]' x.test\"}","api_key":"[redacted]"}
}
