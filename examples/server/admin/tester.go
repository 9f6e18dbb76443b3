package admin

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
)

// The shapes of what tests of channels give.
type (
	testView struct {
		Success     bool        `json:"success"`
		ChannelID   string      `json:"channelId"`
		ChannelName string      `json:"channelName"`
		Latency     int64       `json:"latency"` // milliseconds
		Error       string      `json:"error,omitempty"`
		Details     testDetails `json:"details"`
	}
	testDetails struct {
		Status int    `json:"status"` // of the provider's answer; 0 for none
		Model  string `json:"model"`  // that was asked for
	}
	testsView struct {
		Results []testView  `json:"results"`
		Summary testSummary `json:"summary"`
	}
	testSummary struct {
		Total          int     `json:"total"`
		Passed         int     `json:"passed"`
		Failed         int     `json:"failed"`
		AverageLatency int64   `json:"averageLatency"` // milliseconds
		SuccessRate    float64 `json:"successRate"`    // percent
	}
)

// testChannel finds out whether a channel works. The body can name the model
// to ask for.
func (a *API) testChannel(r *http.Request, body *object) (reply, error) {
	s := a.state.Load()
	i := s.channel(r.PathValue("id"))
	if i < 0 {
		return reply{}, noChannel(r)
	}
	c := &s.channels[i].Channel
	model := readModel(body)
	if model != "" {
		if ch, err := libraryChannel(c); err == nil && !ch.Serves(model) {
			body.wrong.add("model", codeValue, "is no model of this channel")
		}
	}
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	return reply{data: a.try(r.Context(), c, model)}, nil
}

func readModel(o *object) (model string) {
	read(o, "model", &model, "", text())
	o.finish()
	return model
}

// testChannels finds out which channels work.
func (a *API) testChannels(enabledOnly bool) handler {
	return func(r *http.Request, body *object) (reply, error) {
		body.finish()
		if err := body.wrong.err(); err != nil {
			return reply{}, err
		}
		s := a.state.Load()
		var chosen []*store.Channel
		for i := range s.channels {
			if c := &s.channels[i].Channel; !enabledOnly || !c.Disabled {
				chosen = append(chosen, c)
			}
		}
		out := testsView{Results: make([]testView, len(chosen))}
		var all sync.WaitGroup
		for i, c := range chosen {
			all.Go(func() { out.Results[i] = a.try(r.Context(), c, "") })
		}
		all.Wait()
		out.Summary = summarize(out.Results)
		return reply{data: out}, nil
	}
}

func summarize(results []testView) testSummary {
	s := testSummary{Total: len(results)}
	for i := range results {
		if results[i].Success {
			s.Passed++
		}
		s.AverageLatency += results[i].Latency
	}
	if s.Total > 0 {
		s.AverageLatency /= int64(s.Total)
		s.SuccessRate = math.Round(10000*float64(s.Passed)/float64(s.Total)) / 100
	}
	s.Failed = s.Total - s.Passed
	return s
}

// try asks a channel with each of its keys. It works if all of them do.
func (a *API) try(ctx context.Context, c *store.Channel, model string) testView {
	v := testView{ChannelID: c.ID, ChannelName: c.Name}
	if v.Error = brokenReason(c); v.Error != "" {
		return v
	}
	ch, err := libraryChannel(c)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	v.Details.Model = cmp.Or(model, modelToTest(&ch))
	if v.Details.Model == "" {
		v.Error = `no model of the channel is known by name; say which to ask for: {"model":"..."}`
		return v
	}
	keys := slices.Concat([]string{ch.APIKey}, ch.APIKeys)
	if ch.APIKey == "" && len(ch.APIKeys) > 0 {
		keys = ch.APIKeys
	}
	findings := make([]finding, len(keys))
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			alone := ch
			alone.APIKey, alone.APIKeys = key, nil
			findings[i] = a.examine(ctx, &alone, v.Details.Model)
		})
	}
	all.Wait()
	v.judge(keys, findings)
	return v
}

// judge makes one result of those of the keys: the worst of them.
func (v *testView) judge(keys []string, findings []finding) {
	var problems []string
	for i, f := range findings {
		v.Latency = max(v.Latency, f.latency.Milliseconds())
		if f.problem == "" {
			v.Details.Status = cmp.Or(v.Details.Status, f.status)
			continue
		}
		if len(problems) == 0 {
			v.Details.Status = f.status
		}
		if len(keys) > 1 {
			f.problem = fmt.Sprintf("key %s: %s", mask(keys[i]), f.problem)
		}
		problems = append(problems, f.problem)
	}
	v.Error = strings.Join(problems, "; ")
	v.Success = len(problems) == 0
}

// modelToTest is one that the channel lists by name and that answers, else one
// that providers of its type have and that the channel serves; "" for none.
func modelToTest(ch *routex.Channel) string {
	names := slices.Concat(ch.Models, slices.Sorted(maps.Keys(ch.ModelMap)))
	names = slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "*") || !ch.Serves(name) })
	if i := slices.IndexFunc(names, func(name string) bool { return !embeds(name) }); i >= 0 {
		return names[i]
	}
	if len(names) > 0 {
		return names[0]
	}
	for _, name := range usualModels(ch) {
		if ch.Serves(name) {
			return name
		}
	}
	return ""
}

// usualModels are small ones. An Azure channel that names its deployment is
// asked for that, whatever it is called.
func usualModels(ch *routex.Channel) []string {
	switch ch.Type {
	case routex.TypeAnthropic:
		return []string{"claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"}
	case routex.TypeOpenAI:
		return []string{"gpt-4o-mini", "gpt-5-mini", "gpt-4.1-mini", "o4-mini"}
	case routex.TypeGoogle:
		return []string{"gemini-2.5-flash", "gemini-2.5-pro"}
	case routex.TypeZhipu:
		return []string{"glm-4-flash", "glm-4.5-flash", "glm-4.6"}
	case routex.TypeAzure:
		if ch.Deployment != "" {
			return []string{ch.Deployment}
		}
	}
	return nil
}
