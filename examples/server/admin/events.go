package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/events"
)

// streamEvents tells what happens until the caller leaves.
func (a *API) streamEvents(w http.ResponseWriter, r *http.Request) {
	p := paramsOf(r)
	types := readEventTypes(p)
	if err := p.wrong.err(); err != nil {
		a.writeError(w, r, err)
		return
	}
	if a.events.Serve(w, r, types) != nil {
		w.Header().Set("Retry-After", "5")
		a.writeError(w, r, tooManyListeners())
	}
}

func readEventTypes(p *params) (types []string) {
	const name = "types"
	known := events.Types()
	for one := range strings.SplitSeq(p.text(name, "Only events of these types, separated by commas: "+strings.Join(known, ", ")), ",") {
		switch one = strings.TrimSpace(one); {
		case one == "":
		case !slices.Contains(known, one):
			p.wrong.add(name, codeValue, "there is no type "+one+"; there are "+strings.Join(known, ", "))
		default:
			types = append(types, one)
		}
	}
	return types
}
