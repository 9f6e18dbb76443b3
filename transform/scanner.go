package transform

import (
	"bytes"
	"errors"
	"io"
)

// ErrEventTooLong is given for a server-sent event over the scanner's limit.
var ErrEventTooLong = errors.New("transform: event too long")

// MaxEvent is the default limit of one server-sent event, in bytes.
const MaxEvent = 8 << 20

// An Event is one server-sent event. Its slices are views that the next call
// to the scanner overwrites.
type Event struct {
	Name []byte // the event field; empty when there is none
	Data []byte // the data lines, joined with newlines; nil when there is none
	// Raw is the event as it stood in the stream, blank line included. It
	// is nil in an event that was made here, or that its stream broke off.
	Raw []byte
}

// A Scanner splits a stream into server-sent events. Lines end in LF or CRLF.
// The zero value is not usable; see [NewScanner].
type Scanner struct {
	r          io.Reader
	buf        []byte
	start, end int // unread bytes are buf[start:end]
	limit      int
	err        error // from r, once it has ended
	begun      bool  // a line was looked at: no byte order mark can come any more

	// What is known of the event that begins at start. Offsets count from
	// there, so that they hold when the buffer moves.
	line       int  // where the first line begins that has not been looked at
	size       int  // of the whole event; 0 while its end is not there
	name, data span // of the event and the first data line
	more       bool // there are further data lines
	joined     []byte
}

// bom may stand before the first line, and is no part of it.
const bom = "\xef\xbb\xbf"

// A span is a part of an event; an empty one has to > 0 when it is there.
type span struct{ from, to int }

// NewScanner scans r. An event over limit bytes gives [ErrEventTooLong]; a
// limit of 0 means [MaxEvent].
func NewScanner(r io.Reader, limit int) *Scanner {
	if limit <= 0 {
		limit = MaxEvent
	}
	return &Scanner{r: r, limit: limit}
}

// Next gives the next event, or the reader's error when no whole event is
// left: io.EOF at the end. Text after the last blank line is given as one more
// event without Raw, for the caller to judge whether it is complete.
func (s *Scanner) Next() (Event, error) {
	for !s.Ready() {
		if s.err != nil {
			return s.rest()
		}
		if s.end-s.start >= s.limit {
			s.err = ErrEventTooLong
			s.start = s.end
			return Event{}, s.err
		}
		s.fill()
	}
	ev := s.event(s.size)
	ev.Raw = s.buf[s.start : s.start+s.size]
	s.begin(s.start + s.size)
	return ev, nil
}

// Ready reports whether Next has an event without reading.
func (s *Scanner) Ready() bool {
	for s.size == 0 {
		rest := s.buf[s.start+s.line : s.end]
		n := bytes.IndexByte(rest, '\n')
		if n < 0 {
			return false
		}
		if n == 0 || n == 1 && rest[0] == '\r' {
			s.size = s.line + n + 1
			break
		}
		s.field(s.line, s.line+n)
		s.line += n + 1
	}
	return true
}

// over reports that Next gives io.EOF without reading.
func (s *Scanner) over() bool { return s.start == s.end && errors.Is(s.err, io.EOF) }

// arrived is what was not given as an event yet. It reads if there is nothing.
func (s *Scanner) arrived() []byte {
	if s.start == s.end && s.err == nil {
		s.fill()
	}
	return s.buf[s.start:s.end]
}

// skip takes the next size bytes, which are whole events.
func (s *Scanner) skip(size int) []byte {
	from := s.start
	s.begin(from + size)
	return s.buf[from:s.start]
}

// begin forgets an event and goes on to the next.
func (s *Scanner) begin(start int) {
	s.start, s.line, s.size, s.more = start, 0, 0, false
	s.name, s.data = span{}, span{}
}

// field looks at one line of the event.
func (s *Scanner) field(from, to int) {
	line := s.buf[s.start+from : s.start+to]
	if !s.begun {
		s.begun = true
		from += len(line) - len(bytes.TrimPrefix(line, []byte(bom)))
		line = s.buf[s.start+from : s.start+to]
	}
	switch {
	case len(line) >= 5 && string(line[:5]) == "data:":
		if s.data.to != 0 {
			s.more = true
			return
		}
		s.data = s.value(from+5, to)
	case len(line) >= 6 && string(line[:6]) == "event:":
		s.name = s.value(from+6, to)
	case string(line) == "data" || string(line) == "data\r":
		s.more = s.data.to != 0
		s.data = span{to, to}
	}
}

// value leaves out the one space before a value and the CR behind it.
func (s *Scanner) value(from, to int) span {
	if from < to && s.buf[s.start+to-1] == '\r' {
		to--
	}
	if from < to && s.buf[s.start+from] == ' ' {
		from++
	}
	return span{from, to}
}

// event gives the fields of the event in the first size bytes.
func (s *Scanner) event(size int) Event {
	text := s.buf[s.start : s.start+size]
	ev := Event{Name: text[s.name.from:s.name.to]}
	switch {
	case s.more:
		ev.Data = s.join(text)
	case s.data.to != 0:
		ev.Data = text[s.data.from:s.data.to]
	}
	return ev
}

// join puts several data lines together.
func (s *Scanner) join(text []byte) []byte {
	s.joined = s.joined[:0]
	for line := range bytes.Lines(text) {
		line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte(bom))
		if value, ok := bytes.CutPrefix(line, []byte("data:")); ok || string(line) == "data" {
			s.joined = append(append(s.joined, '\n'), bytes.TrimPrefix(value, []byte{' '})...)
		}
	}
	return s.joined[1:]
}

// rest gives what stands after the last blank line, once.
func (s *Scanner) rest() (Event, error) {
	size := s.end - s.start
	if s.line < size {
		s.field(s.line, size)
	}
	ev := s.event(size)
	s.begin(s.end)
	if len(ev.Data) == 0 {
		return Event{}, s.err
	}
	return ev, nil
}

// fill reads once, after making room.
func (s *Scanner) fill() {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		grown := make([]byte, max(minBuffer, 2*len(s.buf)))
		copy(grown, s.buf[:s.end])
		s.buf = grown
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.err = err
		if n > 0 || err != nil {
			return
		}
	}
	s.err = io.ErrNoProgress
}

// appendFrame appends ev as it stands on the wire.
func appendFrame(dst []byte, ev Event) []byte {
	if ev.Raw != nil {
		return append(dst, ev.Raw...)
	}
	if len(ev.Name) > 0 {
		dst = append(append(append(dst, "event: "...), ev.Name...), '\n')
	}
	for data := ev.Data; ; {
		line, rest, more := bytes.Cut(data, []byte{'\n'})
		dst = append(append(append(dst, "data: "...), line...), '\n')
		if !more {
			return append(dst, '\n')
		}
		data = rest
	}
}
