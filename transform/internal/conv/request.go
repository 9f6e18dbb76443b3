// Package conv is the neutral conversation model between the codecs: every
// protocol is read into it and written from it, so that n protocols need n
// codecs and not n*n converters.
//
// Values are views: a Str or raw JSON text may point into the body it was read
// from and must not outlive it.
package conv

import "strconv"

// Role says who speaks in a Message.
type Role uint8

// The roles of a conversation. System text in mid-conversation is a Message of
// its own; leading system text is Request.System.
const (
	User Role = iota
	Assistant
	System
)

// PartKind says what a Part holds.
type PartKind uint8

// The kinds of parts.
const (
	Text       PartKind = iota // Text
	Image                      // MediaType and Data, URL, or File
	Document                   // like Image, or Text; perhaps Name
	ToolCall                   // ID, Name, Args, perhaps State
	ToolResult                 // ID, Content, IsError
	Reasoning                  // Text, State, or both
	Refusal                    // Text: of an assistant who declines
)

// A Part is one piece of a message. Which fields count is said by Kind.
type Part struct {
	Kind      PartKind
	Text      Str
	MediaType Str    // of inline data
	Data      Str    // base64
	URL       Str    // of linked data
	File      Str    // id of a file that OpenAI stores
	ID        Str    // of a call, also in its result
	Name      Str    // of the tool called; of a document: its file name or title
	Args      string // raw JSON object
	Content   []Part // of a result: Text, Image and Document parts
	IsError   bool   // the tool failed
	State     State  // that the provider wants back with this part
}

// A Message is one turn.
type Message struct {
	Role  Role
	Index int // its place in the caller's list, for reports
	Parts []Part
}

// A Tool is one function that the model may call.
type Tool struct {
	Name        Str
	Description Str    // may be absent
	Schema      string // raw JSON Schema object; "" when the caller gave none
	Strict      string // raw JSON: true, false or "" for absent
	// Freeform tools take text instead of an object: the protocols without
	// them get a schema with the one member "input".
	Freeform bool
	// Space and Bare are the name's two parts for a caller who has his tools
	// in namespaces; "" for one that is in none.
	Space, Bare Str
}

// ChoiceMode says whether the model may, must or must not call a tool.
type ChoiceMode uint8

// The modes of a ToolChoice.
const (
	ChoiceUnset ChoiceMode = iota
	ChoiceAuto
	ChoiceAny
	ChoiceNone
	ChoiceTool // the one that Name names
)

// A ToolChoice is what the caller asked for about tools.
type ToolChoice struct {
	Mode ChoiceMode
	Name Str
}

// A Request is one call for an answer. Numbers are kept as raw JSON text;
// "" means absent.
type Request struct {
	Model        string
	Stream       bool
	IncludeUsage bool // a Chat caller asked for the usage chunk of a stream
	System       []Part
	Messages     []Message
	Tools        []Tool
	Choice       ToolChoice
	NoParallel   bool // at most one tool call per answer
	MaxTokens    string
	Temperature  string
	TopP         string
	TopK         string
	Stop         []Str
	User         Str // an opaque id of the end user
	Thinking     Thinking
	Format       Format
	Settings     []Setting // that only some protocols have
	Names        Names
	Target       Target // set before a writer gets the request
}

// Names are the caller's words for the fields that the protocols name
// differently. Writers use them in reports; every reader sets them all.
type Names struct {
	MaxTokens, TopP, TopK, Stop, User, Thinking, Format, Choice, Parallel string

	Temperature string // "" means temperature
	Messages    string // the list of messages; "" means messages
}

// MessageList returns the caller's word for the list of messages.
func (r *Request) MessageList() string { return orElse(r.Names.Messages, "messages") }

// MessagePath returns the path of a message in the caller's body.
func (r *Request) MessagePath(m *Message) string {
	return r.MessageList() + "[" + strconv.Itoa(m.Index) + "]"
}

// TemperatureName returns the caller's word for the temperature.
func (r *Request) TemperatureName() string { return orElse(r.Names.Temperature, "temperature") }

func orElse(name, usual string) string {
	if name == "" {
		return usual
	}
	return name
}

// A Target is what a writer must know of the channel.
type Target struct {
	Provider string // key of the provider, see ProviderKey
	Flavor   string // of a Chat server: openai, azure, zhipu or custom
	Version  string // of the Anthropic API; "" means 2023-06-01
}

// Lose reports that a field could not be carried to the other protocol. The
// field is named as the caller named it.
type Lose func(field, why string)
