package gemini

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A part is one part of a content with its members found.
type part struct {
	text, signature conv.Str
	thought         bool
	key             string // of the one member below that is there
	value           conv.Raw
}

func (r *reader) part(at *conv.Path, _ int, v conv.Raw) error {
	p, err := r.members(at, v)
	if err != nil {
		return err
	}
	state, ours := conv.ReadToken(p.signature)
	m := r.into
	if p.key != "" {
		return r.object(at, &p, state)
	}
	switch {
	case m.Role != conv.Assistant && p.thought:
		r.Lose(at.String(), "only the model reasons")
		return nil
	case p.thought && (ours || !p.text.Empty()):
		m.Parts = append(m.Parts, conv.Part{Kind: conv.Reasoning, Text: p.text, State: state})
		return nil
	case !p.thought && !p.text.Empty():
		m.Parts = append(m.Parts, conv.Part{Kind: conv.Text, Text: p.text})
	}
	if ours && !p.thought && m.Role == conv.Assistant {
		m.Parts = append(m.Parts, conv.Part{Kind: conv.Reasoning, State: state})
	}
	return nil
}

// object reads a part that is no text.
func (r *reader) object(at *conv.Path, p *part, state conv.State) error {
	place := at.Field(p.key)
	switch camel(p.key) {
	case "functionCall":
		return r.call(&place, p.value, state, r.into)
	case "functionResponse":
		return r.result(&place, p.value, r.into)
	case "inlineData":
		return r.inline(&place, p.value, &r.into.Parts)
	}
	return r.file(&place, p.value, r.into)
}

func (r *reader) members(at *conv.Path, v conv.Raw) (p part, err error) {
	for c := r.Walk(v); c.Next() && err == nil; {
		switch camel(c.Key) {
		case "text":
			p.text, err = r.Text(at, &c)
		case "thought":
			p.thought, err = r.Bool(at, &c)
		case "thoughtSignature":
			p.signature, err = r.Text(at, &c)
		case "functionCall", "functionResponse", "inlineData", "fileData":
			p.key = c.Key
			p.value, err = r.Object(at, &c)
		case "executableCode", "codeExecutionResult", "toolCall", "toolResponse":
			r.Drop(at, &c, conv.WhyServer)
		default:
			if !c.Value.IsEmpty() {
				r.Drop(at, &c, "the other protocol's parts have no such field")
			}
		}
	}
	return p, err
}

func (r *reader) call(at *conv.Path, v conv.Raw, state conv.State, m *conv.Message) (err error) {
	if m.Role != conv.Assistant {
		return at.Fail("belongs in a content of the model")
	}
	p := conv.Part{Kind: conv.ToolCall, Args: "{}"}
	for c := r.Walk(v); c.Next() && err == nil; {
		switch camel(c.Key) {
		case "id":
			p.ID, err = r.Text(at, &c)
		case "name":
			p.Name, err = r.Text(at, &c)
		case "args":
			var args conv.Raw
			args, err = r.Object(at, &c)
			p.Args = string(args)
		}
	}
	if err == nil && p.Name.Empty() {
		name := at.Field("name")
		err = name.Fail("is required")
	}
	p.ID, p.State = conv.CutState(p.ID)
	p.ID = r.calls.add(p.ID, p.Name)
	switch {
	case state.Kind == conv.NoState:
	case p.State.Kind == conv.NoState && state.Kind == conv.Thought:
		p.State = state
	default:
		m.Parts = append(m.Parts, conv.Part{Kind: conv.Reasoning, State: state})
	}
	m.Parts = append(m.Parts, p)
	return err
}

// result reads what a function told.
func (r *reader) result(at *conv.Path, v conv.Raw, m *conv.Message) (err error) {
	if m.Role != conv.User {
		return at.Fail("belongs in a content of the user")
	}
	p := conv.Part{Kind: conv.ToolResult}
	var name conv.Str
	var media []conv.Part
	for c := r.Walk(v); c.Next() && err == nil; {
		switch camel(c.Key) {
		case "id":
			p.ID, err = r.Text(at, &c)
		case "name":
			name, err = r.Text(at, &c)
		case "response":
			_, err = r.Object(at, &c)
			p.IsError, p.Content = told(c.Value)
		case "parts":
			err = r.elements(at, &c, func(place *conv.Path, _ int, part conv.Raw) error {
				return r.resultPart(place, part, &media)
			})
		case "willContinue", "scheduling":
			if c.Value != "false" {
				r.Drop(at, &c, "a result is told once and at once")
			}
		default:
			r.Drop(at, &c, "unknown field")
		}
	}
	p.Content = append(p.Content, media...)
	p.ID, _ = conv.CutState(p.ID)
	p.ID = r.calls.answer(p.ID, name)
	m.Parts = append(m.Parts, p)
	return err
}

// told returns what is in a response. Other protocols know only text: the
// value of the one member that callers wrap it in, or else all of the object.
func told(response conv.Raw) (failed bool, content []conv.Part) {
	value, members := response, 0
	for c := response.Walk(); c.Next(); {
		switch c.Key {
		case "output", "result", "content":
			value = c.Value
		case "error":
			value, failed = c.Value, true
		case "name":
			continue // of the function again, as the AI SDK sends it
		}
		members++
	}
	if members != 1 {
		value, failed = response, false
	}
	text := value.Str()
	if !value.IsString() && (value != response || !response.IsEmpty()) {
		text = conv.Quote(string(value))
	}
	if text.Empty() {
		return failed, nil
	}
	return failed, []conv.Part{{Kind: conv.Text, Text: text}}
}

func (r *reader) resultPart(at *conv.Path, v conv.Raw, parts *[]conv.Part) error {
	for c := r.Walk(v); c.Next(); {
		if camel(c.Key) == "inlineData" && c.Value.IsObject() {
			place := at.Field(c.Key)
			return r.inline(&place, c.Value, parts)
		}
		r.Drop(at, &c, "a tool result holds inline data only")
	}
	return nil
}

// inline reads data that is sent along.
func (r *reader) inline(at *conv.Path, v conv.Raw, parts *[]conv.Part) error {
	p := conv.Part{MediaType: get(v, "mimeType").Str(), Data: get(v, "data").Str(), Name: get(v, "displayName").Str()}
	if p.MediaType.Empty() {
		f := at.Field("mimeType")
		return f.Fail("is required")
	}
	if p.Data.Empty() {
		f := at.Field("data")
		return f.Fail("is required")
	}
	p.Data = conv.Base64(p.Data)
	switch media := p.MediaType.String(); {
	case strings.HasPrefix(media, "image/"):
		p.Kind = conv.Image
	case strings.HasPrefix(media, "audio/"), strings.HasPrefix(media, "video/"):
		r.Lose(at.String(), "audio and video are not translated")
		return nil
	case strings.HasPrefix(media, "text/"):
		text, ok := decode64(p.Data)
		if !ok {
			f := at.Field("data")
			return f.Fail("must be base64")
		}
		p = conv.Part{Kind: conv.Document, Text: conv.Quote(text), Name: p.Name}
	default:
		p.Kind = conv.Document
	}
	*parts = append(*parts, p)
	return nil
}

// file reads a link to data.
func (r *reader) file(at *conv.Path, v conv.Raw, m *conv.Message) error {
	p := conv.Part{URL: get(v, "fileUri").Str(), MediaType: get(v, "mimeType").Str(), Name: get(v, "displayName").Str()}
	if p.URL.Empty() {
		f := at.Field("fileUri")
		return f.Fail("is required")
	}
	url := p.URL.String()
	media := p.MediaType.String()
	if media == "" {
		media = mediaOf(url)
	}
	switch {
	case isGoogles(url):
		r.Lose(at.String(), conv.WhyFile)
		return nil
	case strings.HasPrefix(media, "image/"):
		p.Kind = conv.Image
	case media == "", media == "application/pdf":
		p.Kind = conv.Document
	default:
		r.Lose(at.String(), "linked data of the type "+media+" is not translated")
		return nil
	}
	p.MediaType = ""
	m.Parts = append(m.Parts, p)
	return nil
}
