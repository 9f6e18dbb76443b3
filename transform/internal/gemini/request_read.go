package gemini

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// Names is what the protocol takes as the name of a function.
var Names = conv.NameRule{Max: 64, Extra: ".", Letter: true}

// ReadRequest reads a caller's request, which must be valid JSON. Values of
// the result point into body. What has no place in a conv.Request is reported
// to lose; a field of the wrong type or a missing one is a *conv.FieldError.
func ReadRequest(body []byte, lose conv.Lose) (*conv.Request, error) {
	r := reader{Reader: conv.Reader{Lose: lose}}
	r.req.Names = conv.Names{
		MaxTokens: "generationConfig.maxOutputTokens", Temperature: "generationConfig.temperature",
		TopP: "generationConfig.topP", TopK: "generationConfig.topK", Stop: "generationConfig.stopSequences",
		User: "labels", Thinking: "generationConfig.thinkingConfig", Format: "generationConfig.responseSchema",
		Choice: "toolConfig.functionCallingConfig", Parallel: "toolConfig.functionCallingConfig", Messages: "contents",
	}
	r.readPart = r.part
	if err := r.Members(body, r.member); err != nil {
		return nil, err
	}
	return &r.req, r.complete()
}

type reader struct {
	conv.Reader
	req      conv.Request
	calls    calls
	allowed  []conv.Str                            // names of the only functions that may be called
	into     *conv.Message                         // whose parts are being read
	readPart func(*conv.Path, int, conv.Raw) error // part, made once
}

// complete settles what several fields decide together, and checks that
// nothing is missing which the protocol demands.
func (r *reader) complete() error {
	if len(r.req.Messages) == 0 {
		return &conv.FieldError{Field: "contents", Problem: "at least one content is required"}
	}
	for i := range r.req.Messages {
		if m := &r.req.Messages[i]; m.Role == conv.Assistant {
			m.Parts = join(m.Parts)
		}
	}
	r.allow()
	return nil
}

// allow leaves only the tools that may be called: the others have nothing to
// do with this answer, and not every protocol can name several of them.
func (r *reader) allow() {
	if len(r.allowed) == 0 || r.req.Choice.Mode == conv.ChoiceNone {
		return
	}
	if len(r.allowed) == 1 && r.req.Choice.Mode == conv.ChoiceAny {
		r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceTool, Name: r.allowed[0]}
		return
	}
	r.req.Only(r.allowed)
}

func (r *reader) member(root *conv.Path, c *conv.Cursor) error {
	switch camel(c.Key) {
	case "contents":
		return r.contents(root, c)
	case "systemInstruction":
		return r.system(root, c)
	case "tools":
		return r.tools(root, c)
	case "toolConfig":
		return r.toolConfig(root, c)
	case "generationConfig":
		return r.config(root, c)
	case "cachedContent":
		if c.Value.IsEmpty() {
			return nil
		}
		p := root.Field(c.Key)
		return p.Fail("the cache is kept by Google, and this channel is another provider's")
	}
	r.unplaced(root, c)
	return nil
}

// unplaced reports a field that no other protocol has, unless it asks for
// what is done anyhow.
func (r *reader) unplaced(root *conv.Path, c *conv.Cursor) {
	switch camel(c.Key) {
	case "model":
		// The path names the model.
	case "safetySettings":
		if filters(c.Value) {
			r.Drop(root, c, "the other protocol has no safety settings")
		}
	case "labels":
		if !c.Value.IsEmpty() {
			r.Drop(root, c, "labels belong to one provider")
		}
	case "serviceTier":
		if c.Value != `"unspecified"` && c.Value != `"standard"` {
			r.Drop(root, c, "service tiers belong to one provider")
		}
	case "store":
		if c.Value != "false" {
			r.Drop(root, c, "answers are not stored by the other protocol")
		}
	default:
		r.Drop(root, c, "unknown field")
	}
}

// filters reports that some setting asks for answers to be blocked.
func filters(settings conv.Raw) bool {
	for c := settings.Walk(); c.Next(); {
		switch get(c.Value, "threshold") {
		case `"BLOCK_NONE"`, `"OFF"`, `"HARM_BLOCK_THRESHOLD_UNSPECIFIED"`:
		default:
			return true
		}
	}
	return false
}

// elements hands every element of a list to read. The API takes an object in
// place of a list of one, and its documentation shows requests like that.
func (r *reader) elements(up *conv.Path, c *conv.Cursor, read func(*conv.Path, int, conv.Raw) error) error {
	at := up.Field(c.Key)
	if c.Value.IsObject() {
		return read(&at, 0, c.Value)
	}
	list, err := r.Array(up, c)
	var place conv.Path
	for e := r.Walk(list); e.Next() && err == nil; {
		place = at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		err = read(&place, e.Index, e.Value)
	}
	return err
}
