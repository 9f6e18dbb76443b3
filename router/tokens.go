package router

import (
	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/internal/tokens"
)

// What is counted besides text, in tokens.
const (
	promptTokens  = 3  // of a call: the beginning of the answer
	messageTokens = 3  // of a message: its role and its ends
	toolUseTokens = 10 // of a tool call, and of its result: the form around it
	idTokens      = 8  // of an id that links the two
	toolsTokens   = 50 // of the fact that there are tools, where no more is known
)

// Tokens estimates how many tokens the call has as input: system text,
// messages, reasoning that is sent back, tools, tool calls and their results,
// images and documents. The estimate goes by the kinds of characters and is
// made once. It is within a tenth of what OpenAI's vocabularies count for most
// texts in English, Chinese and some 40 other languages, code and JSON. Other
// providers' vocabularies are not published: see [Calibration].
//
// Which vocabulary, and what an image and the offer of tools cost, goes by
// [Request.Model].
func (r *Request) Tokens() int {
	if r.tokens == 0 {
		r.tokens = r.countTokens() + 1
	}
	return r.tokens - 1
}

// Counted is [Request.Tokens] if somebody has asked for it, and false if
// nobody has.
func (r *Request) Counted() (tokens int, ok bool) { return r.tokens - 1, r.tokens > 0 }

// CountTokens is what a caller is told who asks for the number of tokens and
// for whom no provider can be asked: the estimate with a margin of a tenth. A
// caller who is told too little fills the context until a call fails.
func (r *Request) CountTokens() int { return r.Tokens() + r.Tokens()/10 + 8 }

func (r *Request) countTokens() int {
	c := counter{family: familyOf(r.Model), model: r.Model}
	for _, m := range r.members {
		c.r = jsonscan.Reader{Text: r.body[:m.End], Pos: m.Start}
		c.member(m.Key)
	}
	if c.text+c.tokens == 0 {
		return 0
	}
	return c.tokens + c.text*c.family.percent/(100*tokens.Unit) + promptTokens
}

// A counter goes through the parts of a body and adds up what they cost.
type counter struct {
	r      jsonscan.Reader
	family *family
	model  string
	text   int // in units
	tokens int // of everything that is no text
}

// member counts what a member of the body's top level costs.
func (c *counter) member(key string) {
	switch key {
	case "tools", "functions":
		c.tools()
	case "messages", // Messages, Chat Completions
		"input", "prompt", // Responses, embeddings, Completions
		"contents", "content", "systemInstruction", "system_instruction", "requests": // Gemini
		c.value(nil, 0)
	case "system", "instructions":
		c.tokens += messageTokens
		c.value(nil, 0)
	case "generateContentRequest": // what Gemini is to count, and nothing else
		for c.r.Enter(); c.r.Next(); {
			c.member(string(c.r.Key()))
		}
	case "response_format", "output_config", "generationConfig", "generation_config", "text":
		c.format(0)
	}
}

// tools counts the tools that are offered. Models are shown them with all their
// signs, and told what they are.
func (c *counter) tools() {
	if text := c.r.Skip(); len(text) > len("[{}]") {
		c.schema(text)
		c.tokens += c.family.tools
	}
}

// schema counts JSON that says what a model is to give.
func (c *counter) schema(text []byte) {
	c.text += c.family.vocabulary.Text(text) * c.family.schemas / 100
}

// format counts the schema of the answer, wherever it is in a member about the
// form of that.
func (c *counter) format(depth int) {
	if c.r.Kind() != '{' || depth == maxCounted {
		c.r.Skip()
		return
	}
	for c.r.Enter(); c.r.Next(); {
		switch string(c.r.Key()) {
		case "schema", "responseSchema", "response_schema", "responseJsonSchema", "response_json_schema":
			c.schema(c.r.Skip())
		default:
			c.format(depth + 1)
		}
	}
}

// maxCounted is how deep a value is looked into; no call comes near it. What is
// deeper counts as the text that it is.
const maxCounted = 64

// value counts a value among messages. A part that it belongs to is told of
// media.
func (c *counter) value(owner *part, depth int) {
	switch c.r.Kind() {
	case '"':
		c.text += c.family.vocabulary.JSON(c.r.Str())
	case '{', '[':
		if depth == maxCounted {
			c.text += c.family.vocabulary.Text(c.r.Skip())
			return
		}
		if c.r.Kind() == '{' {
			c.object(owner, depth+1)
			return
		}
		for c.r.Enter(); c.r.Next(); {
			c.value(nil, depth+1)
		}
	case 'n':
		c.r.Skip()
	default: // a token, where a text is given as its tokens
		c.tokens++
		c.r.Skip()
	}
}

// object counts a message, a part of one, or what a part consists of, when it
// has an owner.
func (c *counter) object(owner *part, depth int) {
	var own part
	p := owner
	if p == nil {
		p = &own
	}
	for c.r.Enter(); c.r.Next(); {
		c.field(c.r.Key(), p, depth)
	}
	if owner == nil {
		c.media(p)
	}
}

// field counts a member of a message or of a part.
func (c *counter) field(key []byte, p *part, depth int) {
	switch string(key) {
	case "role":
		c.tokens += messageTokens
		c.r.Skip()
	case "type":
		if kind := c.r.Str(); p.kind == nil {
			p.kind = kind
		} else { // of its source
			p.source = kind
		}
	case "tool_use_id", "tool_call_id", "call_id":
		c.tokens += idTokens
		c.r.Skip()
	case "tools": // of a call inside of another
		c.tools()
	case "args", "input", "arguments", "response", "functionResponse", "function_response":
		c.arguments()
	case "source", "image_url", "inlineData", "inline_data", "fileData", "file_data", "file", "input_audio", "file_url", "url",
		"data", "media_type", "mime_type", "mimeType", "detail", "fileUri", "file_uri", "file_id":
		c.source(key, p, depth)
	case "encrypted_content", "thoughtSignature", "thought_signature", "signature":
		p.sealed = max(p.sealed, len(c.r.Skip()))
	case "thinking", "reasoning_content", "reasoning":
		before := c.text
		c.value(nil, depth)
		p.thought = c.text > before
	case "id", "object", "status", "index", "is_error", "cache_control", "annotations", "logprobs", "filename", "format", "model", "taskType",
		"phase", "strict", "safetySettings", "videoMetadata", "mediaResolution", "media_resolution":
		c.r.Skip()
	default:
		c.value(nil, depth)
	}
}

// arguments counts what a tool was called with, or gave, where that is a value
// that models are shown as JSON.
func (c *counter) arguments() {
	c.tokens += toolUseTokens
	if c.r.Kind() == '"' {
		c.text += c.family.vocabulary.JSON(c.r.Str())
		return
	}
	c.text += c.family.vocabulary.Text(c.r.Skip())
}
