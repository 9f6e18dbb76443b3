package router

import (
	"encoding/binary"
	"math/bits"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// Beginning is a hash of how the conversation begins: the system text, the
// names of the tools, and the first message of the user. Later turns of a
// conversation have the same one, in each protocol, whatever follows, and
// wherever the caller lets the provider cache. It is 0 when the call has no
// message of a user, or goes on with a conversation that the provider keeps.
// GoesOn tells whether the model has answered since.
//
// Conversations that begin alike cannot be told apart by it.
func (r *Request) Beginning() (hash uint64, goesOn bool) {
	b := beginning{hash: seed}
	for _, m := range r.members {
		read := jsonscan.Reader{Text: r.body[:m.End], Pos: m.Start}
		switch m.Key {
		case "previous_response_id", "conversation":
			if read.Kind() != 'n' {
				return 0, false
			}
		case "system", "instructions", "systemInstruction", "system_instruction",
			"cachedContent", "cached_content": // of Gemini, which has the system text in it
			b.part(ofSystem, &read, 0)
		case "tools", "functions":
			b.tools(&read, 0)
		case "messages", "input", "contents":
			b.messages(&read)
		}
	}
	if !b.user {
		return 0, false
	}
	return max(b.hash, 1), b.goesOn
}

// What a text of a beginning is.
const (
	ofSystem = iota + 1
	ofTool
	ofUser
)

// A beginning is hashed as it is read: a client writes the members of all its
// bodies in the same order.
type beginning struct {
	hash   uint64
	user   bool // the first message of the user was found
	goesOn bool // and the model's answer to it
}

// messages reads up to the first message of the user, and to what the model said
// then, and no further.
func (b *beginning) messages(r *jsonscan.Reader) {
	if r.Kind() == '"' { // an input that is one text
		b.user = true
		b.add(ofUser, r.Str())
		return
	}
	if r.Kind() != '[' {
		return
	}
	for r.Enter(); !b.goesOn && r.Next(); {
		if r.Kind() != '{' {
			r.Skip()
			continue
		}
		message := r.Skip()
		switch who := role(message); {
		case b.user:
			b.goesOn = who == ""
		case who == "system":
			b.message(ofSystem, message)
		case who == "user":
			b.user = true
			b.message(ofUser, message)
		}
	}
}

// role gives the role of a message, "" for the model's and for what belongs to
// that, such as calls of tools. Gemini's messages need not have one.
func role(message []byte) string {
	r := jsonscan.Reader{Text: message}
	parts := false
	for r.Enter(); r.Next(); {
		switch string(r.Key()) {
		case "role":
			switch string(r.Str()) {
			case "user":
				return "user"
			case "system", "developer":
				return "system"
			}
			return ""
		case "parts":
			parts = true
		}
		r.Skip()
	}
	if parts {
		return "user"
	}
	return ""
}

// message hashes what a message says.
func (b *beginning) message(kind uint64, message []byte) {
	r := jsonscan.Reader{Text: message}
	for r.Enter(); r.Next(); {
		switch string(r.Key()) {
		case "content", "parts":
			b.part(kind, &r, 0)
		default:
			r.Skip()
		}
	}
}

// part hashes the texts of what a message consists of, and the beginnings of
// all else, such as of images. A text counts alike as one and as a part.
func (b *beginning) part(kind uint64, r *jsonscan.Reader, depth int) {
	switch r.Kind() {
	case '"':
		b.add(kind, r.Str())
	case '[':
		if depth == maxCounted {
			r.Skip()
			return
		}
		for r.Enter(); r.Next(); {
			b.part(kind, r, depth+1)
		}
	case '{':
		if depth == maxCounted {
			r.Skip()
			return
		}
		for r.Enter(); r.Next(); {
			switch string(r.Key()) {
			case "type", "role", "id", "cache_control": // which moves from turn to turn
				r.Skip()
			default:
				b.part(kind, r, depth+1)
			}
		}
	default:
		r.Skip()
	}
}

// tools hashes the names of tools: what describes them may tell the time.
func (b *beginning) tools(r *jsonscan.Reader, depth int) {
	switch kind := r.Kind(); {
	case kind == '[' && depth < maxCounted:
		for r.Enter(); r.Next(); {
			b.tools(r, depth+1)
		}
	case kind == '{' && depth < maxCounted:
		for r.Enter(); r.Next(); {
			switch string(r.Key()) {
			case "name":
				b.add(ofTool, r.Str())
			case "function", "functionDeclarations", "function_declarations": // of Chat Completions, of Gemini
				b.tools(r, depth+1)
			default:
				r.Skip()
			}
		}
	default:
		r.Skip()
	}
}

// add hashes a text into what there is. The longest are known by their first
// and last parts and their length.
func (b *beginning) add(kind uint64, text []byte) {
	const most = 1 << 16
	h := mixed(seed+kind, uint64(len(text)))
	if len(text) > 2*most {
		h = hashed(hashed(h, text[:most]), text[len(text)-most:])
	} else {
		h = hashed(h, text)
	}
	b.hash = mixed(b.hash^h, kind)
}

const seed = 0x9e3779b97f4a7c15

// hashed goes on with a hash, eight bytes at a time.
func hashed(h uint64, text []byte) uint64 {
	for ; len(text) >= 8; text = text[8:] {
		h = mixed(h, binary.LittleEndian.Uint64(text))
	}
	var rest [8]byte
	copy(rest[:], text)
	return mixed(h, binary.LittleEndian.Uint64(rest[:]))
}

// mixed folds the product of two numbers, as wyhash does.
func mixed(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return high ^ low
}
