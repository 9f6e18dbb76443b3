package admin

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/dctx-team/routex/router"
)

// lintRules tells what is wrong with the rules, or with those that the request
// has, which need not be the server's.
func (a *API) lintRules(_ *http.Request, body *object) (reply, error) {
	s := a.state.Load()
	all := s.allRules()
	rules := make([]router.Rule, 0, len(all))
	for i := range all {
		rules = append(rules, libraryRule(&all[i]))
	}
	if raw, ok := body.take("rules"); ok && !isNull(raw) {
		rules = body.draft(raw)
	}
	body.finish()
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	channels := make([]router.ChannelInfo, 0, len(s.channels))
	for i := range s.channels {
		c := &s.channels[i]
		channels = append(channels, router.ChannelInfo{ID: c.ID, Name: c.Name, Disabled: c.Disabled})
	}
	findings := router.Lint(rules, channels)
	if findings == nil {
		findings = []router.Finding{} // null is no list
	}
	return reply{data: findings}, nil
}

// draft reads rules that are not stored.
func (o *object) draft(raw json.RawMessage) []router.Rule {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		o.wrong.add("rules", codeType, "must be an array of rules")
	}
	rules := make([]router.Rule, len(list))
	for i, item := range list {
		o.addFileErrors(fmt.Sprintf("rules[%d]", i), json.Unmarshal(item, &rules[i]))
	}
	return rules
}
