package main

import (
	"cmp"
	"strings"

	"github.com/tidwall/gjson"
)

// A reader puts the events of one protocol's stream together, and notes what
// breaks the protocol.
type reader interface {
	event(name string, data gjson.Result, o *outcome)
}

// stopped translates why a model stopped.
func stopped(reason string) string {
	switch reason {
	case "end_turn", "stop", "completed", "STOP":
		return "stop"
	case "refusal", "content_filter", "SAFETY", "PROHIBITED_CONTENT":
		return "filter"
	}
	return reason
}

// usage notes the tokens that are told; later ones supersede.
func (o *outcome) usage(input, output gjson.Result) {
	if input.Exists() {
		o.Input = int(input.Int())
	}
	if output.Exists() {
		o.Output = int(output.Int())
	}
}

type anthropicReader struct {
	begun, told bool
	blocks      int
	open        int // the block that is; -1 for none
}

func (r *anthropicReader) event(name string, data gjson.Result, o *outcome) {
	kind := data.Get("type").String()
	index := int(data.Get("index").Int())
	switch {
	case name != kind:
		o.flaw("event " + name + " of the type " + kind)
	case o.Ended:
		o.flaw(kind + " after message_stop")
	case r.begun == (kind == "message_start") && kind != "error" && kind != "ping":
		o.flaw(kind + " is out of place")
	}
	switch kind {
	case "message_start":
		r.begun = true
		o.Model = data.Get("message.model").String()
		o.usage(data.Get("message.usage.input_tokens"), data.Get("message.usage.output_tokens"))
	case "content_block_start":
		if r.open >= 0 || index != r.blocks {
			o.flaw("a block begins out of order")
		}
		r.open, r.blocks = index, r.blocks+1
	case "content_block_delta":
		if index != r.open {
			o.flaw("a delta of a block that is not open")
		}
		o.Text += data.Get("delta.text").String()
	case "content_block_stop":
		if index != r.open {
			o.flaw("the end of a block that is not open")
		}
		r.open = -1
	case "message_delta":
		if r.open >= 0 || r.told {
			o.flaw("message_delta is out of place")
		}
		r.told = true
		o.Stop = stopped(data.Get("delta.stop_reason").String())
		o.usage(data.Get("usage.input_tokens"), data.Get("usage.output_tokens"))
	case "message_stop":
		if !r.told {
			o.flaw("message_stop without message_delta")
		}
		o.Ended = true
	case "error":
		o.Error = cmp.Or(data.Get("error.message").String(), data.Raw)
	case "ping":
	default:
		o.flaw("unknown event " + kind)
	}
}

type chatReader struct{ id string }

func (r *chatReader) event(name string, data gjson.Result, o *outcome) {
	if name != "" {
		o.flaw("an event with the name " + name)
	}
	if o.Ended {
		o.flaw("something after [DONE]")
	}
	if data.Raw == "[DONE]" {
		if o.Stop == "" {
			o.flaw("[DONE] without finish_reason")
		}
		o.Ended = true
		return
	}
	if e := data.Get("error"); e.Exists() {
		o.Error = cmp.Or(e.Get("message").String(), data.Raw)
		return
	}
	id := data.Get("id").String()
	if r.id != "" && id != r.id {
		o.flaw("the id changes from " + r.id + " to " + id)
	}
	r.id = id
	o.Model = cmp.Or(o.Model, data.Get("model").String())
	if text := data.Get("choices.0.delta.content").String(); text != "" {
		if o.Stop != "" {
			o.flaw("text after the finish_reason")
		}
		o.Text += text
	}
	o.Stop = cmp.Or(stopped(data.Get("choices.0.finish_reason").String()), o.Stop)
	o.usage(data.Get("usage.prompt_tokens"), data.Get("usage.completion_tokens"))
}

type responsesReader struct {
	events int
	open   int // items
	id     string
}

func (r *responsesReader) event(name string, data gjson.Result, o *outcome) {
	kind := data.Get("type").String()
	if name != kind {
		o.flaw("event " + name + " of the type " + kind)
	}
	if o.Ended {
		o.flaw(kind + " after the end")
	}
	if n := data.Get("sequence_number"); !n.Exists() || int(n.Int()) != r.events {
		o.flaw("the sequence number of " + kind + " is " + n.Raw)
	}
	r.events++
	if id := data.Get("response.id").String(); id != "" {
		if r.id != "" && id != r.id {
			o.flaw("the id changes from " + r.id + " to " + id)
		}
		r.id = id
	}
	switch kind {
	case "response.created":
		o.Model = data.Get("response.model").String()
	case "response.output_item.added":
		r.open++
	case "response.output_item.done":
		r.open--
	case "response.output_text.delta":
		o.Text += data.Get("delta").String()
	case "response.output_text.done":
		if data.Get("text").String() != o.Text {
			o.flaw("response.output_text.done has another text than the deltas")
		}
	case "response.completed", "response.incomplete":
		r.over(data.Get("response"), o)
	case "response.failed":
		o.Error = cmp.Or(data.Get("response.error.message").String(), data.Raw)
	case "error":
		o.Error = cmp.Or(data.Get("message").String(), data.Raw)
	}
}

// over reads the response that the last event repeats.
func (r *responsesReader) over(response gjson.Result, o *outcome) {
	o.Ended = true
	o.Stop = stopped(cmp.Or(response.Get("incomplete_details.reason").String(), response.Get("status").String()))
	o.usage(response.Get("usage.input_tokens"), response.Get("usage.output_tokens"))
	var text strings.Builder
	for _, part := range response.Get(`output.#(type=="message")#.content.0.text`).Array() {
		text.WriteString(part.String())
	}
	if text.String() != o.Text {
		o.flaw("the response at the end has another text than the deltas")
	}
	if r.open != 0 {
		o.flaw("the response ends with an open item")
	}
}

type geminiReader struct{}

func (geminiReader) event(name string, data gjson.Result, o *outcome) {
	if name != "" {
		o.flaw("an event with the name " + name)
	}
	if e := data.Get("error"); e.Exists() {
		o.Error = cmp.Or(e.Get("message").String(), data.Raw)
		return
	}
	if o.Ended {
		o.flaw("something after the finishReason")
	}
	for _, part := range data.Get("candidates.0.content.parts").Array() {
		o.Text += part.Get("text").String()
	}
	o.Model = cmp.Or(o.Model, data.Get("modelVersion").String())
	if reason := cmp.Or(data.Get("candidates.0.finishReason").String(), data.Get("promptFeedback.blockReason").String()); reason != "" {
		o.Stop, o.Ended = stopped(reason), true
	}
	o.usage(data.Get("usageMetadata.promptTokenCount"), data.Get("usageMetadata.candidatesTokenCount"))
}
