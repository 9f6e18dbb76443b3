package admin

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"time"
)

// pingTime is how long the store may take to say that it is there.
const pingTime = 2 * time.Second

// The values of the status of /health/detailed.
const (
	healthy   = "healthy"
	degraded  = "degraded"  // calls are answered, but not as was configured
	unhealthy = "unhealthy" // nothing can be changed, or no call can be answered
)

type (
	detailedView struct {
		healthView
		System       systemView   `json:"system"`
		Database     databaseView `json:"database"`
		Channels     channelsView `json:"channels"`
		Routing      routingView  `json:"routing"`
		LoadBalancer strategyView `json:"loadBalancer"`
		Issues       []string     `json:"issues"`
	}
	systemView struct {
		OS         string     `json:"os"`
		Arch       string     `json:"arch"`
		GoVersion  string     `json:"goVersion"`
		PID        int        `json:"pid"`
		CPUs       int        `json:"cpus"`
		Goroutines int        `json:"goroutines"`
		Memory     memoryView `json:"memory"`
	}
	memoryView struct { // in bytes
		Heap  uint64 `json:"heap"`  // in use, or not yet found to be unused
		Total uint64 `json:"total"` // that the system has given
	}
	databaseView struct {
		Connected bool  `json:"connected"`
		LatencyMs int64 `json:"latencyMs"`
	}
	// Enabled are the channels that are switched on, Available those of them
	// that take calls now.
	channelsView struct {
		Total     int `json:"total"`
		Enabled   int `json:"enabled"`
		Disabled  int `json:"disabled"`
		Available int `json:"available"`
	}
	// Enabled are the rules that are switched on, Active those of them whose
	// channel exists.
	routingView struct {
		Rules   int `json:"rules"`
		Enabled int `json:"enabled"`
		Active  int `json:"active"`
	}
)

// detailed tells operators what is wrong. It answers 200 whatever that is:
// /health/ready is for those who would take the server away.
func (a *API) detailed(w http.ResponseWriter, r *http.Request) {
	s := a.state.Load()
	v := detailedView{
		healthView: a.healthNow(), System: systemNow(), Routing: routingOf(s), LoadBalancer: strategyView{s.strategy}, Issues: []string{},
	}
	v.checkDatabase(a.ping(r))
	v.checkChannels(s, a)
	if resting := v.Routing.Enabled - v.Routing.Active; resting > 0 {
		v.issue(degraded, fmt.Sprintf("the channels of %d rules do not exist, so they have no effect", resting))
	}
	if a.tees != nil {
		for _, text := range a.tees.Issues() {
			v.issue(degraded, text)
		}
	}
	if a.issues != nil {
		for _, text := range a.issues() {
			v.issue(degraded, text)
		}
	}
	a.writeJSON(w, r, http.StatusOK, v)
}

// issue notes what is wrong. The status is that of the worst of all.
func (v *detailedView) issue(status, text string) {
	v.Issues = append(v.Issues, text)
	if v.Status != unhealthy {
		v.Status = status
	}
}

// ping gives the time that the store took to answer.
func (a *API) ping(r *http.Request) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(r.Context(), pingTime)
	defer cancel()
	began := time.Now()
	err := a.store.Ping(ctx)
	if err != nil && r.Context().Err() == nil {
		a.logger.WarnContext(r.Context(), "the store does not answer", "error", err)
	}
	return time.Since(began), err
}

func (v *detailedView) checkDatabase(took time.Duration, err error) {
	v.Database = databaseView{Connected: err == nil, LatencyMs: took.Milliseconds()}
	if err != nil {
		v.issue(unhealthy, "the database cannot be reached: calls are answered, but nothing can be changed; the log says why")
	}
}

func (v *detailedView) checkChannels(s *state, a *API) {
	live := a.liveChannels()
	counts := make(map[string]int)
	for i := range s.channels {
		c := &s.channels[i].Channel
		counts[status(c, live[c.ID])]++
	}
	n := len(s.channels)
	v.Channels = channelsView{Total: n, Enabled: n - counts[statusDisabled], Disabled: counts[statusDisabled], Available: counts[statusEnabled]}
	switch {
	case n == 0:
		v.issue(degraded, "there are no channels; add one with POST /api/channels")
	case v.Channels.Enabled == 0:
		v.issue(degraded, "no channel is enabled")
	case v.Channels.Available == 0:
		v.issue(unhealthy, "no channel takes calls now")
	}
	for _, known := range []struct{ status, text string }{
		{statusBroken, "%d channels are broken: the master key does not open their secrets"},
		{statusOpen, "%d channels failed too often and rest"},
		{statusLimited, "%d channels are limited by their providers"},
	} {
		if counts[known.status] > 0 {
			v.issue(degraded, fmt.Sprintf(known.text, counts[known.status]))
		}
	}
}

func routingOf(s *state) routingView {
	rules := s.allRules()
	v := routingView{Rules: len(rules)}
	for i := range rules {
		if rules[i].Disabled {
			continue
		}
		v.Enabled++
		if !s.rests(&rules[i]) {
			v.Active++
		}
	}
	return v
}

func systemNow() systemView {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	return systemView{
		OS: runtime.GOOS, Arch: runtime.GOARCH, GoVersion: runtime.Version(), PID: os.Getpid(), CPUs: runtime.NumCPU(),
		Goroutines: runtime.NumGoroutine(),
		Memory:     memoryView{Heap: sample[0].Value.Uint64(), Total: sample[1].Value.Uint64()},
	}
}
