package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/store"
)

type strategyView struct {
	Strategy string `json:"strategy"`
}

func (a *API) getStrategy(*http.Request, *object) (reply, error) {
	return reply{data: strategyView{a.state.Load().strategy}}, nil
}

func (a *API) putStrategy(r *http.Request, body *object) (reply, error) {
	var name string
	found := read(body, "strategy", &name, balance.NamePriority, text)
	body.finish()
	available := strings.Join(balance.Names(), ", ")
	switch {
	case !found:
		body.wrong.add("strategy", codeRequired, "required; one of "+available)
	case !slices.Contains(balance.Names(), name):
		body.wrong.add("strategy", codeValue, fmt.Sprintf("there is no strategy %q; there are %s", name, available))
	}
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	_, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		s.strategy = name
		return store.Change{PutSettings: map[string]string{settingStrategy: name}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: strategyView{after.strategy}}, nil
}
