package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/store"
)

func (a *API) listRules(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	views := make([]ruleView, 0, len(s.rules)+len(s.fileRules))
	for i := range s.rules {
		views = append(views, viewRule(s, &s.rules[i]))
	}
	for i := range s.fileRules {
		views = append(views, viewFileRule(s, &s.fileRules[i]))
	}
	return reply{data: views}, nil
}

// listEnabledRules lists those that are asked, in the order in which they are.
func (a *API) listEnabledRules(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	views := make([]ruleView, 0, len(s.rules)+len(s.fileRules))
	for i := range s.rules {
		if !s.rules[i].Disabled {
			views = append(views, viewRule(s, &s.rules[i]))
		}
	}
	for i := range s.fileRules {
		if !s.fileRules[i].Disabled {
			views = append(views, viewFileRule(s, &s.fileRules[i]))
		}
	}
	slices.SortStableFunc(views, func(a, b ruleView) int { return cmp.Compare(b.Priority, a.Priority) })
	return reply{data: views}, nil
}

// switchRule enables or disables a rule.
func (a *API) switchRule(on bool) handler {
	return func(r *http.Request, body *object) (reply, error) {
		body.finish()
		if err := body.wrong.err(); err != nil {
			return reply{}, err
		}
		return a.updateRule(r, func(rule *store.Rule) error {
			rule.Disabled = !on
			return nil
		})
	}
}

func (a *API) getRule(r *http.Request, _ *object) (reply, error) {
	s := a.state.Load()
	i := s.rule(r.PathValue("id"))
	if i < 0 {
		if i := ruleIn(s.fileRules, r.PathValue("id")); i >= 0 {
			return reply{data: viewFileRule(s, &s.fileRules[i]), message: ruleMessage(s, &s.fileRules[i])}, nil
		}
		return reply{}, noRule(s, r)
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
		if s.hasRule(made.Name, "") {
			return store.Change{}, ruleTaken(made.Name)
		}
		s.rules = append(s.rules, made)
		return store.Change{PutRules: []store.Rule{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		data: viewRule(after, &made), message: ruleMessage(after, &made),
		location: "/api/routing/rules/" + made.ID,
	}, nil
}

func (a *API) putRule(r *http.Request, body *object) (reply, error) {
	return a.updateRule(r, func(rule *store.Rule) error { return readRule(body, rule, false) })
}

// updateRule changes a rule that is stored.
func (a *API) updateRule(r *http.Request, edit func(*store.Rule) error) (reply, error) {
	var made store.Rule
	_, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.rule(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noRule(s, r)
		}
		made = s.rules[i]
		if err := edit(&made); err != nil {
			return store.Change{}, err
		}
		// What has shared a name from before names were kept apart can be changed all the same.
		if made.Name != s.rules[i].Name && s.hasRule(made.Name, made.ID) {
			return store.Change{}, ruleTaken(made.Name)
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
			return store.Change{}, noRule(s, r)
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

// noRule says that a rule is not stored.
func noRule(s *state, r *http.Request) error {
	if ruleIn(s.fileRules, r.PathValue("id")) >= 0 {
		return conflict("the rule %q is in the file of rules; change it there, and POST /api/routing/reload", r.PathValue("id"))
	}
	return notFound("there is no routing rule with the id or name %q", r.PathValue("id"))
}

func ruleTaken(name string) error { return conflict("there is a routing rule called %q already", name) }

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
