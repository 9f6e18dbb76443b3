package requests_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/usage"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// some gives one of the values.
func some[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// randomDecision is one of a call that was over at that time.
func randomDecision(r *rand.Rand, over time.Time) *routex.Decision {
	d := &routex.Decision{
		Dialect: some(r, transform.Anthropic, transform.OpenAIChat), Path: some(r, "/v1/messages", "/v1/chat/completions", "/x/"+strings.Repeat("y", r.IntN(300))),
		Model: some(r, "", "Claude-Opus", "gpt-4o", "gpt-4o-mini", "模型"), Stream: r.IntN(2) == 0,
		ChannelID: some(r, "", "a", "b", "c"), UpstreamModel: some(r, "", "up"), Status: some(r, 0, 200, 200, 404, 429, 502),
		Class: some(r, breaker.OK, breaker.OK, breaker.Rate, breaker.HangUp), Error: some(r, "", "", "Too Many", fmt.Sprint("odd ", r.IntN(1000))),
		Caller: some(r, "", "k1", "k2"), Agent: some(r, "", "main"), ParentAgent: some(r, "", "root"), Shadow: some(r, "", "s"), Copy: r.IntN(9) == 0,
		SkippedEvents: r.IntN(3), Wait: time.Duration(r.IntN(2)) * 1500 * time.Millisecond, FirstByte: time.Duration(r.IntN(3)) * 300 * time.Microsecond,
		Duration: time.Duration(math.Exp(r.Float64()*24)) + 1, UsageKnown: r.IntN(3) > 0, UsageEstimated: r.IntN(5) == 0,
	}
	binary.LittleEndian.PutUint64(d.TraceID[:], r.Uint64())
	if r.IntN(3) > 0 {
		d.Cost = new(float64(r.IntN(1000)) / 8)
	}
	binary.LittleEndian.PutUint64(d.SpanID[:], r.Uint64())
	d.Time = over.Add(-d.Duration)
	d.Channel = strings.ToUpper(d.ChannelID)
	if d.UsageKnown || d.UsageEstimated {
		d.Usage = transform.Usage{Input: r.Int64N(5000), Output: r.Int64N(500), CacheRead: r.Int64N(3) << 40, CacheWrite: r.Int64N(9), Reasoning: r.Int64N(9)}
	}
	if r.IntN(2) == 0 {
		d.RuleID, d.Rule = "r1", some(r, "", "a rule")
		d.Affinity = &routex.Affinity{Key: fmt.Sprint(r.IntN(99)), Source: "header", Channel: some(r, "", "a"), Hit: r.IntN(2) == 0}
	}
	for i := range r.IntN(4) {
		d.Candidates = append(d.Candidates, routex.Candidate{ID: fmt.Sprint(i), Name: "N", Included: r.IntN(3) == 0, Why: some(r, "", "disabled")})
	}
	for i := range r.IntN(3) {
		d.Losses = append(d.Losses, transform.Loss{Field: fmt.Sprint("f", i), Why: "none"})
	}
	for range r.IntN(3) {
		d.Attempts = append(d.Attempts, routex.Attempt{
			SpanID: trace.SpanID{byte(r.Uint32())}, ChannelID: "a", Channel: "A", Key: some(r, "", "sk-a****1234"), Model: "up", Class: some(r, breaker.OK, breaker.Server), Reason: some(r, "", breaker.Reason("x")),
			Status: some(r, 0, 200, 500), Error: some(r, "", "it broke"), Hedge: r.IntN(3) == 0, Resumes: r.IntN(3) == 0,
			StartedAt: d.Time.Add(time.Duration(r.IntN(1000)) * time.Millisecond), FirstByte: time.Duration(r.IntN(3)) * time.Millisecond, Duration: time.Duration(r.IntN(3000)) * time.Millisecond,
		})
	}
	return d
}

func milliseconds(d time.Duration) int64 {
	if d > 0 && d < time.Millisecond {
		return 1
	}
	return d.Milliseconds()
}

// shown is a call as the log has to show it, but for the id.
func shown(d *routex.Decision) (requests.Call, requests.Decision) {
	c := requests.Call{
		Timestamp: d.Time.UnixMilli(), TraceID: d.TraceID.String(), Path: d.Path, ChannelID: d.ChannelID, Channel: d.Channel, Model: d.Model, ClientKeyID: d.Caller,
		Status: d.Status, Class: string(d.Class), Error: d.Error, Latency: d.Duration.Milliseconds(),
		InputTokens: d.Usage.Input, OutputTokens: d.Usage.Output, CachedTokens: d.Usage.CacheRead,
	}
	c.Cost = d.Cost
	out := requests.Decision{
		SpanID: d.SpanID.String(), Dialect: d.Dialect, Stream: d.Stream, Model: d.UpstreamModel, Affinity: d.Affinity, UsageEstimated: d.UsageEstimated,
		SkippedEvents: d.SkippedEvents, Agent: d.Agent, ParentAgent: d.ParentAgent, Shadow: d.Shadow, Copy: d.Copy, WaitMs: d.Wait.Milliseconds(), FirstTokenMs: milliseconds(d.FirstByte),
		Candidates: append([]routex.Candidate{}, d.Candidates...), Losses: append([]transform.Loss{}, d.Losses...), Attempts: []requests.Attempt{},
	}
	if d.RuleID != "" {
		out.Rule = &requests.Rule{ID: d.RuleID, Name: d.Rule}
	}
	if d.UsageKnown || d.UsageEstimated {
		out.Usage = &d.Usage
	}
	for _, a := range d.Attempts {
		out.Attempts = append(out.Attempts, requests.Attempt{
			SpanID: a.SpanID.String(), ChannelID: a.ChannelID, Channel: a.Channel, Key: a.Key, Model: a.Model, Class: a.Class, Reason: a.Reason, Status: a.Status, Error: a.Error,
			Hedge: a.Hedge, Resumes: a.Resumes, StartedAt: a.StartedAt.UnixMilli(), DurationMs: a.Duration.Milliseconds(), FirstTokenMs: milliseconds(a.FirstByte),
		})
	}
	return c, out
}

// asks reports that a query asks for a call.
func asks(q *requests.Query, c *requests.Call) bool {
	part := func(text, of string) bool { return strings.Contains(strings.ToLower(of), strings.ToLower(text)) }
	return (q.MaxStatus == 0 || q.MaxStatus < 0 && c.Status == 0 || c.Status >= q.MinStatus && c.Status <= q.MaxStatus) &&
		(q.Outcome == requests.Any || (q.Outcome == requests.Succeeded) == (c.Class == "")) &&
		(q.ChannelID == "" || q.ChannelID == c.ChannelID) && (q.ClientKeyID == "" || q.ClientKeyID == c.ClientKeyID) && part(q.Model, c.Model) &&
		(part(q.Text, c.Path) || part(q.Text, c.Model) || part(q.Text, c.Channel) || part(q.Text, c.Error) || part(q.Text, c.TraceID)) &&
		c.Timestamp >= q.Since && (q.Until == 0 || c.Timestamp < q.Until)
}

func randomQuery(r *rand.Rand, all []requests.Call) requests.Query {
	q := requests.Query{Limit: 1 + r.IntN(50), Offset: r.IntN(2) * r.IntN(len(all)+10)}
	moment := func() int64 { return all[r.IntN(len(all))].Timestamp }
	for range r.IntN(4) {
		switch r.IntN(9) {
		case 0:
			q.MinStatus, q.MaxStatus = some(r, [2]int{200, 200}, [2]int{400, 499}, [2]int{0, -1})[0], 0
			q.MaxStatus = map[int]int{200: 200, 400: 499, 0: -1}[q.MinStatus]
		case 1:
			q.Outcome = some(r, requests.Succeeded, requests.Failed)
		case 2:
			q.ChannelID = some(r, "a", "b", "nobody")
		case 3:
			q.ClientKeyID = some(r, "k1", "nobody")
		case 4:
			q.Model = some(r, "GPT", "opus", "模", "none")
		case 5:
			q.Text = some(r, "messages", "too many", "B", "ff", "none")
		case 6:
			q.Since = moment()
		default:
			q.Until = moment()
		}
	}
	return q
}

// Whatever was logged is listed, filtered and shown as it was, from memory, from
// the database, and from both.
func everyQueryGivesTheTruth(t *testing.T, open opener) {
	l := open(t, forever)
	r := rand.New(rand.NewPCG(5, 6))
	var all []requests.Call // the newest last
	var decisions []requests.Decision
	over := noon
	for round := range 3 {
		for range 900 {
			over = over.Add(time.Duration(r.IntN(20_000)) * time.Millisecond) // some hours in all
			d := randomDecision(r, over)
			l.Add(d)
			c, decision := shown(d)
			all, decisions = append(all, c), append(decisions, decision)
		}
		for range 150 {
			q := randomQuery(r, all)
			var want []requests.Call
			for _, c := range slices.Backward(all) {
				if asks(&q, &c) {
					want = append(want, c)
				}
			}
			total := len(want)
			want = want[min(q.Offset, total):min(q.Offset+q.Limit, total)]
			got, n := list(t, l, q)
			for i := range got {
				got[i].ID = ""
			}
			if n != total || len(got) != len(want) || len(got) > 0 && !gocmp.Equal(got, want) {
				t.Fatalf("round %d, %+v: of %d calls, want %d:\n%s", round, q, n, total, gocmp.Diff(want, got))
			}
		}
		if round == 1 {
			written(t, l)
		}
		listed, _ := list(t, l, requests.Query{Limit: len(all)})
		for range 100 {
			i := r.IntN(len(all))
			want := all[i]
			want.ID = listed[len(all)-1-i].ID
			for _, ref := range []string{want.ID, want.TraceID} {
				c, d, err := l.Get(t.Context(), ref)
				if err != nil || !gocmp.Equal(c, want) || !gocmp.Equal(d, decisions[i]) {
					t.Fatalf("round %d, %s: %v\n%s%s", round, ref, err, gocmp.Diff(want, c), gocmp.Diff(decisions[i], d))
				}
			}
		}
	}
}

// usageIsWhatCallsAddUpTo compares with the calls themselves, counted one by one.
func usageIsWhatCallsAddUpTo(t *testing.T, open opener) {
	l := open(t, forever)
	r := rand.New(rand.NewPCG(7, 8))
	var all []*routex.Decision
	for range 2 {
		for range 3000 {
			d := randomDecision(r, time.Now().Add(-time.Duration(r.IntN(80))*time.Hour))
			all = append(all, d)
			l.Add(d)
		}
		compareUsage(t, l, all)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = open(t, forever)
		compareUsage(t, l, all)
	}
}

func compareUsage(t *testing.T, l *requests.Log, all []*routex.Decision) {
	t.Helper()
	now := usage.HourOf(time.Now())
	for _, by := range [][]usage.By{nil, {usage.ByChannel}, {usage.ByModel}, {usage.ByKey}, {usage.ByHour}, {usage.ByDay}, {usage.ByDay, usage.ByModel, usage.ByKey}} {
		for _, hours := range [][2]int64{{0, now + 1}, {now - 50, now - 5}} {
			groups := usage.NewGroups(by, time.UTC)
			if err := l.Usage(t.Context(), hours[0], hours[1], groups); err != nil {
				t.Fatal(err)
			}
			want := make(map[string][]*routex.Decision)
			var total []*routex.Decision
			for _, d := range all {
				if h := usage.HourOf(d.Time); h < hours[0] || h >= hours[1] {
					continue
				}
				total = append(total, d)
				name := ""
				for _, one := range by {
					name += "/" + map[usage.By]string{
						usage.ByChannel: d.ChannelID, usage.ByModel: d.Model, usage.ByKey: d.Caller,
						usage.ByHour: d.Time.UTC().Format("2006-01-02T15"), usage.ByDay: d.Time.UTC().Format("2006-01-02"),
					}[one]
				}
				want[name] = append(want[name], d)
			}
			compareCounts(t, fmt.Sprint(by, hours), groups.Total(), total)
			if by == nil {
				continue
			}
			if n := len(groups.List()); n != len(want) {
				t.Errorf("%v: there are %d groups, want %d", by, n, len(want))
			}
			for _, g := range groups.List() {
				name := ""
				for _, one := range by {
					name += "/" + map[usage.By]string{
						usage.ByChannel: g.ChannelID, usage.ByModel: g.Model, usage.ByKey: g.Caller,
						usage.ByHour: g.Start.Format("2006-01-02T15"), usage.ByDay: g.Start.Format("2006-01-02"),
					}[one]
				}
				compareCounts(t, fmt.Sprint(by, hours, name), &g.Counts, want[name])
			}
		}
	}
}

func compareCounts(t *testing.T, what string, got *usage.Counts, calls []*routex.Decision) {
	t.Helper()
	want := usage.Counts{ChannelName: got.ChannelName, Latency: got.Latency, FirstToken: got.FirstToken}
	var latency, first []time.Duration
	for _, d := range calls {
		want.Requests++
		latency = append(latency, d.Duration)
		if d.Class != "" {
			want.Failed++
		} else if d.FirstByte > 0 {
			first = append(first, d.FirstByte)
		}
		want.Input += d.Usage.Input
		want.Output += d.Usage.Output
		want.CacheRead += d.Usage.CacheRead
		want.CacheWrite += d.Usage.CacheWrite
		want.Reasoning += d.Usage.Reasoning
		if d.Cost != nil {
			want.Cost += *d.Cost
			want.Priced++
		}
	}
	if math.Abs(want.Cost-got.Cost) < 1e-9*want.Cost {
		want.Cost = got.Cost
	}
	if diff := gocmp.Diff(&want, got, gocmp.AllowUnexported(usage.Histogram{})); diff != "" {
		t.Fatalf("%s: usage is not what the calls add up to:\n%s", what, diff)
	}
	for name, h := range map[string]struct {
		got  *usage.Histogram
		want []time.Duration
	}{"latency": {&got.Latency, latency}, "first token": {&got.FirstToken, first}} {
		slices.SortFunc(h.want, cmp.Compare[time.Duration])
		if h.got.Total() != int64(len(h.want)) {
			t.Fatalf("%s: %d are counted for the %s, want %d", what, h.got.Total(), name, len(h.want))
		}
		for _, p := range []float64{0.5, 0.9, 0.95, 0.99} {
			if len(h.want) == 0 {
				continue
			}
			exact := max(h.want[int(math.Ceil(p*float64(len(h.want))))-1], time.Microsecond)
			if off := math.Abs(float64(h.got.Percentile(p)-exact)) / float64(exact); off > usage.MaxError+1e-3 {
				t.Errorf("%s: p%v of the %s is %v, exactly %v", what, 100*p, name, h.got.Percentile(p), exact)
			}
		}
	}
}
