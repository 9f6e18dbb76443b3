package named_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// long is a name that most servers refuse: it has 72 characters and a dot.
const long = "mcp__a_server_with_a_long_name.a_tool_that_has_a_name_even_longer_than_it"

// A tooled is a dialect with a request, an answer and a stream in which LONG
// stands for the name of a tool.
type tooled struct {
	dialect                 transform.Dialect
	request, answer, stream string
}

func tooledDialects() []tooled {
	return []tooled{
		{
			transform.Anthropic,
			`{"tools":[{"name":"LONG"},{"name":"short"},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"tool","name":"LONG"},
"messages":[{"role":"user","content":"LONG"},{"role":"assistant","content":[{"type":"text","text":"LONG"},{"type":"tool_use","id":"1","name":"LONG","input":{"name":"LONG."}}]},
{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"tool_reference","tool_name":"LONG"},{"type":"text","text":"LONG"}]}]}]}`,
			`{"content":[{"type":"text","text":"LONG"},{"type":"tool_use","id":"2","name":"LONG","input":{"name":"LONG."}},{"type":"tool_use","name":"short"}]}`,
			"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"2\",\"name\":\"LONG\",\"input\":{}}}\n\n" +
				": ping\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\\\"name\\\"\"}}\n\n",
		},
		{
			transform.OpenAIChat,
			`{"tools":[{"type":"function","function":{"name":"LONG","parameters":{"name":"LONG."}}},{"type":"custom","custom":{"name":"LONG"}}],
"tool_choice":{"type":"function","function":{"name":"LONG"}},"functions":[{"name":"LONG"}],
"messages":[{"role":"user","name":"LONG.","content":"LONG"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"LONG","arguments":"{}"}}]},
{"role":"tool","tool_call_id":"1","name":"LONG","content":"LONG"},{"role":"function","name":"LONG","content":"LONG"}]}`,
			`{"choices":[{"message":{"content":"LONG","tool_calls":[{"id":"2","function":{"name":"LONG","arguments":"\"name\":\"LONG\""}}]}}]}`,
			"data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"2\",\"function\":{\"name\":\"LONG\",\"arguments\":\"\"}}]}}]}\n\ndata: [DONE]\n\n",
		},
		{
			transform.OpenAIResponses,
			`{"tools":[{"type":"function","name":"LONG"},{"type":"custom","name":"LONG"},{"type":"mcp","name":"LONG."}],"tool_choice":{"type":"function","name":"LONG"},
"input":[{"type":"function_call","call_id":"1","name":"LONG","arguments":"{}"},{"type":"custom_tool_call","name":"LONG"},{"type":"mcp_call","name":"LONG."}]}`,
			`{"object":"response","output":[{"type":"function_call","name":"LONG"},{"type":"message","content":"LONG"}],"tools":[{"type":"function","name":"LONG"}],"tool_choice":{"type":"function","name":"LONG"}}`,
			"event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"LONG\"}}\n\n" +
				"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"name\":\"LONG\"}],\"tools\":[{\"name\":\"LONG\"}]}}\n\n",
		},
		{
			transform.Gemini,
			`{"tools":[{"functionDeclarations":[{"name":"LONG"}]},{"function_declarations":[{"name":"LONG"}]}],"toolConfig":{"functionCallingConfig":{"allowedFunctionNames":["LONG","short"]}},
"contents":[{"parts":[{"text":"LONG"},{"functionCall":{"name":"LONG","args":{"name":"LONG."}}}]},{"parts":[{"functionResponse":{"name":"LONG","response":{}}}]}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"LONG"},{"functionCall":{"name":"LONG","args":{}},"thoughtSignature":"x"}]}}]}`,
			"data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"LONG\"}}]}}]}\r\n\r\n",
		},
	}
}

// shortened gives the name that is sent for long.
func shortened(t *testing.T, change transform.Transformer, d transform.Dialect) string {
	t.Helper()
	probes := map[transform.Dialect][2]string{
		transform.Anthropic:       {`{"tools":[{"name":"`, `"}]}`},
		transform.OpenAIChat:      {`{"tools":[{"function":{"name":"`, `"}}]}`},
		transform.OpenAIResponses: {`{"tools":[{"type":"function","name":"`, `"}]}`},
		transform.Gemini:          {`{"tools":[{"functionDeclarations":[{"name":"`, `"}]}]}`},
	}
	head, tail := probes[d][0], probes[d][1]
	out := sent(t, change, request(d, head+long+tail))
	return strings.TrimSuffix(strings.TrimPrefix(out, head), tail)
}

// put puts a name where LONG stands as the name of a tool, and the long one
// where it is something else.
func put(text, name string) string {
	quote := `"`
	for _, key := range []string{`"name":"`, `"tool_name":"`} {
		text = strings.ReplaceAll(text, key+"LONG"+quote, key+name+quote)
	}
	text = strings.ReplaceAll(text, `["LONG","short"]`, `["`+name+`","short"]`)
	return strings.ReplaceAll(text, "LONG", long)
}

func TestToolNamesAreShortenedAndRestored(t *testing.T) {
	for _, test := range tooledDialects() {
		t.Run(string(test.dialect), func(t *testing.T) {
			change := newNamed(t, "toolname", "")
			short := shortened(t, change, test.dialect)
			if len(short) > 64 || short == long || strings.Contains(short, ".") {
				t.Fatalf("the short name is %q", short)
			}
			r := request(test.dialect, put(test.request, long))
			if got, want := sent(t, change, r), put(test.request, short); got != want {
				t.Errorf("sent is\n%s, want\n%s", got, want)
			}
			answer := &transform.Response{Request: r, Status: http.StatusOK, Body: []byte(put(test.answer, short))}
			if err := change.Response(context.Background(), answer); err != nil {
				t.Fatal(err)
			}
			if want := put(test.answer, long); string(answer.Body) != want {
				t.Errorf("the answer is\n%s, want\n%s", answer.Body, want)
			}
			stream := change.Stream(context.Background(), &transform.Response{Request: r, Status: http.StatusOK})
			out, err := io.ReadAll(transform.NewReader(transform.NewScanner(strings.NewReader(put(test.stream, short)), 0), stream))
			want := strings.ReplaceAll(put(test.stream, long), "\r\n", "\n")
			if err != nil || string(out) != want {
				t.Errorf("the stream is %v\n%s, want\n%s", err, out, want)
			}
		})
	}
}

func TestToolNamesThatFitLeaveEveryByte(t *testing.T) {
	for _, test := range tooledDialects() {
		change := newNamed(t, "toolname", "")
		text := strings.ReplaceAll(strings.ReplaceAll(test.request, "LONG.", "x"), "LONG", "get_weather")
		r := request(test.dialect, text)
		if got := sent(t, change, r); got != text {
			t.Errorf("%s: sent is\n%s, want\n%s", test.dialect, got, text)
		}
		if change.Stream(context.Background(), &transform.Response{Request: r}) != nil {
			t.Errorf("%s: the stream is looked into for nothing", test.dialect)
		}
	}
}

func TestToolNamesStayInErrors(t *testing.T) {
	change := newNamed(t, "toolname", "")
	short := shortened(t, change, transform.Anthropic)
	r := request(transform.Anthropic, `{"tools":[{"name":"`+long+`"}]}`)
	sent(t, change, r)
	body := `{"content":[{"type":"tool_use","name":"` + short + `"}]}`
	answer := &transform.Response{Request: r, Status: 400, Body: []byte(body)}
	if err := change.Response(context.Background(), answer); err != nil || string(answer.Body) != body {
		t.Errorf("the error became %s, %v", answer.Body, err)
	}
}

func TestToolNameLength(t *testing.T) {
	change := newNamed(t, "toolname", `{"max_length":24}`)
	if short := shortened(t, change, transform.OpenAIChat); len(short) != 24 {
		t.Errorf("the short name is %q", short)
	}
	out := sent(t, change, request(transform.Gemini, `{"tools":[{"functionDeclarations":[{"name":"9lives"},{"name":""}]}]}`))
	if !strings.Contains(out, `"name":"_9lives_`) || !strings.Contains(out, `"name":""`) {
		t.Errorf("Gemini wants a letter or _ at the front, and no name is made up: %s", out)
	}
}

// Names that differ stay different, and come back as they were.
func FuzzToolName(f *testing.F) {
	f.Add("a", long, uint8(0))
	f.Add("\"", "\\u0041", uint8(1))
	f.Add("é.x", "é:x", uint8(2))
	f.Fuzz(func(t *testing.T, a, b string, which uint8) {
		requests := []string{
			`{"tools":[{"name":A},{"name":B}]}`, `{"tools":[{"function":{"name":A}},{"function":{"name":B}}]}`,
			`{"tools":[{"type":"custom","name":A},{"type":"function","name":B}]}`, `{"tools":[{"functionDeclarations":[{"name":A},{"name":B}]}]}`,
		}
		answers := []string{
			`{"content":[{"type":"tool_use","name":A},{"type":"tool_use","name":B}]}`,
			`{"choices":[{"message":{"tool_calls":[{"function":{"name":A}},{"function":{"name":B}}]}}]}`,
			`{"output":[{"name":A},{"name":B}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"name":A}},{"functionCall":{"name":B}}]}}]}`,
		}
		if a == "" || b == "" {
			return // no names
		}
		i := int(which) % len(requests)
		change := newNamed(t, "toolname", "")
		r := request(transform.Dialects()[i], withNames(requests[i], a, b))
		sent(t, change, r)
		if !json.Valid(r.Body) {
			t.Fatalf("sent is %s", r.Body)
		}
		fit := namesIn(r.Body)
		if len(fit) != 2 || len(fit[0]) > 64 || len(fit[1]) > 64 || (fit[0] == fit[1]) != (clean(a) == clean(b)) {
			t.Fatalf("%q and %q became %q", a, b, fit)
		}
		answer := &transform.Response{Request: r, Status: 200, Body: []byte(withNames(answers[i], fit[0], fit[1]))}
		if err := change.Response(context.Background(), answer); err != nil {
			t.Fatal(err)
		}
		if got := namesIn(answer.Body); !slices.Equal(got, []string{clean(a), clean(b)}) {
			t.Errorf("%q and %q came back as %q", a, b, got)
		}
	})
}

func withNames(text, a, b string) string {
	qa, _ := json.Marshal(a)
	qb, _ := json.Marshal(b)
	return strings.NewReplacer("A", string(qa), "B", string(qb)).Replace(text)
}

// clean is a string as JSON can carry it.
func clean(s string) string { return string([]rune(s)) }

// namesIn gives the values of all members called name.
func namesIn(body []byte) (names []string) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	isName := false
	for {
		token, err := d.Token()
		if err != nil {
			return names
		}
		s, ok := token.(string)
		if isName && ok {
			names = append(names, s)
		}
		isName = ok && s == "name" && !isName
	}
}
