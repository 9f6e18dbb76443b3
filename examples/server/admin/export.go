package admin

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
)

// exportVersion is that of the shape of what is exported.
const exportVersion = "1.0"

type exportView struct {
	Version    string         `json:"version"`
	ExportedAt string         `json:"exportedAt"`
	Channels   []channelEntry `json:"channels"`
}

// A channelEntry is a channel as it is exported: all that can be set, also
// what is not, so that an import makes the same of a channel that has more.
// Only secrets are left out, and an import leaves them as they are.
type channelEntry struct {
	Name           string              `json:"name"`
	Type           string              `json:"type"`
	API            string              `json:"api"`
	Config         store.Provider      `json:"config"`
	BaseURL        string              `json:"baseUrl"`
	ProxyURL       string              `json:"proxyUrl"`
	APIKey         string              `json:"apiKey,omitempty"`
	APIKeys        []string            `json:"apiKeys,omitempty"`
	Headers        map[string]string   `json:"headers"`
	Models         []string            `json:"models"`
	ModelMap       map[string]string   `json:"modelMap"`
	Priority       int                 `json:"priority"`
	Weight         int                 `json:"weight"`
	Status         string              `json:"status"`
	Transformers   *store.Transformers `json:"transformers"`
	MaxConcurrency int                 `json:"maxConcurrency"`
	ContextWindow  store.Windows       `json:"contextWindow"`
	Prices         priceMap            `json:"prices"`
	Timeouts       store.Timeouts      `json:"timeouts"`
	Losses         string              `json:"losses"`
	Usage          string              `json:"usage"`
}

// exportChannels gives the stored channels, those that a program only serves
// left out. It has a shape of its own, which is that of a file to import.
func (a *API) exportChannels(w http.ResponseWriter, r *http.Request) {
	p := paramsOf(r)
	secrets := readExportParams(p)
	if err := p.wrong.err(); err != nil {
		a.writeError(w, r, err)
		return
	}
	if secrets && (a.authenticated == nil || !a.authenticated(r)) {
		a.writeError(w, r, forbidden("keys are exported only to who sends the admin token; leave ?secrets=true out for an export without keys"))
		return
	}
	out := exportView{Version: exportVersion, ExportedAt: timestamp(), Channels: []channelEntry{}}
	for _, c := range a.state.Load().channels {
		if !c.ephemeral {
			out.Channels = append(out.Channels, entryOf(&c.Channel, secrets))
		}
	}
	w.Header().Set("Content-Disposition", `attachment; filename="routex-channels-`+time.Now().UTC().Format("20060102-150405")+`.json"`)
	a.writeJSON(w, r, http.StatusOK, out)
}

func readExportParams(p *params) (secrets bool) {
	return p.flag("secrets", "Whether keys are exported too, for which the admin token is needed")
}

func entryOf(c *store.Channel, secrets bool) channelEntry {
	e := channelEntry{
		Name: c.Name, Type: c.Type, API: c.API, Config: c.Config, BaseURL: c.BaseURL, ProxyURL: c.ProxyURL, APIKey: c.APIKey, APIKeys: c.APIKeys,
		Headers: members(c.Headers), Models: list(c.Models), ModelMap: members(c.ModelMap), Priority: c.Priority, Weight: c.Weight,
		Status: statusEnabled, Transformers: c.Transformers, MaxConcurrency: c.MaxConcurrency, ContextWindow: c.ContextWindow,
		Prices: members(c.Prices), Timeouts: c.Timeouts, Losses: c.Losses, Usage: c.Usage,
	}
	if c.Disabled {
		e.Status = statusDisabled
	}
	if !secrets || brokenReason(c) != "" { // which nobody could read
		e.APIKey, e.APIKeys = "", nil
		e.BaseURL, e.ProxyURL = urlWithoutSecrets(c.BaseURL), proxyWithoutSecrets(c.ProxyURL)
		e.Headers = make(map[string]string)
		for name, value := range c.Headers {
			if !hides(name, value) {
				e.Headers[name] = value
			}
		}
	}
	return e
}

// urlWithoutSecrets leaves the parameters out that maskURL masks.
func urlWithoutSecrets(base string) string {
	if secret.Sealed(base) {
		return ""
	}
	head, query, found := strings.Cut(base, "?")
	if !found {
		return base
	}
	parts := slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool {
		name, value, _ := strings.Cut(part, "=")
		return hides(name, value) && value != ""
	})
	if len(parts) == 0 {
		return head
	}
	return head + "?" + strings.Join(parts, "&")
}
