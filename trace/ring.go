package trace

import (
	"sync"
	"sync/atomic"
	"time"
)

// MaxRing is how many spans a [Ring] holds at most.
const MaxRing = 10_000

// Names of the spans in a [Ring].
const (
	NameCall    = "proxy.handle"  // a call
	NameAttempt = "proxy.forward" // an attempt, below its call
)

// A Recent is a span that has ended, as plain values. Its texts are bounded by
// the [Ring] that holds it.
type Recent struct {
	TraceID  TraceID
	SpanID   SpanID
	ParentID SpanID // zero for none
	Name     string // NameCall or NameAttempt
	Start    time.Time
	Duration time.Duration
	Latency  time.Duration // until the answer began; 0 if never

	Method, Path string // of the caller's request
	Model        string // that was asked for
	ChannelID    string // "" for none
	Channel      string
	RuleID, Rule string // of a call; "" when none chose
	Key          string // of an attempt, masked
	Status       int    // 0 for none
	Class        string // of the failure; "" for success
	Reason       string // which narrows the class
	Error        string
	Attempt      int // of an attempt, from 1 on; of a call how many there were
	Stream       bool
	Hedge        bool // the attempt was made beside another that was late
	Resumes      bool // the attempt went on with an answer that had broken off
	Input        int64
	Output       int64 // tokens
}

// Failed reports that the span has a class of failure.
func (r *Recent) Failed() bool { return r.Class != "" }

// RingStats count the spans of a [Ring].
type RingStats struct {
	Total     int           // those held, and those that have not ended
	Completed int           // those held
	Failed    int           // of those held
	Average   time.Duration // of those held
	Max       int           // that can be held
}

// A Ring holds the latest spans that have ended. To add one takes the same time
// however many there are, and no memory besides its texts. It is safe for
// concurrent use.
type Ring struct {
	running atomic.Int64 // spans that have begun and not ended

	mu     sync.RWMutex
	slots  []slot  // under mu
	next   int     // under mu: where the next one goes
	held   int     // under mu
	failed int     // under mu: of those held
	sum    int64   // under mu: nanoseconds of those held
	traces []int32 // under mu: the latest slot of a bucket of trace ids, plus 1; 0 for none
	spans  []int32 // under mu: the same of span ids
}

// A slot is a place for a span, and its neighbors in the chains of its buckets.
type slot struct {
	Recent
	trace, span links
}

// links are slots, plus 1; 0 for none.
type links struct{ newer, older int32 }

// buckets is a power of two above MaxRing.
const buckets = 1 << 14

// NewRing makes a Ring that holds at most so many spans; less than 1, or more
// than [MaxRing], means MaxRing.
func NewRing(size int) *Ring {
	if size < 1 || size > MaxRing {
		size = MaxRing
	}
	return &Ring{slots: make([]slot, size), traces: make([]int32, buckets), spans: make([]int32, buckets)}
}

// Begin counts a span that has begun. [Ring.Add] counts it as one that has
// ended.
func (r *Ring) Begin() { r.running.Add(1) }

// Add holds a span that was begun, in place of the oldest if there is no room
// left. The span may be changed afterwards.
func (r *Ring) Add(span *Recent) {
	r.running.Add(-1)
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.slots[r.next]
	if s.Name != "" {
		r.drop(int32(r.next))
	}
	s.Recent = *span
	s.bound()
	i := int32(r.next)
	r.link(r.traces, i, bucketOf(s.TraceID[8:]), (*slot).byTrace)
	r.link(r.spans, i, bucketOf(s.SpanID[:]), (*slot).bySpan)
	r.held++
	r.sum += int64(s.Duration)
	if s.Failed() {
		r.failed++
	}
	if r.next++; r.next == len(r.slots) {
		r.next = 0
	}
}

func (s *slot) byTrace() *links { return &s.trace }
func (s *slot) bySpan() *links  { return &s.span }

// bucketOf takes the last two bytes of an id.
func bucketOf(id []byte) int { return (int(id[6])<<8 | int(id[7])) % buckets }

// link makes a slot the latest of its bucket.
func (r *Ring) link(heads []int32, i int32, bucket int, of func(*slot) *links) {
	l := of(&r.slots[i])
	*l = links{older: heads[bucket]}
	if l.older != 0 {
		of(&r.slots[l.older-1]).newer = i + 1
	}
	heads[bucket] = i + 1
}

func (r *Ring) unlink(heads []int32, i int32, bucket int, of func(*slot) *links) {
	l := *of(&r.slots[i])
	if l.newer != 0 {
		of(&r.slots[l.newer-1]).older = l.older
	} else {
		heads[bucket] = l.older
	}
	if l.older != 0 {
		of(&r.slots[l.older-1]).newer = l.newer
	}
}

// drop forgets the span in a slot.
func (r *Ring) drop(i int32) {
	s := &r.slots[i]
	r.unlink(r.traces, i, bucketOf(s.TraceID[8:]), (*slot).byTrace)
	r.unlink(r.spans, i, bucketOf(s.SpanID[:]), (*slot).bySpan)
	r.held--
	r.sum -= int64(s.Duration)
	if s.Failed() {
		r.failed--
	}
	*s = slot{}
}

// maxText bounds a text, in bytes: callers can name a model as they like.
const maxText = 256

func (s *slot) bound() {
	for _, text := range [...]*string{&s.Method, &s.Path, &s.Model, &s.ChannelID, &s.Channel, &s.RuleID, &s.Rule, &s.Error} {
		if len(*text) > maxText {
			*text = Clip(*text, maxText)
		}
	}
}
