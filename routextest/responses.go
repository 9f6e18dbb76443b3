package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// responses writes OpenAI Responses.
type responses struct {
	mint
	flavor
}

func (responses) name() string        { return "openai-responses" }
func (d responses) requestID() string { return chat{d.flavor}.requestID() }

func (responses) describe(c *Call) {
	v := c.view()
	c.Model, c.Stream, c.HasTools = v.Get("model").String(), v.Get("stream").Bool(), v.Get("tools.0").Exists()
	if input := v.Get("input"); input.Type == gjson.String {
		c.LastUserText = input.String()
	} else {
		c.LastUserText = lastUserText(input, "content", "input_text")
		c.Prefill = prefill(input, "assistant", "content")
	}
}

func (d responses) envelope(f failure) []byte { return chat{d.flavor}.envelope(f) }

// reason is the code of a failure in a stream.
func (responses) reason(f failure) string {
	e := gjson.GetBytes(chat{}.envelope(f), "error")
	return text(firstOf(e.Get("code").String(), e.Get("type").String()))
}

func (d responses) errorEvent(f failure) event {
	return event{name: "error", data: `{"type":"error","code":` + d.reason(f) + `,"message":` + text(f.message) + `,"param":` + orNull(f.param) + `}`}
}

// failed is the event that tells a failure as the end of the response.
func (d responses) failed(id string, c *Call, f failure) event {
	const status = `"failed","incomplete_details":null`
	whole := d.response(id, c, status, "[]", "null")
	whole = strings.Replace(whole, `"error":null`, `"error":{"code":`+d.reason(f)+`,"message":`+text(f.message)+`}`, 1)
	return event{name: "response.failed", data: `{"type":"response.failed","response":` + whole + `}`}
}

// frame numbers the event.
func (responses) frame(_ *Call, n int, ev event) string {
	ev.data = `{"sequence_number":` + number(n) + `,` + strings.TrimPrefix(ev.data, "{")
	return sse(ev)
}

func (d responses) models(names []string) []byte { return chat{}.models(names) }

// An outputItem is one item of the output.
type outputItem struct {
	begun  string // as it is told when it begins
	whole  string
	pieces [][]event // between the two
	mixes  bool      // its pieces may stand among those of others
}

// items makes the output.
func (d responses) items(id string, c *Call, a *Answer) (out []outputItem) {
	if a.Reasoning != "" {
		out = append(out, d.reasoning(len(out), "rs_"+id, c, a))
	}
	if a.Text != "" || a.Refusal != "" || a.silent() && a.StopReason != "filter" {
		out = append(out, d.spoken(len(out), "msg_"+id, a))
	}
	for i, t := range a.Tools {
		out = append(out, d.call(len(out), id+"_"+number(i), c, t))
	}
	return out
}

// told gives the item's pieces with what opens and closes it.
func (i outputItem) told(index int) [][]event {
	at := `"output_index":` + number(index) + `,"item":`
	added, done := named("response.output_item.added", at+i.begun), named("response.output_item.done", at+i.whole)
	if len(i.pieces) == 0 {
		return [][]event{{added, done}}
	}
	last := len(i.pieces) - 1
	i.pieces[0] = append([]event{added}, i.pieces[0]...)
	i.pieces[last] = append(i.pieces[last], done)
	return i.pieces
}

func (d responses) whole(id string, c *Call, a *Answer) []byte {
	var items []string
	for _, item := range d.items(id, c, a) {
		items = append(items, item.whole)
	}
	return []byte(d.response(id, c, d.status(a), list(items), d.usage(a)))
}

// status is how the answer ended, with why it is not complete.
func (responses) status(a *Answer) string {
	switch a.StopReason {
	case "length":
		return `"incomplete","incomplete_details":{"reason":"max_output_tokens"}`
	case "filter":
		return `"incomplete","incomplete_details":{"reason":"content_filter"}`
	}
	return `"completed","incomplete_details":null`
}

func (responses) usage(a *Answer) string {
	u := a.Usage
	return `{"input_tokens":` + number(u.prompt()) + `,"input_tokens_details":{"cached_tokens":` + number(u.CacheRead) + `},"output_tokens":` + number(u.Output) +
		`,"output_tokens_details":{"reasoning_tokens":` + number(u.Reasoning) + `},"total_tokens":` + number(u.prompt()+u.Output) + `}`
}

// response writes the response object.
func (responses) response(id string, c *Call, status, output, usage string) string {
	or := c.member
	return `{"id":"resp_` + id + `","object":"response","created_at":` + created(c) + `,"status":` + status + `,"background":false,"error":null,"instructions":` + or("instructions", "null") +
		`,"max_output_tokens":` + or("max_output_tokens", "null") + `,"model":` + text(c.Model) + `,"output":` + output +
		`,"parallel_tool_calls":` + or("parallel_tool_calls", "true") + `,"previous_response_id":` + or("previous_response_id", "null") + `,"reasoning":` + or("reasoning", `{"effort":null,"summary":null}`) +
		`,"store":` + or("store", "true") + `,"temperature":` + or("temperature", "1.0") + `,"text":` + or("text", `{"format":{"type":"text"}}`) +
		`,"tool_choice":` + or("tool_choice", `"auto"`) + `,"tools":` + or("tools", "[]") + `,"top_p":` + or("top_p", "1.0") +
		`,"truncation":"disabled","usage":` + usage + `,"user":null,"metadata":` + or("metadata", "{}") + `}`
}

func (d responses) stream(id string, c *Call, a *Answer) script {
	told := func(name, status, output, usage string) event {
		return event{name: name, data: `{"type":"` + name + `","response":` + d.response(id, c, status, output, usage) + `}`}
	}
	const running = `"in_progress","incomplete_details":null`
	play := script{begin: []event{told("response.created", running, "[]", "null"), told("response.in_progress", running, "[]", "null")}}
	var whole []string
	var calls [][][]event
	for i, item := range d.items(id, c, a) {
		whole = append(whole, item.whole)
		if pieces := item.told(i); item.mixes {
			calls = append(calls, pieces)
		} else {
			play.words = append(play.words, pieces...)
		}
	}
	play.words = append(play.words, inOrder(calls, a.Interleaved)...)
	name := "response.completed"
	if a.StopReason == "length" || a.StopReason == "filter" {
		name = "response.incomplete"
	}
	play.end = told(name, d.status(a), list(whole), d.usage(a))
	return play
}
