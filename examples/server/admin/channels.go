package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/store"
)

func (a *API) listChannels(*http.Request, *object) (reply, error) {
	s, live := a.state.Load(), a.liveChannels()
	views := make([]channelView, 0, len(s.channels))
	for i := range s.channels {
		c := &s.channels[i].Channel
		views = append(views, viewChannel(c, live[c.ID]))
	}
	return reply{data: views}, nil
}

func (a *API) getChannel(r *http.Request, _ *object) (reply, error) {
	s := a.state.Load()
	i := s.channel(r.PathValue("id"))
	if i < 0 {
		return reply{}, noChannel(r)
	}
	return reply{data: a.channelNow(&s.channels[i].Channel)}, nil
}

func (a *API) postChannel(r *http.Request, body *object) (reply, error) {
	now := time.Now().UnixMilli()
	made := channel{Channel: newChannel()}
	made.ID, made.CreatedAt, made.UpdatedAt = uuid.NewString(), now, now
	if err := readChannel(body, &made.Channel, ""); err != nil {
		return reply{}, err
	}
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		if s.channel(made.Name) >= 0 {
			return store.Change{}, nameTaken(made.Name)
		}
		s.channels = append(s.channels, made)
		return made.put(), nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: a.channelNow(&made.Channel), location: "/api/channels/" + made.ID}, nil
}

func (a *API) putChannel(r *http.Request, body *object) (reply, error) {
	live := a.liveChannels()
	var made channel
	before, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.channel(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noChannel(r)
		}
		made = s.channels[i]
		if err := readChannel(body, &made.Channel, status(&made.Channel, live[made.ID])); err != nil {
			return store.Change{}, err
		}
		if other := s.channel(made.Name); other >= 0 && other != i {
			return store.Change{}, nameTaken(made.Name)
		}
		made.UpdatedAt = time.Now().UnixMilli()
		s.channels[i] = made
		return made.put(), nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: a.channelNow(&made.Channel), message: restingMessage(before, after)}, nil
}

func (a *API) deleteChannel(r *http.Request, _ *object) (reply, error) {
	before, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.channel(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noChannel(r)
		}
		gone := s.channels[i]
		s.channels = slices.Delete(s.channels, i, i+1)
		if gone.ephemeral {
			return store.Change{}, nil
		}
		return store.Change{DropChannels: []string{gone.ID}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{message: strings.TrimSuffix("channel deleted; "+restingMessage(before, after), "; ")}, nil
}

// put is the change that stores the channel.
func (c *channel) put() store.Change {
	if c.ephemeral {
		return store.Change{}
	}
	return store.Change{PutChannels: []store.Channel{c.Channel}}
}

func noChannel(r *http.Request) error {
	return notFound("there is no channel with the id or name %q", r.PathValue("id"))
}

func nameTaken(name string) error { return conflict("there is a channel called %q already", name) }

// restingMessage tells which rules a change has put to rest, "" for none.
func restingMessage(before, after *state) string {
	names := nowResting(before, after)
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("the target channel of these rules no longer exists, so they have no effect: %s", strings.Join(names, ", "))
}
