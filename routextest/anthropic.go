package routextest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// anthropic writes Anthropic Messages.
type anthropic struct{}

func (anthropic) name() string      { return "anthropic" }
func (anthropic) requestID() string { return "Request-Id" }

// text gives s as JSON.
func text(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

func (anthropic) failure(status int, _, message string) []byte {
	kind := "api_error"
	switch status {
	case http.StatusUnauthorized:
		kind = "authentication_error"
	case http.StatusForbidden:
		kind = "permission_error"
	case http.StatusNotFound:
		kind = "not_found_error"
	case http.StatusRequestEntityTooLarge:
		kind = "request_too_large"
	case http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case http.StatusServiceUnavailable, 529:
		kind = "overloaded_error"
	default:
		if status < http.StatusInternalServerError {
			kind = "invalid_request_error"
		}
	}
	return []byte(`{"type":"error","error":{"type":"` + kind + `","message":` + text(message) + `}}`)
}

func (d anthropic) errorEvent(status int, code, message string) event {
	return event{"error", string(d.failure(status, code, message))}
}

func (anthropic) stop(a *Answer) string {
	switch a.StopReason {
	case "length":
		return `"max_tokens"`
	case "tool":
		return `"tool_use"`
	}
	return `"end_turn"`
}

func (anthropic) usage(a *Answer, output int) string {
	u := a.Usage
	return `{"input_tokens":` + strconv.Itoa(u.Input) + `,"cache_creation_input_tokens":` + strconv.Itoa(u.CacheWrite) +
		`,"cache_read_input_tokens":` + strconv.Itoa(u.CacheRead) + `,"output_tokens":` + strconv.Itoa(output) + `}`
}

// message writes the message object.
func (d anthropic) message(id string, c *Call, a *Answer, content, stop string, output int) string {
	return `{"id":"msg_` + id + `","type":"message","role":"assistant","model":` + text(c.Model) + `,"content":[` + content +
		`],"stop_reason":` + stop + `,"stop_sequence":null,"usage":` + d.usage(a, output) + `}`
}

func (d anthropic) whole(id string, c *Call, a *Answer) []byte {
	var blocks []string
	if a.Text != "" || len(a.Tools) == 0 {
		blocks = append(blocks, `{"type":"text","text":`+text(a.Text)+`}`)
	}
	for _, t := range a.Tools {
		blocks = append(blocks, `{"type":"tool_use","id":`+text(t.ID)+`,"name":`+text(t.Name)+`,"input":`+arguments(t)+`}`)
	}
	return []byte(d.message(id, c, a, strings.Join(blocks, ","), d.stop(a), a.Usage.Output))
}

func (d anthropic) begin(id string, c *Call, a *Answer) []event {
	return []event{
		{"message_start", `{"type":"message_start","message":` + d.message(id, c, a, "", "null", 1) + `}`},
		{"ping", `{"type":"ping"}`},
	}
}

// words gives the events of each word; those that open and close a block come
// with its first and last one.
func (d anthropic) words(_ string, _ *Call, a *Answer) (out [][]event) {
	index := 0
	if a.Text != "" {
		out = append(out, d.block(index, `{"type":"text","text":""}`, `"text_delta","text"`, a.Chunks)...)
		index++
	}
	for _, t := range a.Tools {
		start := `{"type":"tool_use","id":` + text(t.ID) + `,"name":` + text(t.Name) + `,"input":{}}`
		out = append(out, d.block(index, start, `"input_json_delta","partial_json"`, append([]string{""}, pieces(t.Arguments)...))...)
		index++
	}
	return out
}

func (anthropic) block(index int, start, kind string, chunks []string) [][]event {
	at := `"index":` + strconv.Itoa(index)
	out := make([][]event, 0, len(chunks))
	for _, chunk := range chunks {
		out = append(out, []event{{"content_block_delta", `{"type":"content_block_delta",` + at + `,"delta":{"type":` + kind + `:` + text(chunk) + `}}`}})
	}
	out[0] = append([]event{{"content_block_start", `{"type":"content_block_start",` + at + `,"content_block":` + start + `}`}}, out[0]...)
	last := len(out) - 1
	out[last] = append(out[last], event{"content_block_stop", `{"type":"content_block_stop",` + at + `}`})
	return out
}

func (d anthropic) finish(_ string, _ *Call, a *Answer) []event {
	return []event{{"message_delta", `{"type":"message_delta","delta":{"stop_reason":` + d.stop(a) + `,"stop_sequence":null},"usage":{"output_tokens":` + strconv.Itoa(a.Usage.Output) + `}}`}}
}

func (anthropic) endMark() event { return event{"message_stop", `{"type":"message_stop"}`} }

func (anthropic) models(names []string) []byte {
	items := make([]string, 0, len(names))
	for _, name := range names {
		items = append(items, `{"type":"model","id":`+text(name)+`,"display_name":`+text(name)+`,"created_at":"2026-01-01T00:00:00Z"}`)
	}
	return []byte(`{"data":[` + strings.Join(items, ",") + `],"has_more":false,"first_id":null,"last_id":null}`)
}

// arguments is the input of a tool call as an object.
func arguments(t ToolCall) string {
	if t.Arguments == "" {
		return "{}"
	}
	return t.Arguments
}

// pieces cuts text into a few pieces that break anywhere, as providers do.
func pieces(s string) []string {
	var out []string
	runes := []rune(s)
	for len(runes) > 0 {
		n := min(7, len(runes))
		out = append(out, string(runes[:n]))
		runes = runes[n:]
	}
	return out
}

// validate refuses what the real API refuses.
func (anthropic) validate(c *Call, body gjson.Result) string {
	messages := body.Get("messages").Array()
	switch {
	case c.Header.Get("Anthropic-Version") == "":
		return "anthropic-version: header is required"
	case c.Model == "":
		return "model: Field required"
	case body.Get("max_tokens").Int() < 1:
		return "max_tokens: must be at least 1"
	case len(messages) == 0:
		return "messages: at least one message is required"
	case messages[0].Get("role").String() != "user":
		return "messages: first message must use the \"user\" role"
	case body.Get("tool_choice").Exists() && !body.Get("tools.0").Exists():
		return "tool_choice: tools are required"
	}
	open := map[string]bool{} // tool calls that have no result yet
	for i, m := range messages {
		if problem := anthropicMessage(m, open); problem != "" {
			return "messages." + strconv.Itoa(i) + ": " + problem
		}
	}
	return ""
}

// anthropicMessage checks one message; open has the calls of the one before.
func anthropicMessage(m gjson.Result, open map[string]bool) (problem string) {
	role, content := m.Get("role").String(), m.Get("content")
	if role != "user" && role != "assistant" {
		return "role must be user or assistant"
	}
	if content.Type == gjson.String {
		if content.String() == "" {
			return "content must be non-empty"
		}
	} else if !content.Get("0").Exists() {
		return "content must be non-empty"
	}
	content.ForEach(func(_, block gjson.Result) bool {
		problem = anthropicBlock(role, block, open)
		return problem == ""
	})
	if problem == "" && role == "user" && len(open) > 0 {
		return "tool_use ids were found without tool_result blocks immediately after"
	}
	return problem
}

func anthropicBlock(role string, block gjson.Result, open map[string]bool) string {
	switch block.Get("type").String() {
	case "text":
		if strings.TrimSpace(block.Get("text").String()) == "" {
			return "text content blocks must be non-empty"
		}
	case "tool_use":
		if role != "assistant" || !block.Get("input").IsObject() {
			return "tool_use needs the assistant role and an input object"
		}
		open[block.Get("id").String()] = true
	case "tool_result":
		id := block.Get("tool_use_id").String()
		if !open[id] {
			return "unexpected tool_use_id found in tool_result blocks: " + id
		}
		delete(open, id)
	case "image":
		if !block.Get("source.type").Exists() {
			return "image.source: Field required"
		}
	}
	return ""
}
