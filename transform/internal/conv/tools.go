package conv

import (
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// EmptySchema is the schema of a tool without parameters.
const EmptySchema = `{"type":"object","properties":{}}`

// FreeformSchema is the schema of a tool that takes text, where a protocol
// knows none of that kind.
const FreeformSchema = `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`

// FreeformArgs returns the arguments of a call whose tool takes text.
func FreeformArgs(input Str) string {
	if input == "" {
		input = `""`
	}
	return `{"input":` + string(input) + `}`
}

// FreeformInput returns the text in the arguments of such a call. What the
// model has not written by the schema is the text itself; of arguments that
// were cut it is the text that came.
func FreeformInput(args string) Str {
	if !jsonscan.Valid(args) {
		return cutInput(args)
	}
	v := Body(args)
	if raw := v.Get(rawArgs).Str(); raw != "" {
		return FreeformInput(raw.String())
	}
	if input := v.Get("input").Str(); input != "" {
		return input
	}
	return Quote(args)
}

// cutInput is FreeformInput of what is not JSON.
func cutInput(args string) Str {
	rest := args
	for _, next := range []string{"{", `"input"`, ":", `"`} {
		var ok bool
		if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), next); !ok {
			return Quote(args)
		}
	}
	var text []byte
	for {
		n := plain([]byte(rest))
		text, rest = append(text, rest[:n]...), rest[n:]
		switch {
		case rest == "" || rest[0] == '"' || rest[0] == '\\' && !strings.Contains(rest, `"`):
			return Concat(View(text))
		case rest[0] >= ' ':
			return Quote(args)
		}
		text, rest = append(text, Quote(rest[:1]).Inner()...), rest[1:] // models write line ends as they are
	}
}

// InputSchema returns the schema of what the tool takes: the caller's own,
// which is made to say that it is an object, or the one for a tool without
// parameters.
func (t *Tool) InputSchema() string {
	switch schema := Raw(t.Schema); {
	case t.Freeform:
		return FreeformSchema
	case schema.IsEmpty() || !schema.IsObject():
		return EmptySchema
	case schema.Get("type") == "":
		return `{"type":"object",` + t.Schema[1:]
	}
	return t.Schema
}

// ToolErrorPrefix marks the result of a failed tool call where the protocol
// has no field for it.
const ToolErrorPrefix = "[tool_error] "

// CutError removes the mark of a failed call and reports whether it was there.
func CutError(text Str) (Str, bool) {
	rest, ok := strings.CutPrefix(text.Inner(), strings.TrimSpace(ToolErrorPrefix))
	if !ok {
		return text, false
	}
	return Concat(strings.TrimPrefix(rest, " ")), true
}

// rawArgs is the key of arguments that are no object.
const rawArgs = "_raw"

// Arguments returns the JSON object that a model wrote as text. Nothing gives
// an empty object. What is no object is kept under the key _raw.
func Arguments(text Str) string {
	args := strings.TrimSpace(text.String())
	switch {
	case args == "":
		return "{}"
	case args[0] == '{' && jsonscan.Valid(args):
		return args
	}
	return `{"` + rawArgs + `":` + string(text) + `}`
}

// Same reports that two literals stand for the same text.
func (s Str) Same(t Str) bool {
	return s == t || s.String() == t.String()
}

// IsSpace reports that the text has nothing in it but white space.
func (s Str) IsSpace() bool {
	inner := s.Inner()
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == ' ':
		case c >= 0x80 || c == '\\' && i+1 < len(inner) && inner[i+1] == 'u':
			return strings.TrimSpace(s.String()) == ""
		case c == '\\' && i+1 < len(inner) && strings.IndexByte("nrtf", inner[i+1]) >= 0:
			i++
		default:
			return false
		}
	}
	return true
}

// TrimRight returns the text without white space at its end.
func (s Str) TrimRight() Str {
	inner := s.Inner()
	if inner == "" {
		return s
	}
	// Only these endings can stand for white space.
	last := inner[len(inner)-1]
	if last != ' ' && last < 0x80 && strings.LastIndexByte(inner[max(0, len(inner)-6):], '\\') < 0 {
		return s
	}
	text := s.String()
	if trimmed := strings.TrimSpace("x" + text)[1:]; len(trimmed) < len(text) {
		return Quote(trimmed)
	}
	return s
}
