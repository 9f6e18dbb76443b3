package routextest

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"
)

// anthropic writes Anthropic Messages.
type anthropic struct{ mint }

func (anthropic) name() string      { return "anthropic" }
func (anthropic) requestID() string { return "Request-Id" }

func (anthropic) key(r *http.Request) string {
	return firstOf(r.Header.Get("X-Api-Key"), bearer(r))
}

func (anthropic) badKey(string) failure {
	return failure{status: http.StatusUnauthorized, message: "invalid x-api-key"}
}

func (anthropic) describe(c *Call) { describeMessages(c, c.view()) }

// describeMessages looks at the members that Anthropic and Chat share.
func describeMessages(c *Call, v gjson.Result) {
	c.Model, c.Stream, c.HasTools = v.Get("model").String(), v.Get("stream").Bool(), v.Get("tools.0").Exists()
	c.LastUserText = lastUserText(v.Get("messages"), "content", "text")
	c.Prefill = prefill(v.Get("messages"), "assistant", "content")
}

// lastUserText is the text of the last user message that has any, without tool
// results. Parts without a type count as well.
func lastUserText(messages gjson.Result, member, kind string) (last string) {
	messages.ForEach(func(_, m gjson.Result) bool {
		if m.Get("role").String() != "user" {
			return true
		}
		content := m.Get(member)
		if content.Type == gjson.String {
			last = content.String()
			return true
		}
		var parts []string
		content.ForEach(func(_, part gjson.Result) bool {
			if t := part.Get("type"); (!t.Exists() || t.String() == kind) && part.Get("text").Exists() {
				parts = append(parts, part.Get("text").String())
			}
			return true
		})
		last = firstOf(strings.Join(parts, "\n"), last)
		return true
	})
	return last
}

func (anthropic) envelope(f failure) []byte {
	kind := "api_error"
	switch f.status {
	case http.StatusUnauthorized:
		kind = "authentication_error"
	case http.StatusPaymentRequired:
		kind = "billing_error"
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
		if f.status < http.StatusInternalServerError {
			kind = "invalid_request_error"
		}
	}
	return []byte(`{"type":"error","error":{"type":"` + kind + `","message":` + text(f.message) + `}}`)
}

func (d anthropic) errorEvent(f failure) event {
	return event{name: "error", data: string(d.envelope(f))}
}

func (anthropic) frame(_ *Call, _ int, ev event) string { return sse(ev) }

func (anthropic) stop(a *Answer) string {
	switch {
	case a.Refusal != "" || a.StopReason == "filter":
		return `"refusal"`
	case a.StopReason == "length":
		return `"max_tokens"`
	case a.StopReason == "tool":
		return `"tool_use"`
	}
	return `"end_turn"`
}

func (anthropic) usage(a *Answer, output int) string {
	u := a.Usage
	details := ""
	if u.Reasoning > 0 {
		details = `,"output_tokens_details":{"thinking_tokens":` + number(u.Reasoning) + `}`
	}
	return `{"input_tokens":` + number(u.Input) + `,"cache_creation_input_tokens":` + number(u.CacheWrite) +
		`,"cache_read_input_tokens":` + number(u.CacheRead) + `,"output_tokens":` + number(output) + details + `}`
}

// message writes the message object.
func (d anthropic) message(id string, c *Call, a *Answer, content, stop string, output int) string {
	return `{"id":"msg_` + id + `","type":"message","role":"assistant","model":` + text(c.Model) + `,"content":` + content +
		`,"stop_reason":` + stop + `,"stop_sequence":null,"usage":` + d.usage(a, output) + `}`
}

func (d anthropic) whole(id string, c *Call, a *Answer) []byte {
	var blocks []string
	if d.thinks(c, a) {
		if a.Hidden {
			blocks = append(blocks, d.redacted(a))
		} else {
			blocks = append(blocks, `{"type":"thinking","thinking":`+text(a.Reasoning)+`,"signature":"`+d.coin(a.Reasoning)+`"}`)
		}
	}
	for _, t := range []string{a.Text, a.Refusal} {
		if t != "" {
			blocks = append(blocks, `{"type":"text","text":`+text(t)+`}`)
		}
	}
	for _, t := range a.Tools {
		blocks = append(blocks, `{"type":"tool_use","id":`+text(t.ID)+`,"name":`+text(t.Name)+`,"input":`+arguments(t)+`}`)
	}
	return []byte(d.message(id, c, a, list(blocks), d.stop(a), a.Usage.Output))
}

// thinks reports that the caller wants the thinking.
func (anthropic) thinks(c *Call, a *Answer) bool {
	kind := gjson.GetBytes(c.Body, "thinking.type").String()
	return a.Reasoning != "" && (kind == "enabled" || kind == "adaptive")
}

func (d anthropic) redacted(a *Answer) string {
	return `{"type":"redacted_thinking","data":"` + d.coin(a.Reasoning) + `"}`
}

func (d anthropic) stream(id string, c *Call, a *Answer) script {
	play := script{
		begin: []event{
			{name: "message_start", data: `{"type":"message_start","message":` + d.message(id, c, a, "[]", "null", 1) + `}`},
			{name: "ping", data: `{"type":"ping"}`},
		},
		finish: []event{{
			name: "message_delta",
			data: `{"type":"message_delta","delta":{"stop_reason":` + d.stop(a) + `,"stop_sequence":null},"usage":` + d.usage(a, a.Usage.Output) + `}`,
		}},
		end: event{name: "message_stop", data: `{"type":"message_stop"}`, last: true},
	}
	index := 0
	block := func(start, kind string, chunks []string, closing ...string) {
		play.words = append(play.words, anthropicBlock(index, start, kind, chunks, closing...)...)
		index++
	}
	if d.thinks(c, a) {
		if a.Hidden {
			block(d.redacted(a), "", nil)
		} else {
			block(`{"type":"thinking","thinking":"","signature":""}`, `"thinking_delta","thinking"`, words(a.Reasoning),
				`"signature_delta","signature":"`+d.coin(a.Reasoning)+`"`)
		}
	}
	if a.Text != "" {
		block(`{"type":"text","text":""}`, `"text_delta","text"`, a.Chunks)
	}
	if a.Refusal != "" {
		block(`{"type":"text","text":""}`, `"text_delta","text"`, words(a.Refusal))
	}
	for _, t := range a.Tools {
		start := `{"type":"tool_use","id":` + text(t.ID) + `,"name":` + text(t.Name) + `,"input":{}}`
		block(start, `"input_json_delta","partial_json"`, append([]string{""}, pieces(t.Arguments)...))
	}
	return play
}

// anthropicBlock gives the events of one content block. Closing are deltas
// after the chunks.
func anthropicBlock(index int, start, kind string, chunks []string, closing ...string) [][]event {
	at := `"index":` + number(index)
	delta := func(fields string) event {
		return event{name: "content_block_delta", data: `{"type":"content_block_delta",` + at + `,"delta":{"type":` + fields + `}}`}
	}
	opening := []event{{name: "content_block_start", data: `{"type":"content_block_start",` + at + `,"content_block":` + start + `}`}}
	var middle, end []event
	for _, chunk := range chunks {
		middle = append(middle, delta(kind+`:`+text(chunk)))
	}
	for _, fields := range closing {
		end = append(end, delta(fields))
	}
	end = append(end, event{name: "content_block_stop", data: `{"type":"content_block_stop",` + at + `}`})
	return piecewise(opening, middle, end)
}

func (anthropic) models(names []string) []byte {
	items := make([]string, 0, len(names))
	for _, name := range names {
		items = append(items, `{"type":"model","id":`+text(name)+`,"display_name":`+text(name)+`,"created_at":"2026-01-01T00:00:00Z"}`)
	}
	return []byte(`{"data":` + list(items) + `,"has_more":false,"first_id":null,"last_id":null}`)
}
