package router

import (
	"github.com/dctx-team/routex/internal/jsonscan"
)

// UserText is the text of all the user's turns, one part per line: no system
// text, no tool's result, nothing that the model said. It may be a view of the
// body.
func (r *Request) UserText() string { return r.userText().text }

// A userText is what the user said in all turns.
type userText struct {
	text  string
	turns []int // where each turn that has text begins
	known bool

	room [8]int // where turns usually fit
}

// userText is read once: most of a long call is looked at once by every rule
// that asks what it says.
func (r *Request) userText() *userText {
	u := &r.user
	if u.known {
		return u
	}
	u.known = true
	var room [16]quoted
	s := speech{parts: room[:0]}
	for _, list := range [...]string{"messages", "input", "contents", "prompt"} {
		if m, ok := r.member(list); ok {
			s.list(r.body[m.Start:m.End])
		}
	}
	if m, ok := r.member("content"); ok { // of Gemini, to be embedded
		s.message(r.body[m.Start:m.End])
	}
	if v := r.Get("generateContentRequest", "contents"); v.IsArray() { // of Gemini, to be counted
		s.list([]byte(v.Raw))
	}
	u.join(s.parts)
	return u
}

// join makes one text of the parts. A single one that has no escapes is not
// copied.
func (u *userText) join(parts []quoted) {
	size := 0
	for _, p := range parts {
		size += len(p.text) + 1
	}
	if len(parts) == 1 && !hasEscape(parts[0].text) {
		u.text, u.turns = view(parts[0].text), u.room[:1]
		return
	}
	buf := make([]byte, 0, size)
	u.turns = u.room[:0]
	for i, p := range parts {
		if i > 0 {
			buf = append(buf, '\n')
		}
		if i == 0 || p.turn != parts[i-1].turn {
			u.turns = append(u.turns, len(buf))
		}
		buf = appendUnescaped(buf, p.text)
	}
	u.text = view(buf)
}

// A quoted is a text as it stands in the body, without its quotes.
type quoted struct {
	turn int
	text []byte
}

// A speech collects what the user said, with as few passes over the body as
// can be.
type speech struct {
	turn  int
	parts []quoted

	messageRoom, partRoom [8]jsonscan.Member // where members usually fit
}

func (s *speech) add(literal []byte) {
	if text := literal[1 : len(literal)-1]; len(text) > 0 {
		s.parts = append(s.parts, quoted{s.turn, text})
	}
}

// list reads the messages of a call. What is no message but a text is the
// user's.
func (s *speech) list(value []byte) {
	if value[0] == '"' {
		s.turn++
		s.add(value)
		return
	}
	jsonscan.Elements(value, s.messageRoom[:0], func(element []byte, members []jsonscan.Member) bool {
		s.turn++
		if element[0] == '"' {
			s.add(element)
		} else {
			s.members(element, members)
		}
		return true
	})
}

func (s *speech) message(value []byte) {
	if members, err := jsonscan.Object(value, s.messageRoom[:0]); err == nil {
		s.turn++
		s.members(value, members)
	}
}

// members reads a message, if it is the user's. A message of Gemini needs no
// role to be that; what has an output is the result of a tool.
func (s *speech) members(message []byte, members []jsonscan.Member) {
	var role, content, parts, output []byte
	for _, m := range members {
		switch value := message[m.Start:m.End]; m.Key {
		case "role":
			role = value
		case "content":
			content = value
		case "parts":
			parts = value
		case "output":
			output = value
		}
	}
	switch user := string(role) == `"user"`; {
	case parts != nil:
		if user || len(role) == 0 || string(role) == `""` {
			s.content(parts)
		}
	case user && output == nil && content != nil:
		s.content(content)
	}
}

func (s *speech) content(value []byte) {
	if value[0] == '"' {
		s.add(value)
		return
	}
	jsonscan.Elements(value, s.partRoom[:0], func(part []byte, members []jsonscan.Member) bool {
		if part[0] == '"' {
			s.add(part)
			return true
		}
		var kind, text []byte
		for _, m := range members {
			switch m.Key {
			case "type":
				kind = part[m.Start:m.End]
			case "text":
				text = part[m.Start:m.End]
			}
		}
		switch string(kind) {
		case `"text"`, `"input_text"`, `""`, "": // Gemini's parts have no type
			if len(text) > 0 && text[0] == '"' {
				s.add(text)
			}
		}
		return true
	})
}
