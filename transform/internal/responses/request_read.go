package responses

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
		MaxTokens: "max_output_tokens", Temperature: "temperature", TopP: "top_p", TopK: "top_k", Stop: "stop", User: "user",
		Thinking: "reasoning", Format: "text.format", Choice: "tool_choice", Parallel: "parallel_tool_calls", Messages: "input",
	}
	if err := r.Members(body, r.member); err != nil {
		return nil, err
	}
	return &r.req, r.complete()
}

type reader struct {
	conv.Reader
	req          conv.Request
	instructions []conv.Part
	safety       conv.Str       // safety_identifier
	allowed      []conv.Str     // names of the tools that may be called, if not all
	limited      bool           // allowed counts
	more         bool           // tools came in the input, perhaps not for the first time
	told         map[string]int // places of the tools in namespaces and in the input
}

// complete settles what several fields decide together, and checks that
// nothing is missing which the protocol demands.
func (r *reader) complete() error {
	r.req.System = append(r.instructions, r.req.System...)
	switch {
	case r.safety == "":
	case r.req.User == "":
		r.req.User = r.safety
	case !r.safety.Same(r.req.User):
		r.req.Settings = append(r.req.Settings, conv.Setting{
			Key: conv.SafetyIdentifier, Field: "safety_identifier", Value: conv.Raw(r.safety),
			Why: "the field user is carried in its place",
		})
	}
	if r.limited {
		r.limitTools()
	}
	switch {
	case r.req.Model == "":
		return &conv.FieldError{Field: "model", Problem: "is required"}
	case len(r.req.Messages) == 0 && len(r.req.System) == 0:
		return &conv.FieldError{Field: "input", Problem: "at least one item is required"}
	}
	return nil
}

func (r *reader) member(root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "model":
		var model conv.Str
		model, err = r.Text(root, c)
		r.req.Model = model.String()
	case "input":
		err = r.input(root, c)
	case "instructions":
		r.instructions, err = r.content(root, c)
	case "tools":
		err = r.tools(root, c)
	case "tool_choice":
		err = r.choice(root, c)
	case "text":
		err = r.text(root, c)
	case "reasoning":
		err = r.thinking(root, c)
	case "include":
		err = r.include(root, c)
	case "stream_options":
		err = r.streamOptions(root, c)
	case "conversation", "previous_response_id", "prompt":
		if !c.Value.IsEmpty() {
			p := root.Field(c.Key)
			err = p.Fail("refers to what is stored at another provider: send the whole conversation in input")
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
	case "max_output_tokens":
		r.req.MaxTokens, err = r.Integer(root, c)
	case "temperature":
		r.req.Temperature, err = r.Number(root, c)
	case "top_p":
		r.req.TopP, err = r.Number(root, c)
	case "user":
		r.req.User, err = r.Text(root, c)
	case "safety_identifier":
		r.safety, err = r.Text(root, c)
	case "parallel_tool_calls":
		var parallel bool
		parallel, err = r.Bool(root, c)
		r.req.NoParallel = !parallel
	default:
		r.rare(root, c)
	}
	return err
}

// rare reads a field that only some protocols have, or none but this one.
func (r *reader) rare(root *conv.Path, c *conv.Cursor) {
	for i := range rareFields {
		f := &rareFields[i]
		switch {
		case f.name != c.Key:
		case f.usual(c.Value):
			return
		case f.carried:
			r.req.Settings = append(r.req.Settings, conv.Setting{Key: f.name, Field: f.name, Value: c.Value, Why: f.why})
			return
		default:
			r.Drop(root, c, f.why)
			return
		}
	}
	r.Drop(root, c, "unknown field")
}

// rareFields says of fields why they are lost, whether some other protocol
// has them, and which of their values ask for nothing.
var rareFields = [...]struct {
	name, why string
	usual     func(conv.Raw) bool
	carried   bool
}{
	{"background", "the answer is given at once", isFalse, false},
	{"context_management", "the other protocol does not manage the context", isEmpty, false},
	{"max_tool_calls", conv.WhyServer, never, false},
	{conv.Metadata, "metadata is not carried between providers", isEmpty, true},
	{"moderation", "the other protocol does not moderate on request", isEmpty, false},
	{conv.PromptCacheKey, "prompt caches belong to one provider", never, true},
	{"prompt_cache_options", "prompt caches belong to one provider", isEmpty, false},
	{conv.CacheRetention, "prompt caches belong to one provider", never, true},
	{conv.ServiceTier, "service tiers belong to one provider", isUsualTier, true},
	{conv.Store, "the other protocol keeps no answers to refer to", isFalse, false},
	{conv.TopLogProbs, whyLogProbs, isZero, false},
	{"truncation", "the other protocol does not shorten conversations", isDisabled, false},
}

const whyLogProbs = "log probabilities are not translated"

func never(conv.Raw) bool         { return false }
func isEmpty(v conv.Raw) bool     { return v.IsEmpty() }
func isFalse(v conv.Raw) bool     { return v == "false" }
func isZero(v conv.Raw) bool      { return v.IsNumber() && v.Float() == 0 }
func isDisabled(v conv.Raw) bool  { return v == `"disabled"` }
func isUsualTier(v conv.Raw) bool { return v == `"auto"` || v == `"default"` }
