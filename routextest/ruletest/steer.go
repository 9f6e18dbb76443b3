package ruletest

import (
	"maps"
	"net/http"
	"time"
)

// Path sets the path of the URL, such as /llm/v1/messages, which may have a
// query.
func (r Request) Path(path string) Request {
	r.path = path
	return r
}

// Header adds a value to a header.
func (r Request) Header(name, value string) Request {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = make(http.Header)
	}
	r.header.Add(name, value)
	return r
}

// Session names the session as [routex.WithSession] does.
func (r Request) Session(key string) Request {
	r.session = key
	return r
}

// Metadata says something of the call as [routex.WithMetadata] does.
func (r Request) Metadata(name, value string) Request {
	r.metadata = maps.Clone(r.metadata)
	if r.metadata == nil {
		r.metadata = make(map[string]string)
	}
	r.metadata[name] = value
	return r
}

// Channel sends the call to one channel as [routex.WithChannel] does. Bare
// [router.Rules] do not look at it.
func (r Request) Channel(ref string) Request {
	r.channel = ref
	return r
}

// At is when the call is made: a time of day such as 22:30, by the clock of the
// machine, or a time as RFC 3339 has it, such as 2026-03-28T22:30:00+01:00.
// Without it, calls are made at midnight of 1 January 2000 UTC. It cannot be
// before that. Rules that name no zone go by that of the machine, which may be
// another where the test runs next.
func (r Request) At(when string) Request {
	at, err := time.Parse(time.RFC3339, when)
	if err != nil {
		clock, err := time.Parse("15:04", when)
		if err != nil {
			return r.mistake("At: %q is neither a time of day such as 22:30 nor one of RFC 3339", when)
		}
		// A day later, so that no zone puts it before the beginning.
		at = time.Date(2000, time.January, 2, clock.Hour(), clock.Minute(), 0, 0, time.Local)
	}
	if at.Before(dawn()) {
		return r.mistake("At: %s is before %s", when, dawn().Format(time.RFC3339))
	}
	r.at = at
	return r
}

// dawn is when a bubble of testing/synctest begins.
func dawn() time.Time { return time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) }
