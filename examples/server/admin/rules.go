package admin

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/store"
)

func (a *API) listRules(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	views := make([]ruleView, 0, len(s.rules))
	for i := range s.rules {
		views = append(views, viewRule(s, &s.rules[i]))
	}
	return reply{data: views}, nil
}

func (a *API) getRule(r *http.Request, _ *object) (reply, error) {
	s := a.state.Load()
	i := s.rule(r.PathValue("id"))
	if i < 0 {
		return reply{}, noRule(r)
	}
	return reply{data: viewRule(s, &s.rules[i]), message: ruleMessage(s, &s.rules[i])}, nil
}

func (a *API) postRule(r *http.Request, body *object) (reply, error) {
	now := time.Now().UnixMilli()
	made := store.Rule{ID: uuid.NewString(), Priority: defaultPriority, CreatedAt: now, UpdatedAt: now}
	if err := readRule(body, &made, true); err != nil {
		return reply{}, err
	}
	_, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		s.rules = append(s.rules, made)
		return store.Change{PutRules: []store.Rule{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		status: http.StatusCreated, data: viewRule(after, &made), message: ruleMessage(after, &made),
		location: "/api/routing/rules/" + made.ID,
	}, nil
}

func (a *API) putRule(r *http.Request, body *object) (reply, error) {
	var made store.Rule
	_, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.rule(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noRule(r)
		}
		made = s.rules[i]
		if err := readRule(body, &made, false); err != nil {
			return store.Change{}, err
		}
		made.UpdatedAt = time.Now().UnixMilli()
		s.rules[i] = made
		return store.Change{PutRules: []store.Rule{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: viewRule(after, &made), message: ruleMessage(after, &made)}, nil
}

func (a *API) deleteRule(r *http.Request, _ *object) (reply, error) {
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.rule(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noRule(r)
		}
		gone := s.rules[i].ID
		s.rules = slices.Delete(s.rules, i, i+1)
		return store.Change{DropRules: []string{gone}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{message: "routing rule deleted"}, nil
}

func noRule(r *http.Request) error {
	return notFound("there is no routing rule with the id %q", r.PathValue("id"))
}

// ruleMessage tells that a rule has no effect, or not all of it, for want of a
// channel.
func ruleMessage(s *state, r *store.Rule) string {
	missing := s.missing(r)
	switch {
	case s.rests(r):
		return fmt.Sprintf("the target channel %q does not exist yet; the rule has no effect until a channel with that id or name does", missing[0])
	case len(missing) > 0:
		return fmt.Sprintf("the channel %q does not exist yet; until one with that id or name does, the rule does without it", missing[0])
	}
	return ""
}
