package routextest

import "strings"

// reasoning makes the item of the reasoning. The summary is told to those who
// ask for it, the encrypted content to those who include it.
func (d responses) reasoning(index int, id string, c *Call, a *Answer) outputItem {
	v := c.view()
	encrypted := ""
	if strings.Contains(v.Get("include").Raw, "reasoning.encrypted_content") {
		encrypted = `,"encrypted_content":"` + d.coin(id) + `"`
	}
	head := `{"id":"` + id + `","type":"reasoning","summary":`
	item := outputItem{begun: head + `[]` + encrypted + `}`, whole: head + `[]` + encrypted + `}`}
	if a.Hidden || !given(v.Get("reasoning.summary")) {
		return item
	}
	at := `"item_id":"` + id + `","output_index":` + number(index) + `,"summary_index":0,`
	part := func(s string) string { return `{"type":"summary_text","text":` + text(s) + `}` }
	item.whole = head + `[` + part(a.Reasoning) + `]` + encrypted + `}`
	item.pieces = piecewise(
		[]event{named("response.reasoning_summary_part.added", at+`"part":`+part(""))},
		deltas("response.reasoning_summary_text.delta", at, words(a.Reasoning), ""),
		[]event{
			named("response.reasoning_summary_text.done", at+`"text":`+text(a.Reasoning)),
			named("response.reasoning_summary_part.done", at+`"part":`+part(a.Reasoning)),
		})
	return item
}

// named makes an event whose type is its name.
func named(name, fields string) event {
	return event{name: name, data: `{"type":"` + name + `",` + fields + `}`}
}

// deltas makes an event of each piece.
func deltas(name, at string, pieces []string, more string) (out []event) {
	for _, piece := range pieces {
		out = append(out, named(name, at+`"delta":`+text(piece)+more))
	}
	return out
}

// spoken makes the item of the text and of the refusal.
func (responses) spoken(index int, id string, a *Answer) outputItem {
	head := `{"id":"` + id + `","type":"message","role":"assistant","status":`
	item := outputItem{begun: head + `"in_progress","content":[]}`}
	var parts []string
	say := func(kind, member, extra, whole string, pieces []string) {
		at := `"item_id":"` + id + `","output_index":` + number(index) + `,"content_index":` + number(len(parts)) + `,`
		part := func(s string) string { return `{"type":"` + kind + `","` + member + `":` + text(s) + extra + `}` }
		more := ""
		if kind == "output_text" {
			more = `,"logprobs":[]`
		}
		item.pieces = append(item.pieces, piecewise(
			[]event{named("response.content_part.added", at+`"part":`+part(""))},
			deltas("response."+kind+".delta", at, pieces, more),
			[]event{
				named("response."+kind+".done", at+`"`+member+`":`+text(whole)+more),
				named("response.content_part.done", at+`"part":`+part(whole)),
			})...)
		parts = append(parts, part(whole))
	}
	if a.Text != "" || a.Refusal == "" {
		say("output_text", "text", `,"annotations":[],"logprobs":[]`, a.Text, a.Chunks)
	}
	if a.Refusal != "" {
		say("refusal", "refusal", "", a.Refusal, words(a.Refusal))
	}
	status := `"completed"`
	if a.StopReason == "length" || a.StopReason == "filter" {
		status = `"incomplete"`
	}
	item.whole = head + status + `,"content":` + list(parts) + `}`
	return item
}

// call makes the item of a tool call: of a function, or of a custom tool, whose
// input is text.
func (responses) call(index int, id string, c *Call, t ToolCall) outputItem {
	kind, member, input := "function_call", "arguments", arguments(t)
	id = "fc_" + id
	if c.view().Get(`tools.#(type=="custom")#|#(name==` + text(t.Name) + `)`).Exists() {
		kind, member, input = "custom_tool_call", "input", t.Arguments
		id = "ct" + strings.TrimPrefix(id, "f")
	}
	written := func(status, input string) string {
		return `{"id":"` + id + `","type":"` + kind + `","status":"` + status + `","` + member + `":` + text(input) + `,"call_id":` + text(t.ID) + `,"name":` + text(t.Name) + `}`
	}
	at := `"item_id":"` + id + `","output_index":` + number(index) + `,`
	stem := "response." + kind + "_" + member
	return outputItem{
		begun: written("in_progress", ""), whole: written("completed", input), mixes: true,
		pieces: piecewise(nil, deltas(stem+".delta", at, pieces(input), ""), []event{named(stem+".done", at+`"`+member+`":`+text(input))}),
	}
}
