package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
)

// An importView says what became of the channels of a file. Errors is always
// empty: a file with a mistake is refused as a whole.
type importView struct {
	Imported int      `json:"imported"`
	Skipped  int      `json:"skipped"`
	Errors   []string `json:"errors"`
}

// importChannels takes the channels of an export, or of a file that was
// written by hand: all of them or, when one has a mistake, none.
func (a *API) importChannels(r *http.Request, body *object) (reply, error) {
	entries, replace := readImport(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	var done importView
	before, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		in := importing{s: s, replace: replace, now: time.Now().UnixMilli(), places: make(map[string]int)}
		for i, raw := range entries {
			in.take(i, raw)
		}
		done = importView{Imported: in.imported, Skipped: in.skipped, Errors: []string{}}
		return in.write, in.wrong.err()
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: done, message: restingMessage(before, after)}, nil
}

func readImport(o *object) (entries []json.RawMessage, replace bool) {
	if !read(o, "channels", &entries, nil, elements()) {
		o.wrong.add("channels", codeRequired, "required: an array of channels")
	}
	read(o, "replaceExisting", &replace, false, boolean())
	o.ignore("version", "exportedAt")
	o.finish()
	return entries, replace
}

// elements splits an array of channels without looking into it.
func elements() parser[[]json.RawMessage] {
	return listOf(parser[json.RawMessage]{
		takes: func() *schema {
			return describe(func(o *object) {
				c := newChannel()
				c.Type = string(routex.TypeOpenAI) // which an entry need not say
				_ = readChannel(o, &c, statusEnabled)
			})
		},
		parse: func(raw json.RawMessage, _ failFunc) json.RawMessage { return raw },
	}, "must be an array")
}

// An importing is an import on its way.
type importing struct {
	s       *state // changed
	replace bool
	now     int64          // milliseconds since 1970
	places  map[string]int // in the file, of the names so far

	imported, skipped int
	write             store.Change
	wrong             mistakes
}

// take takes one channel of the file. One whose name is known is an edit of
// the channel that has it, so that its id, its keys and what is known of it
// stay; unless replace is set nothing comes of that, but mistakes are found all
// the same.
func (in *importing) take(i int, raw json.RawMessage) {
	place := fmt.Sprintf("channels[%d]", i)
	fail := func(part, code, message string) { in.wrong.add(place+part, code, message) }
	o := parts(raw, fail)
	if o == nil {
		return
	}
	name := member(o, "name")
	if first, twice := in.places[name]; twice && name != "" {
		fail(".name", codeValue, fmt.Sprintf("is the name of channels[%d] too", first))
		return
	}
	in.places[name] = i

	at := in.s.named(name)
	c := channel{Channel: newChannel()}
	if at >= 0 {
		c = in.s.channels[at]
	} else {
		c.ID, c.CreatedAt = uuid.NewString(), in.now
		if in.s.channel(name) >= 0 {
			fail(".name", codeValue, "is the id of a channel")
		}
	}
	old := c.Channel
	shown := tidy(o, at < 0)
	if err := readChannel(o, &c.Channel, shown); err != nil {
		problem, ok := errors.AsType[*problem](err)
		if !ok {
			fail("", codeValue, "cannot be used")
			return
		}
		for _, m := range problem.Details {
			fail("."+m.Field, m.Code, m.Message)
		}
		return
	}
	keepSecrets(&c.Channel, &old)
	c.UpdatedAt = in.now
	switch {
	case at < 0:
		in.s.channels = append(in.s.channels, c)
	case in.replace:
		in.s.channels[at] = c
	default:
		in.skipped++
		return
	}
	in.imported++
	in.write.PutChannels = append(in.write.PutChannels, c.put().PutChannels...)
}

// tidy takes out of an entry what an import does not look at, and puts the
// type of a new channel in where it is missing. It gives a status that comes
// and goes by itself, which means nothing here.
func tidy(o *object, isNew bool) (shown string) {
	delete(o.members, "id")
	if key := o.members["apiKey"]; isNull(key) || string(key) == `""` {
		delete(o.members, "apiKey")
	}
	var keys []json.RawMessage
	if json.Unmarshal(o.members["apiKeys"], &keys) == nil && len(keys) == 0 {
		delete(o.members, "apiKeys")
	}
	if t := o.members["type"]; t == nil || isNull(t) || string(t) == `""` {
		delete(o.members, "type")
		if isNew {
			o.members["type"] = json.RawMessage(`"` + deriveType(o) + `"`)
		}
	}
	switch status := member(o, "status"); status {
	case statusLimited, statusOpen, statusBroken:
		return status
	}
	return statusEnabled
}

// keepSecrets puts back the secrets of a channel that an entry does not name:
// an export has none, and an import must not erase them.
func keepSecrets(c, old *store.Channel) {
	if c.BaseURL == urlWithoutSecrets(old.BaseURL) {
		c.BaseURL = old.BaseURL
	}
	if c.ProxyURL == proxyWithoutSecrets(old.ProxyURL) {
		c.ProxyURL = old.ProxyURL
	}
	for name, value := range old.Headers {
		if _, named := c.Headers[name]; !named && hides(name, value) {
			c.Headers = maps.Clone(c.Headers)
			if c.Headers == nil {
				c.Headers = make(map[string]string)
			}
			c.Headers[name] = value
		}
	}
}

// member is a text in an object, "" when there is none. It is not marked as
// read.
func member(o *object, name string) string {
	var s string
	if json.Unmarshal(o.members[name], &s) != nil {
		return ""
	}
	return s
}
