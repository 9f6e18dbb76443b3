package jsonscan

import "bytes"

// A Reader goes through a value part by part, in the order in which it stands
// there, without memory of its own. Text that is not well-formed ends early; it
// never makes the Reader fail or turn round.
//
//	for r.Enter(); r.Next(); {
//		key := r.Key() // in an object
//		... one of Str, Skip or Enter
//	}
type Reader struct {
	Text []byte
	Pos  int
}

// Kind gives the first byte of the value that comes next; 0 at the end.
func (r *Reader) Kind() byte {
	for ; r.Pos < len(r.Text); r.Pos++ {
		switch c := r.Text[r.Pos]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// Enter goes into the object or array that comes next.
func (r *Reader) Enter() {
	if c := r.Kind(); c == '{' || c == '[' {
		r.Pos++
	}
}

// Next reports that there is a further member or element. Otherwise the object
// or array has been left.
func (r *Reader) Next() bool {
	for {
		switch r.Kind() {
		case 0:
			return false
		case ',':
			r.Pos++
		case '}', ']':
			r.Pos++
			return false
		default:
			return true
		}
	}
}

// Key gives the name of the member that comes next, escapes as they are.
func (r *Reader) Key() []byte {
	key := r.Str()
	if r.Kind() == ':' {
		r.Pos++
	}
	return key
}

// Str gives the inside of the string that comes next, escapes as they are; of
// what is no string, its text.
func (r *Reader) Str() []byte {
	if r.Kind() != '"' {
		return r.Skip()
	}
	s := scanner{text: r.Text, pos: r.Pos}
	start, end := r.Pos+1, len(r.Text)
	if s.str() {
		end = s.pos - 1
	}
	r.Pos = s.pos
	return r.Text[min(start, end):end]
}

// Skip passes over the value that comes next, and gives its text.
func (r *Reader) Skip() []byte {
	s := scanner{text: r.Text, pos: r.Pos}
	switch r.Kind() {
	case 0, '}', ']', ',': // there is none
		return nil
	case '"':
		s.pos = r.Pos
		s.str()
	case '{', '[':
		s.pos = r.Pos
		if !s.nested() {
			s.pos = len(r.Text)
		}
	default:
		s.pos = r.Pos + 1
		if n := bytes.IndexAny(r.Text[s.pos:], ",]} \n\r\t"); n >= 0 {
			s.pos += n
		} else {
			s.pos = len(r.Text)
		}
	}
	text := r.Text[r.Pos:s.pos]
	r.Pos = s.pos
	return text
}
