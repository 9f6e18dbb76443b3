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
	name := readStrategy(body)
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

func readStrategy(o *object) (name string) {
	found := read(o, "strategy", &name, balance.NamePriority, text().among(balance.Names()...))
	o.finish()
	available := strings.Join(balance.Names(), ", ")
	switch {
	case !found:
		o.wrong.add("strategy", codeRequired, "required; one of "+available)
	case !slices.Contains(balance.Names(), name):
		o.wrong.add("strategy", codeValue, fmt.Sprintf("there is no strategy %q; there are %s", name, available))
	}
	return name
}
