package admin

import (
	"net/http"
	"time"
)

// The shapes of the health endpoints, which have no envelope.
type (
	healthView struct {
		Status    string  `json:"status"`
		Version   string  `json:"version"`
		Uptime    float64 `json:"uptime"` // seconds
		Timestamp string  `json:"timestamp"`
	}
	liveView struct {
		Status    string `json:"status"`
		Timestamp string `json:"timestamp"`
	}
	readyView struct {
		Status          string `json:"status"`
		EnabledChannels int    `json:"enabledChannels"`
		Timestamp       string `json:"timestamp"`
	}
	notReadyView struct {
		Status    string `json:"status"`
		Reason    string `json:"reason"`
		Timestamp string `json:"timestamp"`
	}
)

func (a *API) health(w http.ResponseWriter, r *http.Request) {
	a.writeJSON(w, r, http.StatusOK, a.healthNow())
}

func (a *API) healthNow() healthView {
	return healthView{
		Status: healthy, Version: a.version,
		Uptime: time.Since(a.started).Truncate(time.Millisecond).Seconds(), Timestamp: timestamp(),
	}
}

func (a *API) live(w http.ResponseWriter, r *http.Request) {
	a.writeJSON(w, r, http.StatusOK, liveView{Status: "alive", Timestamp: timestamp()})
}

// ready is about what was configured: a channel that is broken for a moment
// must not make an orchestrator take the whole server away.
func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	enabled := 0
	channels := a.state.Load().channels
	for i := range channels {
		if c := &channels[i].Channel; !c.Disabled && brokenReason(c) == "" {
			enabled++
		}
	}
	if enabled == 0 {
		a.writeJSON(w, r, http.StatusServiceUnavailable, notReadyView{
			Status: "not_ready", Reason: "no channel is enabled; add one with POST /api/channels", Timestamp: timestamp(),
		})
		return
	}
	a.writeJSON(w, r, http.StatusOK, readyView{Status: "ready", EnabledChannels: enabled, Timestamp: timestamp()})
}

func timestamp() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }
