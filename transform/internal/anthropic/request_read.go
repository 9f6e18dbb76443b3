package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// Names is what the protocol takes as the name of a tool.
var Names = conv.NameRule{Max: 128}

const whyNoField = "the other protocol has no such field"

// ReadRequest reads a caller's request, which must be valid JSON. Values of
// the result point into body. What has no place in a conv.Request is reported
// to lose; a field of the wrong type or a missing one is a *conv.FieldError.
func ReadRequest(body []byte, lose conv.Lose) (*conv.Request, error) {
	r := reader{Reader: conv.Reader{Lose: lose}}
	r.req.Names = conv.Names{
		MaxTokens: "max_tokens", Temperature: "temperature", TopP: "top_p", TopK: "top_k", Stop: "stop_sequences", User: "metadata.user_id",
		Thinking: "thinking", Format: "output_config.format", Choice: "tool_choice", Parallel: "tool_choice.disable_parallel_tool_use",
		Messages: "messages",
	}
	if err := r.Members(body, r.member); err != nil {
		return nil, err
	}
	r.effortAlone()
	return &r.req, r.complete()
}

type reader struct {
	conv.Reader
	req    conv.Request
	levels levels
}

// complete checks that nothing is missing which the protocol demands.
func (r *reader) complete() error {
	switch {
	case r.req.Model == "":
		return &conv.FieldError{Field: "model", Problem: "is required"}
	case r.req.MaxTokens == "":
		return &conv.FieldError{Field: "max_tokens", Problem: "is required"}
	case len(r.req.Messages) == 0:
		return &conv.FieldError{Field: "messages", Problem: "at least one message is required"}
	}
	return nil
}

func (r *reader) member(root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "model":
		var model conv.Str
		model, err = r.Text(root, c)
		r.req.Model = model.String()
	case "messages":
		err = r.messages(root, c)
	case "system":
		err = r.system(root, c)
	case "tools":
		err = r.tools(root, c)
	case "tool_choice":
		err = r.choice(root, c)
	case "stop_sequences":
		err = r.stops(root, c)
	case "metadata":
		err = r.metadata(root, c)
	case "stream":
		r.req.Stream, err = r.Bool(root, c)
	case "thinking":
		err = r.thinking(root, c)
	case "output_config":
		err = r.outputConfig(root, c)
	case "output_format":
		r.req.Names.Format = "output_format"
		err = r.format(root, c)
	default:
		return r.setting(root, c)
	}
	return err
}

// setting reads the numbers, and drops what the model has no place for.
func (r *reader) setting(root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "max_tokens":
		r.req.MaxTokens, err = r.Integer(root, c)
	case "temperature":
		r.req.Temperature, err = r.Number(root, c)
	case "top_p":
		r.req.TopP, err = r.Number(root, c)
	case "top_k":
		r.req.TopK, err = r.Integer(root, c)
	case "service_tier":
		if c.Value != `"auto"` {
			r.Drop(root, c, "service tiers belong to one provider")
		}
	case "speed":
		if c.Value != `"standard"` {
			r.Drop(root, c, "speeds belong to one provider")
		}
	case "cache_control":
		r.Drop(root, c, conv.WhyCache)
	case "mcp_servers", "container", "context_management":
		if !c.Value.IsEmpty() {
			r.Drop(root, c, "the other protocol has no such server feature")
		}
	default:
		if !c.Value.IsEmpty() {
			r.Drop(root, c, "unknown field")
		}
	}
	return err
}

func (r *reader) system(root *conv.Path, c *conv.Cursor) error {
	if c.Value.IsString() {
		r.req.System = appendText(nil, c.Value.Str())
		return nil
	}
	l := r.levels.down(root.Field(c.Key))
	list, err := r.Array(root, c)
	if err != nil {
		return l.at.Fail("must be a string or an array of text blocks")
	}
	for e := r.Walk(list); e.Next(); {
		l.place = l.at.At(e.Index)
		before := len(l.parts)
		if l.parts, err = r.block(&l.place, e.Value, l.parts); err != nil {
			return err
		}
		for _, p := range l.parts[before:] {
			if p.Kind != conv.Text {
				return l.place.Fail("must be a text block")
			}
		}
	}
	r.req.System = r.levels.up(l)
	return nil
}

func (r *reader) stops(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	r.req.Stop = r.req.Stop[:0]
	for e := r.Walk(list); e.Next(); {
		stop, err := r.Text(&at, &e)
		if err != nil {
			return err
		}
		r.req.Stop = append(r.req.Stop, stop)
	}
	return nil
}

func (r *reader) metadata(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	for m := r.Walk(object); m.Next(); {
		if m.Key != "user_id" {
			r.Drop(&at, &m, "metadata is not carried between providers")
			continue
		}
		if r.req.User, err = r.Text(&at, &m); err != nil {
			return err
		}
	}
	return nil
}
