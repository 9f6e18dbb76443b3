package jsonscan

// Elements gives f the elements of the array in text, one after the other,
// until it gives false. For an element that is an object, members are its
// members, whose offsets are those of value; they are valid until f returns.
// What cannot be read ends the walk. Room is memory for the members.
func Elements(text []byte, room []Member, f func(value []byte, members []Member) bool) {
	s := scanner{text: text}
	s.space()
	if !s.take('[') {
		return
	}
	for {
		s.space()
		start, members := s.pos, room[:0]
		if s.pos < len(text) && text[s.pos] == '{' {
			if !s.object(func(literal []byte, from, to int) {
				members = append(members, Member{Key: key(literal), Start: from - start, End: to - start})
			}) {
				return
			}
		} else if !s.value() {
			return
		}
		if !f(text[start:s.pos], members) {
			return
		}
		if s.space(); !s.take(',') {
			return
		}
	}
}

// object reads the object at hand, and reports whether it could.
func (s *scanner) object(f func(literal []byte, start, end int)) bool {
	s.take('{')
	s.space()
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') || s.member(f) != nil {
			return false
		}
		s.space()
	}
	return true
}
