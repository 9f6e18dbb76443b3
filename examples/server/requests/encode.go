package requests

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// The flags of a head.
const hasCost = 1

// The flags of a body.
const (
	isStream = 1 << iota
	isCopy
	hasRule
	hasAffinity
	hasHit
	hasUsage
	hasEstimate
)

// The flags of an attempt.
const (
	isHedge = 1 << iota
	isResumption
)

// add encodes a call. What it needs of the Decision it copies.
func (b *builder) add(d *routex.Decision) {
	came := d.Time.UnixMilli()
	over := came + d.Duration.Milliseconds()
	if b.calls == 0 {
		b.since, b.until, b.first, b.last = came, came, over, over
	}
	b.since, b.until = min(b.since, came), max(b.until, came)
	b.first, b.last = min(b.first, over), max(b.last, over)
	b.traces = append(b.traces, d.TraceID[0], d.TraceID[1])
	at := len(b.bodies)
	b.bodies = b.body(b.bodies, d)
	b.heads = b.head(b.heads, d, came, len(b.bodies)-at)
	b.calls++
}

// head encodes what lists show of a call. Times are told from a moment that is
// the same for the whole block.
func (b *builder) head(to []byte, d *routex.Decision, came int64, body int) []byte {
	var flags byte
	if d.Cost != nil {
		flags |= hasCost
	}
	to = append(to, flags)
	to = append(to, d.TraceID[:]...)
	to = binary.AppendVarint(to, came-b.key.time())
	to = binary.AppendVarint(to, d.Duration.Milliseconds())
	to = binary.AppendUvarint(to, uint64(d.Status))
	to = b.text(to, string(d.Class))
	to = b.text(to, d.Path)
	to = b.text(to, d.ChannelID)
	to = b.text(to, d.Channel)
	to = b.text(to, d.Model)
	to = b.text(to, d.Error)
	to = b.text(to, d.Caller)
	to = binary.AppendVarint(to, d.Usage.Input)
	to = binary.AppendVarint(to, d.Usage.Output)
	to = binary.AppendVarint(to, d.Usage.CacheRead)
	if d.Cost != nil {
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(*d.Cost))
	}
	return binary.AppendUvarint(to, uint64(body))
}

// time is when the block began, in milliseconds since 1970.
func (k *key) time() int64 { return int64(binary.BigEndian.Uint64(k[:8]) >> 16) }

func (b *builder) body(to []byte, d *routex.Decision) []byte {
	to = append(to, flagsOf(d))
	to = append(to, d.SpanID[:]...)
	to = b.text(to, string(d.Dialect))
	to = b.text(to, d.UpstreamModel)
	if d.Rule != "" || d.RuleID != "" {
		to = b.text(to, d.RuleID)
		to = b.text(to, d.Rule)
	}
	if a := d.Affinity; a != nil {
		to = b.text(to, a.Key)
		to = b.text(to, a.Source)
		to = b.text(to, a.Channel)
	}
	if d.UsageKnown || d.UsageEstimated {
		u := &d.Usage
		for _, n := range [...]int64{u.Input, u.Output, u.CacheRead, u.CacheWrite, u.Reasoning} {
			to = binary.AppendVarint(to, n)
		}
	}
	to = binary.AppendUvarint(to, uint64(d.SkippedEvents))
	to = b.text(to, d.Agent)
	to = b.text(to, d.ParentAgent)
	to = b.text(to, d.Shadow)
	to = binary.AppendVarint(to, d.Wait.Milliseconds())
	to = binary.AppendVarint(to, upMilliseconds(d.FirstByte))
	to = b.losses(to, d.Losses)
	to = binary.AppendUvarint(to, uint64(len(d.Attempts)))
	for i := range d.Attempts {
		to = b.attempt(to, d, &d.Attempts[i])
	}
	return b.candidates(to, d.Candidates)
}

func flagsOf(d *routex.Decision) (flags byte) {
	for _, f := range [...]struct {
		is   bool
		flag byte
	}{
		{d.Stream, isStream},
		{d.Copy, isCopy},
		{d.Rule != "" || d.RuleID != "", hasRule},
		{d.Affinity != nil, hasAffinity},
		{d.Affinity != nil && d.Affinity.Hit, hasHit},
		{d.UsageKnown || d.UsageEstimated, hasUsage},
		{d.UsageEstimated, hasEstimate},
	} {
		if f.is {
			flags |= f.flag
		}
	}
	return flags
}

func (b *builder) losses(to []byte, losses []transform.Loss) []byte {
	to = binary.AppendUvarint(to, uint64(len(losses)))
	for _, l := range losses {
		to = b.text(to, l.Field)
		to = b.text(to, l.Why)
	}
	return to
}

func (b *builder) attempt(to []byte, d *routex.Decision, a *routex.Attempt) []byte {
	var flags byte
	if a.Hedge {
		flags |= isHedge
	}
	if a.Resumes {
		flags |= isResumption
	}
	to = append(to, flags)
	to = append(to, a.SpanID[:]...)
	for _, text := range [...]string{a.ChannelID, a.Channel, a.Key, a.Model, string(a.Class), string(a.Reason), a.Error} {
		to = b.text(to, text)
	}
	to = binary.AppendUvarint(to, uint64(a.Status))
	to = binary.AppendVarint(to, a.StartedAt.UnixMilli()-d.Time.UnixMilli())
	to = binary.AppendVarint(to, a.Duration.Milliseconds())
	return binary.AppendVarint(to, upMilliseconds(a.FirstByte))
}

// candidates encodes the list of channels that there were, which is long and
// mostly the same as that of a call before: then 0 and where that one is.
func (b *builder) candidates(to []byte, all []routex.Candidate) []byte {
	for i := range b.lists {
		if l := &b.lists[i]; l.candidates != nil && slices.Equal(l.candidates, all) {
			return binary.AppendUvarint(append(to, 0), uint64(l.at))
		}
	}
	if len(all) > 0 {
		b.lists[b.next] = list{slices.Clone(all), len(to)}
		b.next = (b.next + 1) % len(b.lists)
	}
	to = binary.AppendUvarint(to, uint64(len(all)+1))
	for i := range all {
		c := &all[i]
		to = b.text(to, c.ID)
		to = b.text(to, c.Name)
		to = append(to, 0)
		if c.Included {
			to[len(to)-1] = 1
		}
		to = b.text(to, c.Why)
	}
	return to
}

// upMilliseconds keeps what took less than one from looking like never.
func upMilliseconds(d time.Duration) int64 {
	if d > 0 && d < time.Millisecond {
		return 1
	}
	return d.Milliseconds()
}
