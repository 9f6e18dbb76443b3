package transform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// told is what a caller reads out of a stream.
type told struct {
	id, model       string
	text, reasoning string
	calls           string // each as name and arguments
	stop            string // as an answer has it
	input, output   int64
}

// readStrictly reads a stream as the strictest of clients: whatever the
// protocol does not allow fails the test.
func readStrictly(t *testing.T, d transform.Dialect, stream string) (out told) {
	t.Helper()
	r := &strict{t: t, stream: stream}
	switch {
	case !strings.HasSuffix(stream, "\n\n") && !strings.HasSuffix(stream, "\r\n\r\n"):
		r.bad("ends in the middle of an event")
	case d == messages:
		r.messages()
	case d == responses:
		r.responses()
	case d == gemini:
		r.gemini()
	default:
		r.chat()
	}
	return r.told
}

type strict struct {
	told
	t      *testing.T
	stream string
}

func (r *strict) bad(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), r.stream)
}

// same notes what must be the same in all events.
func (r *strict) same(what string, have *string, v gjson.Result) {
	r.t.Helper()
	if *have == "" {
		*have = v.String()
	}
	if v.String() == "" || v.String() != *have {
		r.bad("%s: %q after %q", what, v, *have)
	}
}

// events gives the data of the events.
func (r *strict) events() (out []gjson.Result) {
	r.t.Helper()
	for frame := range strings.SplitSeq(strings.ReplaceAll(r.stream, "\r\n", "\n"), "\n\n") {
		name, data, _ := strings.Cut(frame, "\n")
		if strings.HasPrefix(frame, "data: ") {
			name, data = "", frame
		}
		data = strings.TrimPrefix(data, "data: ")
		switch v := gjson.Parse(data); {
		case frame == "":
		case data == "[DONE]":
			out = append(out, gjson.Result{Raw: data})
		case !gjson.Valid(data):
			r.bad("no JSON: %s", frame)
		case name != "" && name != "event: "+v.Get("type").Str:
			r.bad("the name is not the type: %s", frame)
		default:
			out = append(out, v)
		}
	}
	return out
}

func (r *strict) messages() {
	open, next, kind, args, state := -1, 0, "", "", "new"
	for _, v := range r.events() {
		if v.Get("type").Str == "ping" {
			continue
		}
		switch what := state + " " + v.Get("type").Str; what {
		case "new message_start":
			state = "begun"
			r.id, r.model, r.input = v.Get("message.id").Str, v.Get("message.model").Str, v.Get("message.usage.input_tokens").Int()
		case "begun content_block_start":
			if open >= 0 || int(v.Get("index").Int()) != next {
				r.bad("block %d begins while %d is open and %d is next", v.Get("index").Int(), open, next)
			}
			open, kind = next, v.Get("content_block.type").Str
			next++
			if kind == "tool_use" {
				r.calls, args = r.calls+v.Get("content_block.name").Str, ""
			}
		case "begun content_block_delta":
			if open < 0 || int(v.Get("index").Int()) != open {
				r.bad("a delta of block %d while %d is open", v.Get("index").Int(), open)
			}
			switch kind + " " + v.Get("delta.type").Str {
			case "text text_delta":
				r.text += literal(v.Get("delta.text"))
			case "thinking thinking_delta":
				r.reasoning += literal(v.Get("delta.thinking"))
			case "thinking signature_delta":
				kind = "signed"
			case "tool_use input_json_delta":
				args += v.Get("delta.partial_json").Str
			default:
				r.bad("a delta of the wrong kind: %s", v.Raw)
			}
		case "begun content_block_stop":
			if open < 0 || kind == "thinking" {
				r.bad("%s stops", kind)
			}
			r.calls += args
			open, args = -1, ""
		case "begun message_delta":
			if open >= 0 {
				r.bad("a block is open at the end")
			}
			state = "over"
			r.stop = map[string]string{"end_turn": "end", "max_tokens": "length", "tool_use": "tool"}[v.Get("delta.stop_reason").Str]
			r.output = v.Get("usage.output_tokens").Int()
			if n := v.Get("usage.input_tokens"); n.Exists() {
				r.input = n.Int()
			}
		case "over message_stop":
			state = "done"
		default:
			r.bad("%s", what)
		}
	}
	if state != "done" {
		r.bad("the message does not end")
	}
	r.unquote()
}

func (r *strict) chat() {
	created, state := "", "new"
	for _, v := range r.events() {
		if state == "done" {
			r.bad("more after the end")
		}
		if v.Raw == "[DONE]" {
			if state != "counted" {
				r.bad("[DONE] comes when it is %s", state)
			}
			state = "done"
			continue
		}
		r.same("id", &r.id, v.Get("id"))
		r.same("model", &r.model, v.Get("model"))
		r.same("created", &created, v.Get("created"))
		if v.Get("object").Str != "chat.completion.chunk" {
			r.bad("object: %s", v.Raw)
		}
		if v.Get("choices.#").Int() == 0 {
			if state != "over" {
				r.bad("the usage comes when it is %s", state)
			}
			state = "counted"
			r.input, r.output = v.Get("usage.prompt_tokens").Int(), v.Get("usage.completion_tokens").Int()
			continue
		}
		if delta := v.Get("choices.0.delta"); delta.Get("role").Exists() != (state == "new") || state != "new" && state != "begun" {
			r.bad("when it is %s: %s", state, v.Raw)
		} else {
			r.text += literal(delta.Get("content"))
			r.reasoning += literal(delta.Get("reasoning_content"))
			for _, c := range delta.Get("tool_calls").Array() {
				r.calls += c.Get("function.name").Str + c.Get("function.arguments").Str
			}
		}
		state = "begun"
		if reason := v.Get("choices.0.finish_reason").Str; reason != "" {
			state = "over"
			r.stop = map[string]string{"stop": "end", "length": "length", "tool_calls": "tool"}[reason]
		}
	}
	if state != "done" {
		r.bad("the stream does not end")
	}
	r.unquote()
}

func (r *strict) gemini() {
	over := false
	for _, v := range r.events() {
		if over {
			r.bad("more after the end")
		}
		r.same("id", &r.id, v.Get("responseId"))
		r.same("model", &r.model, v.Get("modelVersion"))
		if v.Get("candidates.#").Int() != 1 || v.Get("candidates.0.content.role").Str != "model" {
			r.bad("no candidate: %s", v.Raw)
		}
		for _, p := range v.Get("candidates.0.content.parts").Array() {
			switch {
			case p.Get("functionCall").Exists():
				r.calls += p.Get("functionCall.name").Str + p.Get("functionCall.args").Raw
			case p.Get("thought").Bool():
				r.reasoning += literal(p.Get("text"))
			default:
				r.text += literal(p.Get("text"))
			}
		}
		if reason := v.Get("candidates.0.finishReason").Str; reason != "" {
			over = true
			r.stop = map[string]string{"STOP": "end", "MAX_TOKENS": "length"}[reason]
			if r.calls != "" {
				r.stop = "tool"
			}
			r.input, r.output = v.Get("usageMetadata.promptTokenCount").Int(), v.Get("usageMetadata.candidatesTokenCount").Int()
		}
	}
	if !over {
		r.bad("the stream does not end")
	}
	r.unquote()
}

// literal gives the inside of a string's literal: pieces are joined before
// they are unescaped.
func literal(v gjson.Result) string {
	if v.Type != gjson.String {
		return ""
	}
	return v.Raw[1 : len(v.Raw)-1]
}

func (r *strict) unquote() {
	r.text, r.reasoning = gjson.Parse(`"`+r.text+`"`).Str, gjson.Parse(`"`+r.reasoning+`"`).Str
}

// responses follows the items and their parts.
func (r *strict) responses() {
	type part struct {
		text string
		told string // open, said or done
	}
	type item struct {
		id, kind, raw string
		parts         []part
	}
	var items []*item
	state := "new"
	for i, v := range r.events() {
		if int(v.Get("sequence_number").Int()) != i {
			r.bad("event %d has the number %s", i, v.Get("sequence_number").Raw)
		}
		if state == "done" {
			r.bad("more after the end")
		}
		kind := v.Get("type").Str
		if v.Get("response").Exists() {
			r.same("id", &r.id, v.Get("response.id"))
			r.same("model", &r.model, v.Get("response.model"))
		}
		var it *item
		var p *part
		if n := v.Get("output_index"); n.Exists() && kind != "response.output_item.added" {
			if n.Int() >= int64(len(items)) || items[n.Int()].raw != "" {
				r.bad("item %s is not open: %s", n.Raw, v.Raw)
			}
			it = items[n.Int()]
			if id := v.Get("item_id"); id.Exists() && id.Str != it.id {
				r.bad("item %s is %s: %s", n.Raw, it.id, v.Raw)
			}
			if n := v.Get("content_index"); n.Exists() && kind != "response.content_part.added" {
				if n.Int() >= int64(len(it.parts)) {
					r.bad("part %s does not exist: %s", n.Raw, v.Raw)
				}
				p = &it.parts[n.Int()]
			}
		}
		expect := func(ok bool) {
			r.t.Helper()
			if !ok {
				r.bad("event %d: %s", i, v.Raw)
			}
		}
		switch kind {
		case "response.created":
			expect(i == 0)
			state = "begun"
		case "response.in_progress":
			expect(i == 1)
		case "response.output_item.added":
			expect(int(v.Get("output_index").Int()) == len(items))
			items = append(items, &item{id: v.Get("item.id").Str, kind: v.Get("item.type").Str})
		case "response.content_part.added":
			expect(it.kind == "message" && int(v.Get("content_index").Int()) == len(it.parts))
			for _, p := range it.parts {
				expect(p.told == "done")
			}
			it.parts = append(it.parts, part{told: "open"})
		case "response.output_text.delta":
			expect(p != nil && p.told == "open")
			p.text += literal(v.Get("delta"))
		case "response.output_text.done":
			expect(p.told == "open" && v.Get("text").Str == gjson.Parse(`"`+p.text+`"`).Str)
			p.told = "said"
		case "response.content_part.done":
			expect(p.told == "said" && v.Get("part.text").Str == gjson.Parse(`"`+p.text+`"`).Str)
			p.told = "done"
		case "response.output_item.done":
			it.raw = v.Get("item").Raw
			expect(v.Get("item.id").Str == it.id && v.Get("item.type").Str == it.kind)
			expect(it.kind != "message" || int(v.Get("item.content.#").Int()) == len(it.parts))
			for n, p := range it.parts {
				expect(p.told == "done" && v.Get("item.content").Array()[n].Get("text").Str == gjson.Parse(`"`+p.text+`"`).Str)
				r.text += p.text
			}
			if it.kind == "function_call" {
				r.calls += v.Get("item.name").Str + v.Get("item.arguments").Str
			}
		case "response.reasoning_summary_text.delta":
			expect(it.kind == "reasoning")
			r.reasoning += literal(v.Get("delta"))
		case "response.function_call_arguments.delta", "response.function_call_arguments.done":
			expect(it.kind == "function_call")
		case "response.reasoning_summary_part.added", "response.reasoning_summary_text.done", "response.reasoning_summary_part.done":
			expect(it.kind == "reasoning")
		case "response.completed", "response.incomplete":
			state = "done"
			var all []string
			for _, it := range items {
				expect(it.raw != "")
				all = append(all, it.raw)
			}
			expect(v.Get("response.output").Raw == "["+strings.Join(all, ",")+"]")
			expect("response."+v.Get("response.status").Str == kind)
			r.stop = map[string]string{"response.completed": "end", "response.incomplete": "length"}[kind]
			if r.calls != "" {
				r.stop = "tool"
			}
			r.input, r.output = v.Get("response.usage.input_tokens").Int(), v.Get("response.usage.output_tokens").Int()
		default:
			r.bad("event %d: %s", i, kind)
		}
	}
	if state != "done" {
		r.bad("the stream does not end")
	}
	r.unquote()
}
