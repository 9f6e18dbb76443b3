package admin

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/examples/server/usage"
)

type (
	analyticsView struct {
		Since  *int64      `json:"since"` // in milliseconds since 1970; of a whole hour, null for no bound
		Until  *int64      `json:"until"`
		Zone   string      `json:"zone"`
		Total  usageView   `json:"total"`
		Groups []groupView `json:"groups"` // none unless groupBy says by what
	}
	// A group has of its first fields those that calls are grouped by.
	groupView struct {
		ChannelID     *string `json:"channelId,omitempty"`
		ChannelName   *string `json:"channelName,omitempty"`
		Model         *string `json:"model,omitempty"`
		ClientKeyID   *string `json:"clientKeyId,omitempty"`
		ClientKeyName *string `json:"clientKeyName,omitempty"`
		Hour          *string `json:"hour,omitempty"` // its beginning
		Day           *string `json:"day,omitempty"`
		usageView
	}
	// Cost is that of all calls but the Unpriced, of which it is not known.
	usageView struct {
		Requests         int64            `json:"requests"`
		Success          int64            `json:"success"`
		Failed           int64            `json:"failed"`
		InputTokens      int64            `json:"inputTokens"`
		OutputTokens     int64            `json:"outputTokens"`
		CacheReadTokens  int64            `json:"cacheReadTokens"`
		CacheWriteTokens int64            `json:"cacheWriteTokens"`
		ReasoningTokens  int64            `json:"reasoningTokens"`
		Cost             float64          `json:"cost"`
		Unpriced         int64            `json:"unpricedRequests"`
		Latency          *percentilesView `json:"latencyMs"`    // null when there are no calls
		FirstToken       *percentilesView `json:"firstTokenMs"` // null when none was answered
	}
	percentilesView struct {
		P50 float64 `json:"p50"`
		P90 float64 `json:"p90"`
		P95 float64 `json:"p95"`
		P99 float64 `json:"p99"`
	}
)

// An analysis is what is asked about usage.
type analysis struct {
	since, until int64 // hours since 1970
	by           []usage.By
	zone         *time.Location
}

// The hours that stand for no bound.
const (
	firstHour = 0
	lastHour  = math.MaxInt64 / int64(time.Hour/time.Millisecond)
)

func (a *API) analyze(r *http.Request, _ *object) (reply, error) {
	p := paramsOf(r)
	q := readAnalysis(p)
	if err := p.wrong.err(); err != nil {
		return reply{}, err
	}
	groups := usage.NewGroups(q.by, q.zone)
	if err := a.requests.Usage(r.Context(), q.since, q.until, groups); err != nil {
		return reply{}, a.unread(r, err)
	}
	v := analyticsView{
		Since: bound(q.since, firstHour), Until: bound(q.until, lastHour), Zone: q.zone.String(),
		Total: viewUsage(groups.Total()), Groups: []groupView{},
	}
	s := a.state.Load()
	for _, g := range groups.List() {
		v.Groups = append(v.Groups, viewGroup(s, q.by, g))
	}
	return reply{data: v}, nil
}

// readAnalysis reads what is asked about usage. It is known by the hour, so
// hours that are named in part count whole.
func readAnalysis(p *params) analysis {
	q := analysis{since: firstHour, until: lastHour, zone: time.UTC}
	if ms := p.moment("since", "The first hour"); ms != 0 {
		q.since = usage.HourOf(time.UnixMilli(ms))
	}
	if ms := p.moment("until", "The end, before which the last hour begins"); ms != 0 {
		q.until = min(usage.HourOf(time.UnixMilli(ms-1))+1, lastHour)
	}
	if names := p.text("groupBy", "One or more of channel, model, key, hour and day, with commas"); names != "" {
		for name := range strings.SplitSeq(names, ",") {
			by := usage.By(strings.TrimSpace(name))
			if !slices.Contains(usage.Dimensions(), by) {
				p.wrong.add("groupBy", codeValue, "must be one of channel, model, key, hour, day, or some of them with commas")
			}
			q.by = append(q.by, by)
		}
	}
	if name := p.text("zone", "The time zone of days, such as Asia/Shanghai; UTC without it"); name != "" {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			p.wrong.add("zone", codeValue, "must be a time zone such as Asia/Shanghai")
			zone = time.UTC
		}
		q.zone = zone
	}
	return q
}

func bound(hour, none int64) *int64 {
	if hour == none {
		return nil
	}
	return new(hour * time.Hour.Milliseconds())
}

func viewGroup(s *state, by []usage.By, g *usage.Group) groupView {
	v := groupView{usageView: viewUsage(&g.Counts)}
	for _, dimension := range by {
		switch dimension {
		case usage.ByChannel:
			name := g.ChannelName
			if i := s.channel(g.ChannelID); g.ChannelID != "" && i >= 0 {
				name = s.channels[i].Name
			}
			v.ChannelID, v.ChannelName = &g.ChannelID, &name
		case usage.ByModel:
			v.Model = &g.Model
		case usage.ByKey:
			v.ClientKeyID, v.ClientKeyName = &g.Caller, new(s.clientKeyName(g.Caller))
		case usage.ByHour:
			v.Hour = new(g.Start.Format(time.RFC3339))
		case usage.ByDay:
			v.Day = new(g.Start.Format(time.DateOnly))
		}
	}
	return v
}

func viewUsage(c *usage.Counts) usageView {
	return usageView{
		Requests: c.Requests, Success: c.Requests - c.Failed, Failed: c.Failed,
		InputTokens: c.Input, OutputTokens: c.Output, CacheReadTokens: c.CacheRead, CacheWriteTokens: c.CacheWrite, ReasoningTokens: c.Reasoning,
		Cost: c.Cost, Unpriced: c.Requests - c.Priced, Latency: viewPercentiles(&c.Latency), FirstToken: viewPercentiles(&c.FirstToken),
	}
}

func viewPercentiles(h *usage.Histogram) *percentilesView {
	if h.Total() == 0 {
		return nil
	}
	return &percentilesView{P50: rounded(h, 0.50), P90: rounded(h, 0.90), P95: rounded(h, 0.95), P99: rounded(h, 0.99)}
}

// rounded gives a percentile in milliseconds with the digits that are known.
func rounded(h *usage.Histogram, p float64) float64 {
	ms := float64(h.Percentile(p)) / float64(time.Millisecond)
	unit := math.Pow(10, math.Floor(math.Log10(ms))-2)
	if unit >= 1 {
		return math.Round(ms/unit) * unit
	}
	return math.Round(ms/unit) / math.Round(1/unit)
}
