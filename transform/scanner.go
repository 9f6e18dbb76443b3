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
	line       int // start of the first line not yet looked at
	limit      int
	err        error  // from r, once it has ended
	joined     []byte // data of an event that has several data lines
}

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
	for {
		if n := s.whole(); n > 0 {
			raw := s.buf[s.start : s.start+n]
			s.start += n
			return s.parse(raw), nil
		}
		if s.err != nil {
			return s.rest()
		}
		if s.end-s.start >= s.limit {
			s.err = ErrEventTooLong
			s.start, s.line = s.end, s.end
			return Event{}, s.err
		}
		s.fill()
	}
}

// Ready reports whether Next has an event without reading.
func (s *Scanner) Ready() bool { return s.whole() > 0 }

// whole gives the length of the first event, or 0 when it is not all there.
func (s *Scanner) whole() int {
	for s.line < s.end {
		i := bytes.IndexByte(s.buf[s.line:s.end], '\n')
		if i < 0 {
			return 0
		}
		if i == 0 || i == 1 && s.buf[s.line] == '\r' {
			// line stays on the blank line, so that asking again is cheap.
			return s.line + i + 1 - s.start
		}
		s.line += i + 1
	}
	return 0
}

// rest gives what stands after the last blank line, once.
func (s *Scanner) rest() (Event, error) {
	tail := s.buf[s.start:s.end]
	s.start, s.line = s.end, s.end
	if ev := s.parse(tail); len(ev.Data) > 0 {
		ev.Raw = nil
		return ev, nil
	}
	return Event{}, s.err
}

// fill reads once, after making room.
func (s *Scanner) fill() {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.line -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		grown := make([]byte, max(4<<10, 2*len(s.buf)))
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

// parse reads the fields of one event.
func (s *Scanner) parse(raw []byte) Event {
	s.line = s.start
	ev := Event{Raw: raw}
	lines := 0
	for rest := raw; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		name, value := field(line)
		switch string(name) {
		case "event":
			ev.Name = value
		case "data":
			lines++
			s.addData(&ev, value, lines)
		}
	}
	return ev
}

// addData appends a data line; only the second and later ones cost a copy.
func (s *Scanner) addData(ev *Event, value []byte, lines int) {
	switch lines {
	case 1:
		ev.Data = value
		return
	case 2:
		s.joined = append(s.joined[:0], ev.Data...)
	}
	s.joined = append(append(s.joined, '\n'), value...)
	ev.Data = s.joined
}

// field splits a line at its colon; one space after it is not of the value.
func field(line []byte) (name, value []byte) {
	name, value, _ = bytes.Cut(line, []byte{':'})
	return name, bytes.TrimPrefix(value, []byte{' '})
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
