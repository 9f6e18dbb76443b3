package tee

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// DefaultBodyLimit is how many bytes of each body a [Destination] gets that
// does not say.
const DefaultBodyLimit = 64 << 10

// A Destination says where records go, and which, and what of them.
type Destination struct {
	ID   string // unique in a [Set]
	Name string // for people; "" means the ID

	Filter Filter
	// Redact names what of the bodies is taken out, as paths of gjson: members
	// and indices with dots between them, * and ? in the name of a member, and #
	// for every element of an array, such as messages.#.content. Credentials are
	// always taken out.
	Redact []string
	// BodyLimit is how many bytes of each body the destination gets; 0 means
	// [DefaultBodyLimit], and less means that it gets no bodies.
	BodyLimit int64

	Queue      int           // see [QueueOptions].Records
	QueueBytes int64         // see [QueueOptions].Bytes
	Batch      int           // see [QueueOptions].Batch
	Linger     time.Duration // see [QueueOptions].Linger
	RetryFor   time.Duration // see [QueueOptions].RetryFor
	OnChange   func(Stats)   // see [QueueOptions].OnChange

	Sink BatchSink // gets the records; the Tee owns it
}

// Validate gives [Mistakes] that name everything that is wrong with d.
func (d *Destination) Validate() error {
	var bad Mistakes
	if d.ID == "" {
		bad.add("id", "must not be empty")
	}
	d.Filter.validate("filter.", &bad)
	for i, path := range d.Redact {
		if _, problem := parsePath(path); problem != "" {
			bad.add(fmt.Sprintf("redact[%d]", i), problem)
		}
	}
	if len(d.Redact) > maxPaths {
		bad.add("redact", fmt.Sprintf("%d paths are too many; %d are possible", len(d.Redact), maxPaths))
	}
	for field, n := range map[string]int64{"queue": int64(d.Queue), "queueBytes": d.QueueBytes, "batch": int64(d.Batch)} {
		if n < 0 {
			bad.add(field, "must not be negative; 0 means the default")
		}
	}
	if d.Sink == nil {
		bad.add("sink", "must not be nil")
	}
	return bad.err()
}

// A Tee brings records to a [Destination] without delaying anybody. It is a
// [Sink] that is safe for concurrent use; the zero value is not usable, see
// [Open].
type Tee struct {
	d      Destination
	queue  *Queue
	before atomic.Pointer[past] // of the Tees whose place it took; nil for none
}

// Open makes a Tee, which owns the sink of d. The error is [Mistakes], and then
// the sink is still the caller's.
func Open(d Destination) (*Tee, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	d.Name = cmp.Or(d.Name, d.ID)
	d.Filter.Channels, d.Filter.Models = slices.Clone(d.Filter.Channels), slices.Clone(d.Filter.Models)
	d.Filter.StatusCodes = slices.Clone(d.Filter.StatusCodes)
	if d.BodyLimit == 0 {
		d.BodyLimit = DefaultBodyLimit
	}
	t := &Tee{d: d}
	o := QueueOptions{Records: d.Queue, Bytes: d.QueueBytes, Batch: d.Batch, Linger: d.Linger, RetryFor: d.RetryFor}
	if d.OnChange != nil {
		o.OnChange = func(Stats) { d.OnChange(t.Stats()) }
	}
	t.queue = NewQueue(newEditor(&d), o)
	return t, nil
}

// ID gives the ID of the destination.
func (t *Tee) ID() string { return t.d.ID }

// Bodies is how many bytes of each body the destination gets.
func (t *Tee) Bodies() int64 { return max(t.d.BodyLimit, 0) }

// Write queues r if the filter lets it pass. A record that is dropped because
// too many wait is counted, and is no error: the Tee tells OnChange of the
// first one.
func (t *Tee) Write(ctx context.Context, r *Record) error {
	if !t.d.Filter.Match(r) {
		return nil
	}
	if err := t.queue.Write(ctx, t.light(r)); err == ErrClosed { //nolint:errorlint // it is given as it is
		return err
	}
	return nil
}

// light gives r, or a copy without what the destination does not get of its
// bodies, if that is much: it would be in memory as long as the record waits.
func (t *Tee) light(r *Record) *Record {
	if t.d.BodyLimit < 0 {
		if r.Request == nil && r.Response == nil && r.Streamed == nil {
			return r
		}
		c := *r
		c.Request, c.Response, c.Streamed = nil, nil, nil
		return &c
	}
	most := int(t.d.BodyLimit) + slack
	if len(r.Request) <= 4*most && len(r.Response) <= 4*most {
		return r
	}
	c := *r
	c.Request, c.RequestCut = excerpt(r.Request, most, r.RequestCut)
	c.Response, c.ResponseCut = excerpt(r.Response, most, r.ResponseCut)
	return &c
}

// excerpt gives the first bytes of a body that is much longer. A string is left
// alone: it may be cut already.
func excerpt(body json.RawMessage, most int, cut bool) (json.RawMessage, bool) {
	if len(body) <= 4*most || body[0] == '"' {
		return body, cut
	}
	return slices.Clone(body[:most]), true
}

// Test offers r to the sink at once, whatever the filter says and however many
// records wait, and gives the sink's error; if the sink is a [Spool], that of
// the one behind it. A nil record asks only whether the sink could take some.
func (t *Tee) Test(ctx context.Context, r *Record) error {
	if r == nil {
		return t.queue.try(ctx, nil)
	}
	if spool, ok := t.d.Sink.(*Spool); ok {
		past := t.d
		past.Sink = pastSpool{spool}
		return newEditor(&past).WriteBatch(ctx, []*Record{r})
	}
	return t.queue.try(ctx, []*Record{r})
}

// Stats tells how the destination is doing now. What is counted goes on from
// the Tee whose place it took in a [Set].
func (t *Tee) Stats() Stats {
	s := t.queue.Stats()
	s.ID, s.Name = t.d.ID, t.d.Name
	if spool, ok := t.d.Sink.(*Spool); ok {
		spool.addTo(&s)
	}
	t.before.Load().addTo(&s)
	return s
}

// Close takes no more records, waits until those that wait are written, and
// closes the sink; see [Queue.Close] for what happens when ctx ends first.
func (t *Tee) Close(ctx context.Context) error { return t.queue.Close(ctx) }
