package transform

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Content is what was said in a call, in the JSON that OpenTelemetry's
// semantic conventions have for it; "" where there is nothing. It shares no
// memory with what it was read from.
type Content struct {
	Input        string // gen_ai.input.messages
	Instructions string // gen_ai.system_instructions
	Tools        string // gen_ai.tool.definitions
	Output       string // gen_ai.output.messages
}

// ReadContent reads a request, and the answer to it if there is one that is
// whole, in a dialect. Each text of the Content has at most about limit bytes:
// what is long is cut where it stands, and of many messages the last ones are
// kept. Images and other data are named and left out. What is no conversation
// gives nothing.
func ReadContent(d Dialect, request, answer []byte, limit int) (c Content) {
	if limit <= 0 {
		return c
	}
	codec := codecOf(d)
	if r, err := codec.readRequest(request, func(string, string) {}); err == nil {
		c.Input = saidMessages(r.Messages, limit)
		if len(r.System) > 0 {
			s := sayer{left: limit}
			s.parts(r.System)
			c.Instructions = string(s.buf)
		}
		c.Tools = saidTools(r.Tools, limit)
	}
	if len(answer) == 0 {
		return c
	}
	if r, err := codec.readResponse(answer); err == nil {
		s := sayer{left: limit}
		s.raw(`[{"role":"assistant","parts":`)
		s.parts(r.Parts)
		s.raw(`,"finish_reason":"` + saidReason(r.Stop) + `"}]`)
		c.Output = string(s.buf)
	}
	return c
}

// separators stand before the first element of an array, and before all others.
var separators = [...]string{"[", ","}

// saidMessages begins with the last, so that it is there in any case.
func saidMessages(list []conv.Message, limit int) string {
	if len(list) == 0 {
		return ""
	}
	left := limit
	var said [][]byte
	for i := len(list) - 1; i >= 0 && left > 0; i-- {
		s := sayer{left: left}
		s.raw(`{"role":"` + roleOf(&list[i]) + `","parts":`)
		s.parts(list[i].Parts)
		s.raw("}")
		said = append(said, s.buf)
		left -= len(s.buf)
	}
	slices.Reverse(said)
	var b strings.Builder
	for i, message := range said {
		b.WriteString(separators[min(i, 1)])
		b.Write(message)
	}
	b.WriteByte(']')
	return b.String()
}

func roleOf(m *conv.Message) string {
	switch {
	case m.Role == conv.Assistant:
		return "assistant"
	case m.Role == conv.System:
		return "system"
	case len(m.Parts) > 0 && !slices.ContainsFunc(m.Parts, func(p conv.Part) bool { return p.Kind != conv.ToolResult }):
		return "tool"
	}
	return "user"
}

func saidTools(tools []conv.Tool, limit int) string {
	if len(tools) == 0 {
		return ""
	}
	s := sayer{left: limit}
	for i := range tools {
		if s.left <= 0 {
			break
		}
		t := &tools[i]
		s.raw(separators[min(i, 1)] + `{"type":"function","name":`)
		s.text(t.Name)
		if !t.Description.Empty() {
			s.raw(`,"description":`)
			s.text(t.Description)
		}
		if t.Schema != "" && len(t.Schema) <= s.left {
			s.raw(`,"parameters":` + t.Schema)
		}
		s.raw("}")
	}
	s.raw("]")
	return string(s.buf)
}

func saidReason(r conv.StopReason) string {
	switch r {
	case conv.StopNone:
		return "error" // it is not whole
	case conv.StopLength:
		return "length"
	case conv.StopTool:
		return "tool_call"
	case conv.StopRefusal:
		return "content_filter"
	}
	return "stop"
}

// A sayer writes parts while there is room.
type sayer struct {
	buf  []byte
	left int // bytes
}

func (s *sayer) raw(text string) {
	s.buf = append(s.buf, text...)
	s.left -= len(text)
}

// text writes a string, or its beginning.
func (s *sayer) text(t conv.Str) {
	switch {
	case t == "":
		s.raw(`""`)
	case len(t) <= s.left:
		s.raw(string(t))
	default:
		plain := t.String()
		cut := max(0, min(s.left, len(plain)))
		for cut > 0 && cut < len(plain) && !utf8.RuneStart(plain[cut]) {
			cut--
		}
		s.raw(string(conv.Quote(plain[:cut] + "…")))
	}
}

// object writes a JSON object, or as a string its beginning.
func (s *sayer) object(text string) {
	if text == "" || len(text) > s.left {
		s.text(conv.Quote(text))
		return
	}
	s.raw(text)
}

func (s *sayer) parts(list []conv.Part) {
	s.raw("[")
	for i := range list {
		if i > 0 {
			if s.left <= 0 {
				break
			}
			s.raw(",")
		}
		s.part(&list[i])
	}
	s.raw("]")
}

func (s *sayer) part(p *conv.Part) {
	switch p.Kind {
	case conv.Text, conv.Refusal:
		s.raw(`{"type":"text","content":`)
		s.text(p.Text)
	case conv.Reasoning:
		s.raw(`{"type":"reasoning","content":`)
		s.text(p.Text)
	case conv.ToolCall:
		s.raw(`{"type":"tool_call","id":`)
		s.text(p.ID)
		s.raw(`,"name":`)
		s.text(p.Name)
		s.raw(`,"arguments":`)
		s.object(p.Args)
	case conv.ToolResult:
		s.raw(`{"type":"tool_call_response","id":`)
		s.text(p.ID)
		s.raw(`,"response":`)
		s.parts(p.Content)
	default:
		s.media(p)
	}
	s.raw("}")
}

// media names an image or a document, or gives the text of one.
func (s *sayer) media(p *conv.Part) {
	modality := "image"
	if p.Kind == conv.Document {
		modality = "document"
	}
	switch {
	case !p.Text.Empty():
		s.raw(`{"type":"text","content":`)
		s.text(p.Text)
		return
	case !p.URL.Empty():
		s.raw(`{"type":"uri","uri":`)
		s.text(p.URL)
	case !p.File.Empty():
		s.raw(`{"type":"file","file_id":`)
		s.text(p.File)
	default:
		s.raw(`{"type":"blob","content":"","size":` + strconv.Itoa(len(p.Data.Inner())*3/4))
	}
	if !p.MediaType.Empty() {
		s.raw(`,"mime_type":`)
		s.text(p.MediaType)
	}
	s.raw(`,"modality":"` + modality + `"`)
}
