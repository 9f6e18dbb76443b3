package routextest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// chat writes OpenAI Chat Completions.
type chat struct{}

func (chat) name() string      { return "openai-chat" }
func (chat) requestID() string { return "X-Request-Id" }

func (chat) failure(status int, code, message string) []byte {
	kind, usual := "invalid_request_error", "null"
	switch {
	case status == http.StatusUnauthorized:
		usual = `"invalid_api_key"`
	case status == http.StatusNotFound:
		usual = `"model_not_found"`
	case status == http.StatusTooManyRequests:
		kind, usual = "rate_limit_error", `"rate_limit_exceeded"`
	case status >= http.StatusInternalServerError:
		kind = "server_error"
	}
	if code != "" {
		usual = text(code)
	}
	return []byte(`{"error":{"message":` + text(message) + `,"type":"` + kind + `","param":null,"code":` + usual + `}}`)
}

func (d chat) errorEvent(status int, code, message string) event {
	return event{"", string(d.failure(status, code, message))}
}

func (chat) stop(a *Answer) string {
	switch a.StopReason {
	case "length":
		return `"length"`
	case "tool":
		return `"tool_calls"`
	}
	return `"stop"`
}

func (chat) usage(a *Answer) string {
	u := a.Usage
	prompt := u.Input + u.CacheRead + u.CacheWrite
	return `{"prompt_tokens":` + strconv.Itoa(prompt) + `,"completion_tokens":` + strconv.Itoa(u.Output) + `,"total_tokens":` + strconv.Itoa(prompt+u.Output) +
		`,"prompt_tokens_details":{"cached_tokens":` + strconv.Itoa(u.CacheRead) + `},"completion_tokens_details":{"reasoning_tokens":0}}`
}

func (d chat) whole(id string, c *Call, a *Answer) []byte {
	content := "null"
	if a.Text != "" || len(a.Tools) == 0 {
		content = text(a.Text)
	}
	calls := ""
	for i, t := range a.Tools {
		if i > 0 {
			calls += ","
		}
		calls += `{"id":` + text(t.ID) + `,"type":"function","function":{"name":` + text(t.Name) + `,"arguments":` + text(arguments(t)) + `}}`
	}
	if calls != "" {
		calls = `,"tool_calls":[` + calls + `]`
	}
	return []byte(`{"id":"chatcmpl-` + id + `","object":"chat.completion","created":` + created(c) + `,"model":` + text(c.Model) +
		`,"choices":[{"index":0,"message":{"role":"assistant","content":` + content + calls + `,"refusal":null},"logprobs":null,"finish_reason":` + d.stop(a) + `}],"usage":` + d.usage(a) + `}`)
}

func created(c *Call) string { return strconv.FormatInt(c.Time.Unix(), 10) }

// chunk writes one event around its choices.
func (chat) chunk(id string, c *Call, choices, more string) event {
	return event{"", `{"id":"chatcmpl-` + id + `","object":"chat.completion.chunk","created":` + created(c) + `,"model":` + text(c.Model) + `,"choices":[` + choices + `]` + more + `}`}
}

func (d chat) delta(id string, c *Call, delta string) event {
	return d.chunk(id, c, `{"index":0,"delta":`+delta+`,"logprobs":null,"finish_reason":null}`, "")
}

func (d chat) begin(id string, c *Call, _ *Answer) []event {
	return []event{d.delta(id, c, `{"role":"assistant","content":"","refusal":null}`)}
}

func (d chat) words(id string, c *Call, a *Answer) (out [][]event) {
	if a.Text != "" {
		for _, chunk := range a.Chunks {
			out = append(out, []event{d.delta(id, c, `{"content":`+text(chunk)+`}`)})
		}
	}
	for i, t := range a.Tools {
		at := `{"tool_calls":[{"index":` + strconv.Itoa(i) + `,`
		first := d.delta(id, c, at+`"id":`+text(t.ID)+`,"type":"function","function":{"name":`+text(t.Name)+`,"arguments":""}}]}`)
		out = append(out, []event{first})
		for _, piece := range pieces(arguments(t)) {
			out = append(out, []event{d.delta(id, c, at+`"function":{"arguments":`+text(piece)+`}}]}`)})
		}
	}
	return out
}

func (d chat) finish(id string, c *Call, a *Answer) []event {
	out := []event{d.chunk(id, c, `{"index":0,"delta":{},"logprobs":null,"finish_reason":`+d.stop(a)+`}`, "")}
	if gjson.GetBytes(c.Body, "stream_options.include_usage").Bool() {
		out = append(out, d.chunk(id, c, "", `,"usage":`+d.usage(a)))
	}
	return out
}

func (chat) endMark() event { return event{"", "[DONE]"} }

func (chat) models(names []string) []byte {
	items := make([]string, 0, len(names))
	for _, name := range names {
		items = append(items, `{"id":`+text(name)+`,"object":"model","created":1767225600,"owned_by":"routextest"}`)
	}
	return []byte(`{"object":"list","data":[` + strings.Join(items, ",") + `]}`)
}

// validate refuses what the real API refuses.
func (chat) validate(c *Call, body gjson.Result) string {
	messages := body.Get("messages").Array()
	switch {
	case c.Model == "":
		return "you must provide a model parameter"
	case len(messages) == 0:
		return "messages must not be empty"
	case body.Get("tool_choice").Exists() && !body.Get("tools.0").Exists():
		return "tool_choice is only allowed when tools are specified"
	}
	open := map[string]bool{} // tool calls that have no answer yet
	for i, m := range messages {
		if problem := chatMessage(m, open); problem != "" {
			return "messages[" + strconv.Itoa(i) + "]: " + problem
		}
	}
	return ""
}

// chatMessage checks one message; open has the calls that wait for an answer.
func chatMessage(m gjson.Result, open map[string]bool) string {
	role := m.Get("role").String()
	if role == "tool" {
		id := m.Get("tool_call_id").String()
		if !open[id] {
			return "messages with role tool must be a response to a preceding message with tool_calls: " + id
		}
		delete(open, id)
		return ""
	}
	if len(open) > 0 {
		return "an assistant message with tool_calls must be followed by tool messages responding to each tool_call_id"
	}
	switch role {
	case "system", "developer", "user":
		if !m.Get("content").Exists() {
			return "content is required"
		}
	case "assistant":
		m.Get("tool_calls").ForEach(func(_, call gjson.Result) bool {
			open[call.Get("id").String()] = true
			return true
		})
	default:
		return "invalid role " + role
	}
	return ""
}
