package admin

import (
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/examples/server/store"
)

// A channelView is a channel as the API shows it. Times are milliseconds since
// 1970, null for never; the counters and the rest that is live are those since
// the server started.
type channelView struct {
	ID             string              `json:"id"`
	Name           string              `json:"name"`
	Type           string              `json:"type"`
	API            string              `json:"api,omitempty"`
	Config         *store.Provider     `json:"config,omitempty"`
	BaseURL        string              `json:"baseUrl,omitempty"`
	ProxyURL       string              `json:"proxyUrl,omitempty"` // credentials masked
	APIKey         string              `json:"apiKey,omitempty"`   // masked
	APIKeys        []string            `json:"apiKeys,omitempty"`  // masked
	Headers        map[string]string   `json:"headers"`            // secrets masked
	Models         []string            `json:"models"`
	ModelMap       map[string]string   `json:"modelMap"`
	Priority       int                 `json:"priority"`
	Weight         int                 `json:"weight"`
	Status         string              `json:"status"`
	Problem        string              `json:"problem,omitempty"` // why it is broken
	Transformers   *store.Transformers `json:"transformers,omitempty"`
	MaxConcurrency int                 `json:"maxConcurrency"`
	ContextWindow  store.Windows       `json:"contextWindow,omitempty"`
	Prices         priceMap            `json:"prices,omitempty"`
	Timeouts       store.Timeouts      `json:"timeouts"`
	Losses         string              `json:"losses,omitempty"`
	Usage          string              `json:"usage,omitempty"`
	RequestCount   int64               `json:"requestCount"`
	SuccessCount   int64               `json:"successCount"`
	FailureCount   int64               `json:"failureCount"`
	LastUsedAt     *int64              `json:"lastUsedAt"`
	CreatedAt      int64               `json:"createdAt"`
	UpdatedAt      int64               `json:"updatedAt"`
	InFlight       int64               `json:"inFlight"`
	LatencyMs      int64               `json:"latencyMs"`
	Breaker        breaker.State       `json:"breaker"`
	CooldownUntil  *int64              `json:"cooldownUntil"`
	Keys           []keyView           `json:"keys"`
}

// A keyView is how one of the keys of a channel is doing.
type keyView struct {
	Key          string `json:"key"`          // masked
	RetiredUntil *int64 `json:"retiredUntil"` // null while it is in service
	Why          string `json:"why,omitempty"`
	// Models for which alone the key is refused, and until when.
	Models map[string]int64 `json:"models,omitempty"`
}

// liveChannels says how the channels are doing, by ID.
func (a *API) liveChannels() map[string]routex.ChannelStatus {
	list := a.transport.Status()
	out := make(map[string]routex.ChannelStatus, len(list))
	for _, s := range list {
		out[s.ID] = s
	}
	return out
}

func (a *API) channelNow(c *store.Channel) channelView {
	return viewChannel(c, a.liveChannels()[c.ID])
}

func viewChannel(c *store.Channel, live routex.ChannelStatus) channelView {
	v := channelView{
		ID: c.ID, Name: c.Name, Type: c.Type, API: c.API, BaseURL: maskURL(c.BaseURL), ProxyURL: maskProxy(c.ProxyURL), APIKey: mask(c.APIKey), APIKeys: maskAll(c.APIKeys),
		Headers: maskHeaders(c.Headers), Models: c.Models, ModelMap: c.ModelMap,
		Priority: c.Priority, Weight: c.Weight, Status: status(c, live), Problem: brokenReason(c),
		Transformers: c.Transformers, MaxConcurrency: c.MaxConcurrency, ContextWindow: c.ContextWindow, Prices: c.Prices, Timeouts: c.Timeouts, Losses: c.Losses, Usage: c.Usage,
		RequestCount: live.Requests, SuccessCount: live.Successes, FailureCount: live.Failures,
		LastUsedAt: milliseconds(live.LastUsed), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		InFlight: live.InFlight, LatencyMs: live.Latency.Milliseconds(),
		Breaker: live.Circuit, CooldownUntil: milliseconds(live.CooldownUntil), Keys: viewKeys(live.Keys),
	}
	if c.Config != (store.Provider{}) {
		v.Config = &c.Config
	}
	if v.Models == nil {
		v.Models = []string{}
	}
	if v.ModelMap == nil {
		v.ModelMap = map[string]string{}
	}
	if v.Breaker == "" { // it was deleted a moment ago
		v.Breaker = breaker.Closed
	}
	return v
}

// status is what the channel is set to, or why it takes no calls in spite of
// that.
func status(c *store.Channel, live routex.ChannelStatus) string {
	switch {
	case c.Disabled:
		return statusDisabled
	case brokenReason(c) != "":
		return statusBroken
	case !live.CooldownUntil.IsZero():
		return statusLimited
	case live.Circuit == breaker.Open:
		return statusOpen
	}
	return statusEnabled
}

func milliseconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(t.UnixMilli())
}

func viewKeys(live []routex.KeyStatus) []keyView {
	views := make([]keyView, 0, len(live))
	for _, k := range live {
		if k.Key == "" && k.Why == "" && k.Models == nil { // the channel has none
			continue
		}
		v := keyView{Key: k.Key, RetiredUntil: milliseconds(k.RetiredUntil), Why: k.Why}
		for model, until := range k.Models {
			if v.Models == nil {
				v.Models = make(map[string]int64, len(k.Models))
			}
			v.Models[model] = until.UnixMilli()
		}
		views = append(views, v)
	}
	return views
}
