package admin

import (
	"encoding/json"
	"fmt"
	"maps"
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
	if draft := readDraft(body); draft != nil {
		rules = draft
	}
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

// readDraft reads rules that need not be stored; nil when there are none.
func readDraft(o *object) (rules []router.Rule) {
	if raw, ok := o.take("rules", draftSchema); ok && !isNull(raw) {
		rules = o.draft(raw)
	}
	o.finish()
	return rules
}

// draftSchema is that of rules as files have them: without what is only shown.
func draftSchema() *schema {
	s := describe(readsRule)
	maps.DeleteFunc(s.Properties, func(_ string, p *schema) bool { return p.ignored })
	return listSchema(s)
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
