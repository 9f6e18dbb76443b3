package transform

import (
	"errors"
	"io"
	"sync"
)

// A Reader is the body of a streamed answer: it pulls events from a scanner,
// passes them through a stream, and serves what was emitted. It is not safe
// for concurrent use.
type Reader struct {
	sc   *Scanner
	st   Stream
	out  []byte // emitted and not yet served: out[off:]
	off  int
	err  error
	emit func(Event)
	runs *Watch // see PassRuns; nil for none

	ledger *Ledger // of what is served; nil for none
	known  int     // so much of out is in the ledger already
	told   int     // events that the caller got, comments not counted
	array  bool    // events are served as the elements of one JSON array
	any    bool    // there was one
	closed bool    // st has been told of the end

	pooled *buffers // nil once released
}

// Release lets the Reader's memory be used by others. The Reader, its scanner
// and the events that it gave must not be used afterwards.
func (r *Reader) Release() {
	if r.pooled != nil {
		bufferPool.Put(r.pooled)
		r.pooled, r.out, r.sc.buf = nil, nil, nil
	}
}

// minBuffer is the size of the buffers of a stream, in bytes. Longer events
// make them grow.
const minBuffer = 4 << 10

// buffers are those that a stream reads into and serves from. Most streams
// need no others, so they are used again.
type buffers struct{ in, out [minBuffer]byte }

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

// NewReader serves the events of sc as st changes them; with a nil st they
// pass byte for byte. The scanner must be fresh.
func NewReader(sc *Scanner, st Stream) *Reader {
	r := &Reader{sc: sc, st: st, pooled: bufferPool.Get().(*buffers)}
	r.out, sc.buf = r.pooled.out[:0], r.pooled.in[:]
	r.emit = func(ev Event) {
		if ev.Data != nil {
			r.told++
			if r.ledger != nil && r.ledger.follows() {
				r.ledger.note(ev)
			}
		}
		r.out = appendFrame(r.out, ev)
	}
	return r
}

// AsArray makes the Reader serve the data of the events as one JSON array, as
// Gemini streams to callers who do not ask for server-sent events. It must be
// called before anything is read.
func (r *Reader) AsArray() {
	r.array = true
	r.emit = func(ev Event) {
		if len(ev.Data) == 0 {
			return
		}
		r.told++
		if r.ledger != nil {
			r.ledger.note(ev)
		}
		r.separate()
		r.out = append(r.out, ev.Data...)
	}
}

func (r *Reader) separate() {
	if r.any {
		r.out = append(r.out, ",\r\n"...)
	} else {
		r.out = append(r.out, '[')
	}
	r.any = true
}

// end notes that the stream has ended as it should.
func (r *Reader) end() {
	r.err = io.EOF
	if !r.array {
		return
	}
	if !r.any {
		r.out = append(r.out, '[')
	}
	r.out = append(r.out, ']')
}

// Fill handles an event of the upstream, or a run of them, without serving
// anything. It blocks until there is one, and gives the error that ended the
// stream: io.EOF for a proper end, [ErrTruncated] when the answer was not
// complete.
func (r *Reader) Fill() error {
	if r.err != nil || r.passRun() {
		return r.err
	}
	ev, err := r.sc.Next()
	switch {
	case errors.Is(err, io.EOF):
		r.err = r.close()
	case err != nil:
		r.err = err
	case r.st == nil:
		r.emit(ev)
	default:
		r.err = r.st.Event(ev, r.emit)
	}
	return r.err
}

// PassRuns lets many events that the Watch knows by their shape, and that bring
// nothing but a piece of a text, pass at once. Of the stream only the Watch
// notices them: it must be the first part, and the others neither change such
// events nor need them. A Ledger gets them as all that is served; once it is to
// look at each event, there are no more runs.
func (r *Reader) PassRuns(w *Watch) {
	r.runs = w
	if t, ok := w.look.(texter); ok {
		w.text = t.Text()
	}
}

// passRun reports whether there were such events.
func (r *Reader) passRun() bool {
	if r.runs == nil || r.array {
		return false
	}
	text := r.sc.arrived() // while it waits, somebody may look into the ledger
	if r.ledger != nil && r.ledger.follows() {
		// From now on it always does.
		r.runs.text, r.runs = nil, nil
		return false
	}
	size, events := r.runs.run(text)
	if size == 0 {
		return false
	}
	r.out = append(r.out, r.sc.skip(size)...)
	r.told += events
	return true
}

// Buffered is how many bytes are ready to be served.
func (r *Reader) Buffered() int { return len(r.out) - r.off }

// Unread are those bytes, until anything else is done with the Reader.
func (r *Reader) Unread() []byte { return r.out[r.off:] }

// Read serves whole events as far as p holds them: it blocks for the first
// and then adds those that have already arrived. The last ones come with io.EOF
// if the end has arrived too, so that whoever hands them on knows that nothing
// follows.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.Buffered() == 0 {
		r.out, r.off, r.known = r.out[:0], 0, 0
		for len(r.out) == 0 && r.Fill() == nil {
		}
		for r.err == nil && len(r.out) < len(p) && (r.sc.Ready() || r.sc.over()) {
			_ = r.Fill() // kept in r.err
		}
		if len(r.out) == 0 {
			return 0, r.err
		}
	}
	if r.ledger != nil && r.known < len(r.out) {
		if !r.array {
			r.ledger.keep(r.out[r.known:])
		}
		r.known = len(r.out)
	}
	n := copy(p, r.out[r.off:])
	r.off += n
	if r.Buffered() == 0 && errors.Is(r.err, io.EOF) {
		return n, io.EOF
	}
	return n, nil
}

// Tell ends a stream that has broken off with one more event, which passes
// through st; nil lets it pass as it is.
func (r *Reader) Tell(ev Event, st Stream) {
	if st == nil {
		r.emit(ev)
	} else if err := st.Event(ev, r.emit); err != nil {
		r.err = err
		return
	}
	r.end()
}

// Remember notes every event that is served in the Ledger. It is what the
// Ledger as the last Stream would do, for less: as long as nothing in it was
// looked at, what is served is kept as a whole. It must be called before
// anything is read.
func (r *Reader) Remember(l *Ledger) { r.ledger = l }

// Follow makes a fresh Reader go on where another one broke off: the array that
// the caller reads is the same.
func (r *Reader) Follow(old *Reader) {
	r.told += old.told
	if old.array {
		r.AsArray()
		r.any = old.any
	}
}

// Fail ends the stream with the event by which the dialect tells of an error. A
// Ledger of the stream makes the event one of the same answer; nil is allowed.
func (r *Reader) Fail(e *Error, d Dialect, l *Ledger) {
	if r.array {
		r.emit(Event{Data: e.Body(d)})
	} else {
		r.out = append(r.out, e.frame(d, l.encoder(d), r.told)...)
	}
	r.end()
}

// Finish ends a stream whose upstream broke off after the answer was complete:
// what is still missing is added, as at a proper end. After the end it does
// nothing, and gives the error of a stream that did not end as it should.
func (r *Reader) Finish() error {
	if err := r.close(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// close tells st of the end, once, and gives the error that the stream has then.
func (r *Reader) close() error {
	if r.closed {
		return r.err
	}
	r.closed = true
	if r.st != nil {
		if err := r.st.Close(r.emit); err != nil {
			return err
		}
	}
	r.end()
	return r.err
}
