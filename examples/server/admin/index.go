package admin

import (
	"net/http"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform/named"
)

// The shapes of GET /api.
type (
	indexView struct {
		Name         string            `json:"name"`
		Version      string            `json:"version"`
		Status       string            `json:"status"`
		Uptime       float64           `json:"uptime"` // seconds
		Stats        statsView         `json:"stats"`
		LoadBalancer strategyView      `json:"loadBalancer"`
		Endpoints    map[string]string `json:"endpoints"`
		Timestamp    string            `json:"timestamp"`
	}
	statsView struct {
		TotalChannels   int `json:"totalChannels"`
		EnabledChannels int `json:"enabledChannels"`
		RoutingRules    int `json:"routingRules"`
		Transformers    int `json:"transformers"`
		Models          int `json:"models"` // that can be asked for by name
		Providers       int `json:"providers"`
	}
)

// index tells what this is, and where to go on.
func (a *API) index(*http.Request, *object) (reply, error) {
	s, now := a.state.Load(), a.healthNow()
	stats := statsView{
		TotalChannels: len(s.channels), RoutingRules: len(s.allRules()), Transformers: len(named.List()),
		Models: len(a.transport.Models()), Providers: len(routex.ChannelTypes()),
	}
	for i := range s.channels {
		if !s.channels[i].Disabled {
			stats.EnabledChannels++
		}
	}
	endpoints := map[string]string{
		"health": "/health/detailed", "channels": "/api/channels", "routing": "/api/routing/rules", "strategy": "/api/strategy",
		"transformers": "/api/transformers", "providers": "/api/providers",
		"messages": "/v1/messages", "chat": "/v1/chat/completions", "responses": "/v1/responses", "gemini": "/v1beta/models", "models": "/v1/models",
	}
	if a.tees != nil {
		endpoints["tee"] = "/api/tee"
	}
	return reply{data: indexView{
		Name: "Routex", Version: now.Version, Status: "running", Uptime: now.Uptime, Stats: stats,
		LoadBalancer: strategyView{s.strategy}, Timestamp: now.Timestamp,
		Endpoints: endpoints,
	}}, nil
}
