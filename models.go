package routex

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// Models lists the models that callers can ask for by name: the exact names,
// never patterns, in Models and ModelMap of the channels that are not
// disabled. The slice is the caller's.
func (t *Transport) Models() []string {
	return slices.Sorted(maps.Keys(t.modelOwners()))
}

// modelOwners gives the type of the first channel that lists each model.
func (t *Transport) modelOwners() map[string]ChannelType {
	owners := make(map[string]ChannelType)
	for _, ch := range t.current.Load().channels {
		if ch.Disabled {
			continue
		}
		for _, name := range slices.Concat(ch.Models, slices.Collect(maps.Keys(ch.ModelMap))) {
			if _, taken := owners[name]; !taken && !strings.Contains(name, "*") {
				owners[name] = ch.Type
			}
		}
	}
	return owners
}

// The lists of models as the providers write them.
type (
	openAIModels struct {
		Object string        `json:"object"`
		Data   []openAIModel `json:"data"`
	}
	openAIModel struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	anthropicModels struct {
		Data    []anthropicModel `json:"data"`
		HasMore bool             `json:"has_more"`
		FirstID *string          `json:"first_id"`
		LastID  *string          `json:"last_id"`
	}
	anthropicModel struct {
		Type        string `json:"type"`
		ID          string `json:"id"`
		DisplayName string `json:"display_name"`
		CreatedAt   string `json:"created_at"`
	}
)

// modelTime stands where providers say when a model was made, which is not
// known here.
const modelTime = "1970-01-01T00:00:00Z"

// serveModels lists the models in the asker's shape, without asking a channel.
func (t *Transport) serveModels(w http.ResponseWriter, r *http.Request) {
	dialect := dialectOfHeader(r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		e := transform.Error{Status: http.StatusMethodNotAllowed, Message: "method " + r.Method + " is not allowed here; use GET"}
		writeBody(w, e.Status, e.Body(dialect))
		return
	}
	owners := t.modelOwners()
	names := slices.Sorted(maps.Keys(owners))
	var list any
	if dialect == transform.Anthropic {
		list = anthropicList(names)
	} else {
		data := make([]openAIModel, 0, len(names))
		for _, name := range names {
			data = append(data, openAIModel{ID: name, Object: "model", OwnedBy: string(owners[name])})
		}
		list = openAIModels{Object: "list", Data: data}
	}
	body, _ := json.Marshal(list) // strings and numbers cannot fail
	writeBody(w, http.StatusOK, body)
}

func anthropicList(names []string) anthropicModels {
	list := anthropicModels{Data: make([]anthropicModel, 0, len(names))}
	for _, name := range names {
		list.Data = append(list.Data, anthropicModel{Type: "model", ID: name, DisplayName: name, CreatedAt: modelTime})
	}
	if len(names) > 0 {
		list.FirstID, list.LastID = &names[0], &names[len(names)-1]
	}
	return list
}
