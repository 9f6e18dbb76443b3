package chat

import (
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
		MaxTokens: "max_tokens", TopP: "top_p", TopK: "top_k", Stop: "stop", User: "user",
		Thinking: "reasoning_effort", Format: "response_format", Choice: "tool_choice", Parallel: "parallel_tool_calls",
	}
	root := conv.Path{}
	whole := conv.Body(conv.View(body))
	if !whole.IsObject() {
		return nil, root.Fail("must be a JSON object")
	}
	for c := whole.Walk(); c.Next(); {
		if err := r.member(&root, &c); err != nil {
			return nil, err
		}
	}
	return &r.req, r.complete()
}

type reader struct {
	conv.Reader
	req      conv.Request
	maxOld   string   // max_tokens, which max_completion_tokens replaces
	safety   conv.Str // safety_identifier, which user replaces
	legacyID conv.Str // given to the last function_call of a message
	legacy   int      // how many ids were given
}

// complete settles what several fields decide together, and checks that
// nothing is missing which the protocol demands.
func (r *reader) complete() error {
	if r.req.MaxTokens == "" {
		r.req.MaxTokens = r.maxOld
	}
	switch {
	case r.safety == "":
	case r.req.User == "":
		r.req.User = r.safety
	case r.safety != r.req.User:
		r.Lose("safety_identifier", "the field user is carried in its place")
	}
	switch {
	case r.req.Model == "":
		return &conv.FieldError{Field: "model", Problem: "is required"}
	case len(r.req.Messages) == 0 && len(r.req.System) == 0:
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
	case "n":
		if c.Value.Float() != 1 {
			p := root.Field("n")
			err = p.Fail("only one answer can be had from this channel")
		}
	default:
		return r.setting(root, c)
	}
	return err
}

func (r *reader) setting(root *conv.Path, c *conv.Cursor) (err error) {
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
	default:
		r.unplaced(root, c)
	}
	return err
}

// unplaced reports a field that has no place, unless it asks for what is
// done anyhow.
func (r *reader) unplaced(root *conv.Path, c *conv.Cursor) {
	for _, f := range unplacedFields {
		if f.name != c.Key {
			continue
		}
		if !f.usual(c.Value) {
			r.Drop(root, c, f.why)
		}
		return
	}
	r.Drop(root, c, "unknown field")
}

// An unplacedField is one that no other protocol can carry. Its usual values
// ask for nothing.
type unplacedField struct {
	name, why string
	usual     func(conv.Raw) bool
}

func never(conv.Raw) bool        { return false }
func isEmpty(v conv.Raw) bool    { return v.IsEmpty() }
func isFalse(v conv.Raw) bool    { return v == "false" }
func isZero(v conv.Raw) bool     { return v.IsNumber() && v.Float() == 0 }
func isOne(v conv.Raw) bool      { return v.IsNumber() && v.Float() == 1 }
func isMedium(v conv.Raw) bool   { return v == `"medium"` }
func isPlain(v conv.Raw) bool    { return v.Get("type") == `"text"` }
func isTextOnly(v conv.Raw) bool { c := v.Walk(); return !c.Next() || c.Value == `"text"` && !c.Next() }

func isUsualTier(v conv.Raw) bool {
	return v == `"auto"` || v == `"default"`
}

var unplacedFields = [...]unplacedField{
	{"audio", "audio output is not translated", never},
	{"frequency_penalty", "the other protocol has no penalties", isZero},
	{"logit_bias", "the other protocol has no token biases", isEmpty},
	{"logprobs", "the other protocol gives no log probabilities", isFalse},
	{"metadata", "metadata is not carried between providers", isEmpty},
	{"modalities", "only text is translated", isTextOnly},
	{"prediction", "the other protocol has no predicted outputs", never},
	{"presence_penalty", "the other protocol has no penalties", isZero},
	{"prompt_cache_key", "prompt caches belong to one provider", never},
	{"prompt_cache_retention", "prompt caches belong to one provider", never},
	{"reasoning_effort", "reasoning settings are not translated", never},
	{"repetition_penalty", "the other protocol has no penalties", isOne},
	{"response_format", "structured output is not translated", isPlain},
	{"seed", "the other protocol has no seed", never},
	{"service_tier", "service tiers belong to one provider", isUsualTier},
	{"store", "answers are not stored by the other protocol", isFalse},
	{"top_logprobs", "the other protocol gives no log probabilities", isZero},
	{"verbosity", "the other protocol has no verbosity", isMedium},
	{"web_search_options", "server tools run at their own provider only", never},
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
	for e := list.Walk(); e.Next(); {
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
	for m := object.Walk(); m.Next() && err == nil; {
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
