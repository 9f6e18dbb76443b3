package routextest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// chat writes OpenAI Chat Completions.
type chat struct{ flavor }

func chatAt(path string) chat { return chat{flavorAt(path)} }

func (chat) name() string { return "openai-chat" }

func (d chat) requestID() string {
	if d.flavor == azure {
		return "Apim-Request-Id"
	}
	return "X-Request-Id"
}

func (chat) describe(c *Call) {
	describeMessages(c, c.view())
	c.Model = firstOf(deployment(c.Path), c.Model)
}

func (d chat) envelope(f failure) []byte {
	if d.flavor == zhipu {
		return []byte(`{"error":{"code":` + text(firstOf(f.code, zhipuCode(f.status))) + `,"message":` + text(f.message) + `}}`)
	}
	kind, code := "invalid_request_error", ""
	switch {
	case f.status == http.StatusUnauthorized:
		code = "invalid_api_key"
	case f.status == http.StatusNotFound:
		code = "model_not_found"
	case f.status == http.StatusTooManyRequests:
		kind, code = "rate_limit_error", "rate_limit_exceeded"
	case f.status >= http.StatusInternalServerError:
		kind = "server_error"
	}
	rest := `,"param":` + orNull(f.param) + `,"code":` + orNull(firstOf(f.code, code)) + `}}`
	if f.inner != "" {
		return []byte(`{"error":{"innererror":` + f.inner + `,"status":` + number(f.status) + `,"message":` + text(f.message) + `,"type":null` + rest)
	}
	return []byte(`{"error":{"message":` + text(f.message) + `,"type":` + text(firstOf(f.kind, kind)) + rest)
}

// orNull gives s as JSON, null for "".
func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return text(s)
}

// zhipuCode is Zhipu's number for a failure.
func zhipuCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "1214"
	case http.StatusUnauthorized:
		return "1000"
	case http.StatusForbidden:
		return "1220"
	case http.StatusNotFound:
		return "1211"
	case http.StatusTooManyRequests:
		return "1302"
	}
	return number(status)
}

func (d chat) errorEvent(f failure) event {
	return event{data: string(d.envelope(f))}
}

func (chat) frame(_ *Call, _ int, ev event) string { return sse(ev) }

func (chat) stop(a *Answer) string {
	switch a.StopReason {
	case "length":
		return `"length"`
	case "tool":
		return `"tool_calls"`
	case "filter":
		return `"content_filter"`
	}
	return `"stop"`
}

func (chat) usage(a *Answer) string {
	u := a.Usage
	return `{"prompt_tokens":` + number(u.prompt()) + `,"completion_tokens":` + number(u.Output) + `,"total_tokens":` + number(u.prompt()+u.Output) +
		`,"prompt_tokens_details":{"cached_tokens":` + number(u.CacheRead) + `},"completion_tokens_details":{"reasoning_tokens":` + number(u.Reasoning) + `}}`
}

func (d chat) whole(id string, c *Call, a *Answer) []byte {
	content, refusal, more := "null", "null", ""
	if a.Text != "" || a.Refusal == "" && len(a.Tools) == 0 {
		content = text(a.Text)
	}
	if a.Refusal != "" {
		refusal = text(a.Refusal)
	}
	if d.shows(c, a) {
		more = `,"reasoning_content":` + text(a.Reasoning)
	}
	if len(a.Tools) > 0 {
		more += `,"tool_calls":` + chatCalls(a.Tools)
	}
	return []byte(`{"id":"chatcmpl-` + id + `","object":"chat.completion","created":` + created(c) + `,"model":` + text(c.Model) +
		`,"choices":[{"index":0,"message":{"role":"assistant","content":` + content + more + `,"refusal":` + refusal + `},"logprobs":null` + d.filter("content_filter_results") +
		`,"finish_reason":` + d.stop(a) + `}],"usage":` + d.usage(a) + `}`)
}

// shows reports that the server tells the reasoning: OpenAI itself does not.
func (d chat) shows(c *Call, a *Answer) bool {
	own, _ := openAIModel(c.Model)
	return a.Reasoning != "" && !a.Hidden && !own && d.flavor != azure
}

func chatCalls(tools []ToolCall) string {
	items := make([]string, 0, len(tools))
	for _, t := range tools {
		items = append(items, `{"id":`+text(t.ID)+`,"type":"function","function":{"name":`+text(t.Name)+`,"arguments":`+text(arguments(t))+`}}`)
	}
	return list(items)
}

// filter is what Azure says beside an answer about its filters.
func (d chat) filter(name string) string {
	if d.flavor != azure {
		return ""
	}
	return `,"` + name + `":{"hate":{"filtered":false,"severity":"safe"}}`
}

func created(c *Call) string { return strconv.FormatInt(c.Time.Unix(), 10) }

// chunk writes one event around its choices.
func (chat) chunk(id string, c *Call, choices, more string) event {
	return event{data: `{"id":"chatcmpl-` + id + `","object":"chat.completion.chunk","created":` + created(c) + `,"model":` + text(c.Model) + `,"choices":[` + choices + `]` + more + `}`}
}

func (d chat) delta(id string, c *Call, delta string) event {
	return d.chunk(id, c, `{"index":0,"delta":`+delta+`,"logprobs":null`+d.filter("content_filter_results")+`,"finish_reason":null}`, "")
}

func (d chat) stream(id string, c *Call, a *Answer) script {
	play := script{end: event{data: "[DONE]", last: true}}
	if d.flavor == azure { // it tells of the prompt before there is an answer
		play.begin = append(play.begin, event{data: `{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0` + d.filter("content_filter_results") + `}]}`})
	}
	play.begin = append(play.begin, d.delta(id, c, `{"role":"assistant","content":"","refusal":null}`))
	say := func(member string, pieces []string) {
		for _, piece := range pieces {
			play.words = append(play.words, []event{d.delta(id, c, `{"`+member+`":`+text(piece)+`}`)})
		}
	}
	if d.shows(c, a) {
		say("reasoning_content", words(a.Reasoning))
	}
	if a.Text != "" {
		say("content", a.Chunks)
	}
	if a.Refusal != "" {
		say("refusal", words(a.Refusal))
	}
	var calls [][][]event
	for i, t := range a.Tools {
		calls = append(calls, d.call(id, c, i, t))
	}
	play.words = append(play.words, inOrder(calls, a.Interleaved)...)
	play.finish = []event{d.chunk(id, c, `{"index":0,"delta":{},"logprobs":null,"finish_reason":`+d.stop(a)+`}`, "")}
	if gjson.GetBytes(c.Body, "stream_options.include_usage").Bool() {
		play.finish = append(play.finish, d.chunk(id, c, "", `,"usage":`+d.usage(a)))
	}
	return play
}

// call gives the pieces of one tool call.
func (d chat) call(id string, c *Call, index int, t ToolCall) [][]event {
	at := `{"tool_calls":[{"index":` + number(index) + `,`
	out := [][]event{{d.delta(id, c, at+`"id":`+text(t.ID)+`,"type":"function","function":{"name":`+text(t.Name)+`,"arguments":""}}]}`)}}
	for _, piece := range pieces(arguments(t)) {
		out = append(out, []event{d.delta(id, c, at+`"function":{"arguments":`+text(piece)+`}}]}`)})
	}
	return out
}

func (chat) models(names []string) []byte {
	items := make([]string, 0, len(names))
	for _, name := range names {
		items = append(items, `{"id":`+text(name)+`,"object":"model","created":1767225600,"owned_by":"routextest"}`)
	}
	return []byte(`{"object":"list","data":[` + strings.Join(items, ",") + `]}`)
}
