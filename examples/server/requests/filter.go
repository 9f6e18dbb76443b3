package requests

import (
	"encoding/hex"
	"slices"
	"strings"
)

// A filter is a query, ready to be asked of many calls.
type filter struct {
	*Query
	model, text string // in lower case
	trace       bool   // whether text may be a part of a trace id
	any         bool   // every call of the time is asked for
}

func newFilter(q *Query) filter {
	f := filter{Query: q, model: folded(q.Model), text: folded(q.Text)}
	f.trace = f.text != "" && strings.Trim(f.text, "0123456789abcdef") == ""
	f.any = q.MaxStatus == 0 && q.Outcome == Any && q.ChannelID == "" && q.ClientKeyID == "" && f.model == "" && f.text == ""
	return f
}

// folded is how a part of a text is looked for.
func folded(s string) string { return strings.ToLower(keepable(s, false)) }

// inside reports that all calls of a block are of the time that is asked for.
func (f *filter) inside(b *info) bool {
	return b.since >= f.Since && (f.Until == 0 || b.until < f.Until)
}

// A sieve finds the calls of a block that a filter lets through.
type sieve struct {
	*filter
	texts  []string
	lacks  bool   // no call of the block can be what is asked for
	chanID uint64 // the places of the texts that are asked for
	caller uint64
	models []verdict // of the texts, by their places
	parts  []verdict
	room   [32]byte
}

// A verdict says whether a text has a part in it, once somebody asked.
type verdict byte

const (
	has verdict = iota + 1
	hasNot
)

func (f *filter) sieve(texts []string) *sieve {
	s := &sieve{filter: f, texts: texts}
	for _, wanted := range [...]struct {
		text string
		at   *uint64
	}{{f.ChannelID, &s.chanID}, {f.ClientKeyID, &s.caller}} {
		if wanted.text == "" {
			continue
		}
		at := slices.Index(texts, keepable(wanted.text, false))
		if at < 0 {
			s.lacks = true
		}
		*wanted.at = uint64(max(at, 0))
	}
	s.models, s.parts = make([]verdict, len(texts)), make([]verdict, len(texts))
	return s
}

// passes reports that a call is what is asked for.
func (s *sieve) passes(h *head) bool {
	switch {
	case h.time < s.Since || s.Until != 0 && h.time >= s.Until:
		return false
	case s.any:
		return true
	case s.MaxStatus < 0 && h.status != 0, s.MaxStatus > 0 && (h.status < s.MinStatus || h.status > s.MaxStatus):
		return false
	case s.Outcome == Succeeded && h.class != 0, s.Outcome == Failed && h.class == 0:
		return false
	case s.chanID != 0 && h.channelID != s.chanID, s.caller != 0 && h.caller != s.caller:
		return false
	case s.model != "" && !s.contains(s.models, h.model, s.model):
		return false
	}
	return s.text == "" || s.contains(s.parts, h.path, s.text) || s.contains(s.parts, h.model, s.text) ||
		s.contains(s.parts, h.channel, s.text) || s.contains(s.parts, h.error, s.text) || s.trace && s.inTrace(h)
}

// contains looks for a part in the text at a place, once.
func (s *sieve) contains(known []verdict, at uint64, part string) bool {
	if at >= uint64(len(known)) {
		return false
	}
	if known[at] == 0 {
		known[at] = hasNot
		if strings.Contains(strings.ToLower(s.texts[at]), part) {
			known[at] = has
		}
	}
	return known[at] == has
}

func (s *sieve) inTrace(h *head) bool {
	hex.Encode(s.room[:], h.trace[:])
	return strings.Contains(string(s.room[:]), s.text)
}
