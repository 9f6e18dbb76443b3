package gemini

import (
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// ReadResponse reads a whole answer, which may be the list of a stream's
// chunks. A body that is no answer of this protocol is a *conv.FieldError.
func ReadResponse(body []byte) (*conv.Response, error) {
	root := conv.Path{}
	text := conv.View(body)
	if !gjson.Valid(text) {
		return nil, root.Fail("is not valid JSON")
	}
	var a answer
	d := NewDecoder()
	d.value(body, conv.Body(text), a.event)
	switch {
	case a.err != nil:
		return nil, a.err
	case !d.started:
		p := root.Field("candidates")
		return nil, p.Fail("must be an array of candidates")
	}
	if a.Stop == conv.StopNone {
		a.Stop = readStop(`"STOP"`, d.calls > 0)
	}
	a.Parts = join(a.Parts)
	return &a.Response, nil
}

// An answer collects what a Decoder tells: a whole answer is a stream of one
// chunk.
type answer struct {
	conv.Response
	err *conv.Error
}

func (a *answer) event(ev *conv.Event) {
	if ev.HasUsage {
		a.Usage, a.HasUsage = ev.Usage, true
	}
	switch ev.Kind {
	case conv.Start:
		a.ID, a.Model = ev.ID, ev.Model
	case conv.TextDelta:
		a.add(conv.Part{Kind: conv.Text, Text: ev.Text})
	case conv.ReasoningDelta:
		a.add(conv.Part{Kind: conv.Reasoning, Text: ev.Text})
	case conv.ReasoningState:
		a.add(conv.Part{Kind: conv.Reasoning, State: ev.State})
	case conv.ToolStart:
		a.add(conv.Part{Kind: conv.ToolCall, ID: ev.ID, Name: ev.Name, State: ev.State, Args: "{}"})
	case conv.ToolDelta:
		a.Parts[len(a.Parts)-1].Args = ev.Text.String()
	case conv.Finish:
		a.Stop = ev.Stop
	case conv.Lost:
		a.Lost = append(a.Lost, ev.Text)
	case conv.Failed:
		a.err = ev.Err
	}
}

func (a *answer) add(p conv.Part) { a.Parts = append(a.Parts, p) }

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	dst = append(dst, `{"candidates":[{"content":{"parts":[`...)
	for i := range r.Parts {
		dst = append(appendPart(dst, &r.Parts[i], &r.Options), ',')
	}
	if len(r.Parts) == 0 {
		dst = append(dst, `{"text":""},`...)
	}
	dst = append(closeList(dst, ']'), `,"role":"model"},"finishReason":`...)
	dst = append(append(dst, finishReason(r.Stop)...), `,"index":0}]`...)
	if r.HasUsage {
		dst = appendUsage(append(dst, `,"usageMetadata":`...), &r.Usage)
	}
	return append(appendTail(dst, r.ID, r.Model, r.Options.Model), '}')
}

// appendTail writes the members that name the answer.
func appendTail(dst []byte, id, model conv.Str, asked string) []byte {
	if model.Empty() {
		model = conv.Quote(asked)
	}
	dst = append(append(dst, `,"modelVersion":`...), model...)
	return conv.AppendID(append(dst, `,"responseId":`...), "", id)
}

func appendPart(dst []byte, p *conv.Part, o *conv.EncoderOptions) []byte {
	switch p.Kind {
	case conv.ToolCall:
		return appendCall(dst, conv.WithState(p.ID, &p.State, o.Provider), p.Name, p.Args, ownSignature)
	case conv.Reasoning:
		return appendThought(dst, p.Text, &p.State, o)
	}
	return appendText(dst, p.Text)
}

func appendText(dst []byte, text conv.Str) []byte {
	return append(appendStr(append(dst, `{"text":`...), text), '}')
}

func appendStr(dst []byte, s conv.Str) []byte {
	if s == "" {
		s = `""`
	}
	return append(dst, s...)
}

// appendThought writes a part of reasoning with the token of its state.
func appendThought(dst []byte, text conv.Str, state *conv.State, o *conv.EncoderOptions) []byte {
	dst = appendStr(append(dst, `{"text":`...), text)
	dst = append(dst, `,"thought":true`...)
	if state.Kind != conv.NoState {
		dst = append(append(dst, `,"thoughtSignature":`...), o.Token(state)...)
	}
	return append(dst, '}')
}

// ownSignature is noSignature as bytes, which clients take for a signature and
// send back: the calls of other models then pass when the conversation comes
// to one of Google's.
const ownSignature = `"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="`

// appendCall writes a whole call: the protocol has no pieces of calls that
// every client reads.
func appendCall(dst []byte, id, name conv.Str, args string, signature conv.Str) []byte {
	dst = append(dst, `{"functionCall":{`...)
	if !id.Empty() {
		dst = append(append(append(dst, `"id":`...), id...), ',')
	}
	dst = append(appendStr(append(dst, `"name":`...), name), `,"args":`...)
	if args == "" {
		args = "{}"
	}
	dst = append(append(dst, args...), `},"thoughtSignature":`...)
	return append(append(dst, signature...), '}')
}
