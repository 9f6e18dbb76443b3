package chat

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// Names is what the protocol takes as the name of a tool.
var Names = conv.NameRule{Max: 64}

// ReadRequest reads a caller's request, which must be valid JSON. Values of
// the result point into body. What has no place in a conv.Request is reported
// to lose; a field of the wrong type or a missing one is a *conv.FieldError.
func ReadRequest(body []byte, lose conv.Lose) (*conv.Request, error) {
	r := reader{Reader: conv.Reader{Lose: lose}}
	r.req.Names = conv.Names{
		MaxTokens: "max_tokens", Temperature: "temperature", TopP: "top_p", TopK: "top_k", Stop: "stop", User: "user",
		Thinking: "reasoning_effort", Format: "response_format", Choice: "tool_choice", Parallel: "parallel_tool_calls",
		Messages: "messages",
	}
	if err := r.Members(body, r.member); err != nil {
		return nil, err
	}
	return &r.req, r.complete()
}

type reader struct {
	conv.Reader
	req      conv.Request
	maxOld   string            // max_tokens, which max_completion_tokens replaces
	safety   conv.Str          // safety_identifier, which user replaces
	thinking conv.ThinkingMode // said by a switch of its own, which beats an effort
	allowed  []conv.Str        // names of the tools that a choice left over
	legacyID conv.Str          // given to the last function_call of a message
	legacy   int               // how many ids were given
	free     []conv.Part       // see room
}

// complete settles what several fields decide together, and checks that
// nothing is missing which the protocol demands.
func (r *reader) complete() error {
	if r.req.MaxTokens == "" {
		r.req.MaxTokens = r.maxOld
	} else {
		r.req.Names.MaxTokens = "max_completion_tokens"
	}
	if r.thinking != conv.ThinkingUnset {
		r.req.Thinking.Mode = r.thinking
	}
	r.user()
	r.allow()
	switch {
	case r.req.Model == "":
		return &conv.FieldError{Field: "model", Problem: "is required"}
	case len(r.req.Messages) == 0 && len(r.req.System) == 0:
		return &conv.FieldError{Field: "messages", Problem: "at least one message is required"}
	}
	return nil
}

// user lets safety_identifier stand in for user, which it is to replace.
func (r *reader) user() {
	switch {
	case r.safety == "":
	case r.req.User == "":
		r.req.User, r.req.Names.User = r.safety, "safety_identifier"
	case r.safety != r.req.User:
		r.req.Settings = append(r.req.Settings, conv.Setting{
			Key: conv.SafetyIdentifier, Field: "safety_identifier", Value: conv.Raw(r.safety),
			Why: "the field user is carried in its place",
		})
	}
}

func (r *reader) member(root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "model":
		var model conv.Str
		model, err = r.Text(root, c)
		r.req.Model = model.String()
	case "messages":
		err = r.messages(root, c)
	case "tools":
		err = r.tools(root, c)
	case "tool_choice":
		err = r.choice(root, c)
	case "functions":
		err = r.functions(root, c)
	case "function_call":
		err = r.functionChoice(root, c)
	case "stop":
		err = r.stops(root, c)
	case "stream_options":
		err = r.streamOptions(root, c)
	case "response_format":
		err = r.format(root, c)
	case "n":
		if c.Value.Float() != 1 {
			p := root.Field("n")
			err = p.Fail("only one answer can be had from this channel")
		}
	default:
		return r.scalar(root, c)
	}
	return err
}

func (r *reader) scalar(root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "stream":
		r.req.Stream, err = r.Bool(root, c)
	case "max_completion_tokens":
		r.req.MaxTokens, err = r.Integer(root, c)
	case "max_tokens":
		r.maxOld, err = r.Integer(root, c)
	case "temperature":
		r.req.Temperature, err = r.Number(root, c)
	case "top_p":
		r.req.TopP, err = r.Number(root, c)
	case "top_k":
		r.req.TopK, err = r.Integer(root, c)
	case "user":
		r.req.User, err = r.Text(root, c)
	case "safety_identifier":
		r.safety, err = r.Text(root, c)
	case "parallel_tool_calls":
		var parallel bool
		parallel, err = r.Bool(root, c)
		r.req.NoParallel = !parallel
	case "reasoning_effort", "reasoning", "thinking", "include_reasoning", "enable_thinking", "thinking_budget":
		r.req.Names.Thinking = strings.Clone(c.Key) // reports outlive the body
		err = r.reasoning(root, c)
	default:
		err = r.setting(root, c)
	}
	return err
}

// stops reads a string or an array of them.
func (r *reader) stops(root *conv.Path, c *conv.Cursor) error {
	r.req.Stop = r.req.Stop[:0]
	if c.Value.IsString() {
		r.req.Stop = append(r.req.Stop, c.Value.Str())
		return nil
	}
	at := root.Field(c.Key)
	list, err := r.Array(root, c)
	if err != nil {
		return at.Fail("must be a string or an array of strings")
	}
	for e := r.Walk(list); e.Next(); {
		stop, err := r.Text(&at, &e)
		if err != nil {
			return err
		}
		r.req.Stop = append(r.req.Stop, stop)
	}
	return nil
}

func (r *reader) streamOptions(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for m := r.Walk(object); m.Next() && err == nil; {
		switch m.Key {
		case "include_usage":
			r.req.IncludeUsage, err = r.Bool(&at, &m)
		case "include_obfuscation":
			// Padding against the reading of lengths: no answer differs by it.
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}
