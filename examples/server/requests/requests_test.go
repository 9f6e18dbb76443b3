package requests_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/examples/server/internal/pgtest"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// An opener opens the log of a test; again after it was closed, with what it
// held.
type opener func(*testing.T, requests.Options) *requests.Log

// suite is what a log does in every database.
var suite = map[string]func(*testing.T, opener){
	"everything of a call is kept":        everythingIsKept,
	"queries find what they ask for":      queriesFind,
	"what is too old is dropped":          whatIsTooOldIsDropped,
	"the oldest of too much are dropped":  theOldestAreDropped,
	"texts that no database would take":   strangeTexts,
	"what waits at the end is written":    whatWaitsAtTheEndIsWritten,
	"many calls at once are written once": manyAtOnce,
	"every query gives the truth":         everyQueryGivesTheTruth,
	"usage is what calls add up to":       usageIsWhatCallsAddUpTo,
}

func TestSQLite(t *testing.T) {
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			test(t, func(t *testing.T, o requests.Options) *requests.Log {
				l, err := requests.Open(t.Context(), dir, o)
				return opened(t, l, err)
			})
		})
	}
}

func TestPostgres(t *testing.T) {
	server := pgtest.New(t)
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			url := server.Database()
			test(t, func(t *testing.T, o requests.Options) *requests.Log {
				l, err := requests.OpenPostgres(t.Context(), url, o)
				return opened(t, l, err)
			})
		})
	}
}

func opened(t *testing.T, l *requests.Log, err error) *requests.Log {
	t.Helper()
	if err != nil {
		t.Fatalf("the log cannot be opened: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// written waits until nothing waits to be written.
func written(t *testing.T, l *requests.Log) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for l.Stats().Waiting > 0 {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("calls are not written: %+v", l.Stats())
		}
	}
}

func list(t *testing.T, l *requests.Log, q requests.Query) ([]requests.Call, int) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 1000
	}
	calls, total, err := l.List(t.Context(), q)
	if err != nil {
		t.Fatalf("List(%+v): %v", q, err)
	}
	return calls, total
}

// forever keeps calls of whatever time.
var forever = requests.Options{Age: 100 * 365 * 24 * time.Hour}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func fullDecision() *routex.Decision {
	return &routex.Decision{
		TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3}, Time: noon, Dialect: transform.Anthropic, Path: "/v1/messages",
		Model: "claude-opus-4", Stream: true, RuleID: "r1", Rule: "long", Affinity: &routex.Affinity{Key: "s", Source: "header", Hit: true},
		Candidates: []routex.Candidate{{ID: "a", Name: "A", Included: true}, {ID: "b", Name: "B", Why: "disabled"}},
		Attempts: []routex.Attempt{
			{ChannelID: "b", Channel: "B", Key: "sk-a****1234", Model: "m", Class: breaker.Overload, Status: 529, Error: "overloaded", StartedAt: noon, Duration: time.Second},
			{ChannelID: "a", Channel: "A", Model: "m", Status: 200, StartedAt: noon.Add(time.Second), FirstByte: 70 * time.Millisecond, Duration: 2 * time.Second},
		},
		Losses:    []transform.Loss{{Field: "top_k", Why: "no such thing"}},
		ChannelID: "a", Channel: "A", UpstreamModel: "m", Status: 200,
		Usage: transform.Usage{Input: 11, Output: 22, CacheRead: 33}, UsageKnown: true, FirstByte: 1500 * time.Millisecond, Duration: 3 * time.Second,
	}
}

func everythingIsKept(t *testing.T, open opener) {
	l := open(t, forever)
	paid := fullDecision()
	paid.Cost = new(0.123456789)
	l.Add(paid)
	written(t, l)
	calls, total := list(t, l, requests.Query{})
	want := requests.Call{
		Timestamp: noon.UnixMilli(), TraceID: "01020000000000000000000000000000", Path: "/v1/messages", ChannelID: "a", Channel: "A",
		Model: "claude-opus-4", Status: 200, Latency: 3000, InputTokens: 11, OutputTokens: 22, CachedTokens: 33,
	}
	if total != 1 || len(calls) != 1 || calls[0].ID == "" {
		t.Fatalf("listed are %+v of %d", calls, total)
	}
	want.ID, want.Cost = calls[0].ID, calls[0].Cost
	if calls[0] != want || want.Cost == nil || *want.Cost != 0.123456789 {
		t.Errorf("listed is\n%+v, want\n%+v", calls[0], want)
	}
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	l = open(t, forever)
	for _, ref := range []string{want.ID, want.TraceID} {
		call, d, err := l.Get(t.Context(), ref)
		if err != nil || call.Cost == nil || *call.Cost != *want.Cost {
			t.Fatalf("Get(%s) gives %+v, %v", ref, call, err)
		}
		if call.Cost = want.Cost; call != want {
			t.Fatalf("Get(%s) gives %+v, %v; want %+v", ref, call, err, want)
		}
		if len(d.Attempts) != 2 || d.Attempts[0].Class != breaker.Overload || d.Attempts[0].DurationMs != 1000 || d.Attempts[1].FirstTokenMs != 70 {
			t.Errorf("attempts are %+v", d.Attempts)
		}
		if len(d.Candidates) != 2 || d.Candidates[1].Why != "disabled" || d.Rule == nil || d.Rule.Name != "long" || !d.Affinity.Hit ||
			len(d.Losses) != 1 || d.Usage == nil || d.Usage.CacheRead != 33 || !d.Stream || d.FirstTokenMs != 1500 {
			t.Errorf("the Decision is %+v", d)
		}
	}
	if _, _, err := l.Get(t.Context(), "nothing"); !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("Get of an unknown id gives %v, want ErrNotFound", err)
	}
}

func queriesFind(t *testing.T, open opener) {
	l := open(t, forever)
	for i, d := range []routex.Decision{
		{Model: "claude-opus-4", ChannelID: "a", Channel: "Main", Status: 200},
		{Model: "gpt-4o", ChannelID: "b", Channel: "Spare", Status: 429, Class: breaker.Rate, Error: "Too 100% many_requests"},
		{Model: "gpt-4o-mini", ChannelID: "b", Channel: "Spare", Status: 0, Class: breaker.HangUp},
		{Model: "claude-haiku", Status: 404, Class: breaker.Caller, Path: "/v1/Messages"},
	} {
		d.Time, d.Duration = noon.Add(time.Duration(i)*time.Minute), 1
		l.Add(&d)
	}
	written(t, l)
	minute := func(n int) int64 { return noon.Add(time.Duration(n) * time.Minute).UnixMilli() }
	for name, tt := range map[string]struct {
		q    requests.Query
		want []string // models
	}{
		"everything":        {requests.Query{}, []string{"claude-haiku", "gpt-4o-mini", "gpt-4o", "claude-opus-4"}},
		"a status":          {requests.Query{MinStatus: 429, MaxStatus: 429}, []string{"gpt-4o"}},
		"a range":           {requests.Query{MinStatus: 400, MaxStatus: 499}, []string{"claude-haiku", "gpt-4o"}},
		"who left":          {requests.Query{MaxStatus: -1}, []string{"gpt-4o-mini"}},
		"successes":         {requests.Query{Outcome: requests.Succeeded}, []string{"claude-opus-4"}},
		"failures":          {requests.Query{Outcome: requests.Failed}, []string{"claude-haiku", "gpt-4o-mini", "gpt-4o"}},
		"a channel":         {requests.Query{ChannelID: "b"}, []string{"gpt-4o-mini", "gpt-4o"}},
		"a part of a model": {requests.Query{Model: "GPT"}, []string{"gpt-4o-mini", "gpt-4o"}},
		"a percent sign":    {requests.Query{Text: "100%"}, []string{"gpt-4o"}},
		"not a wildcard":    {requests.Query{Text: "100_"}, nil},
		"a path":            {requests.Query{Text: "v1/messages"}, []string{"claude-haiku"}},
		"a channel's name":  {requests.Query{Text: "spare"}, []string{"gpt-4o-mini", "gpt-4o"}},
		"a time":            {requests.Query{Since: minute(1), Until: minute(3)}, []string{"gpt-4o-mini", "gpt-4o"}},
		"a page":            {requests.Query{Limit: 2, Offset: 1}, []string{"gpt-4o-mini", "gpt-4o"}},
		"all of it":         {requests.Query{Model: "gpt", ChannelID: "b", Outcome: requests.Failed, Text: "mini", Since: minute(0)}, []string{"gpt-4o-mini"}},
		"an injection":      {requests.Query{Model: "' OR 1=1 --", Text: `\`, ChannelID: "\x00"}, nil},
	} {
		calls, total := list(t, l, tt.q)
		var got []string
		for _, c := range calls {
			got = append(got, c.Model)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q are found, want %q", name, got, tt.want)
		}
		if want := len(tt.want); name != "a page" && total != want || name == "a page" && total != 4 {
			t.Errorf("%s: the total is %d", name, total)
		}
	}
}

func whatIsTooOldIsDropped(t *testing.T, open opener) {
	l := open(t, requests.Options{Age: time.Hour})
	for _, age := range []time.Duration{2 * time.Hour, 61 * time.Minute, 30 * time.Minute, 0} {
		l.Add(&routex.Decision{Time: time.Now().Add(-age), Model: age.String()})
	}
	written(t, l)
	l.Prune()
	if calls, total := list(t, l, requests.Query{}); total != 2 || calls[1].Model != "30m0s" {
		t.Errorf("after pruning there are %d calls: %+v", total, calls)
	}
}

func theOldestAreDropped(t *testing.T, open opener) {
	const size = 200_000
	for round := range 2 { // the sum goes on after a restart
		l := open(t, requests.Options{Size: size, Age: forever.Age})
		for i := range 300 {
			l.Add(&routex.Decision{Time: noon, Model: fmt.Sprint(round, "-", i, "-", strings.Repeat("x", 500))})
		}
		written(t, l)
		l.Prune()
		calls, total := list(t, l, requests.Query{})
		if total < size/2500 || total > size/500 {
			t.Errorf("round %d: %d calls of about 2 kB are kept, want about %d bytes", round, total, size)
		}
		if want := fmt.Sprint(round, "-299-"); !strings.HasPrefix(calls[0].Model, want) {
			t.Errorf("round %d: the newest call is %.10q, want %q", round, calls[0].Model, want)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func strangeTexts(t *testing.T, open opener) {
	l := open(t, forever)
	l.Add(&routex.Decision{
		Time: noon, Model: "nul\x00 \xff" + strings.Repeat("世", 10_000), Path: "/\x00", Error: "\x00", Channel: "\x00",
		UpstreamModel: "\x00", Agent: "\x00\xff", Affinity: &routex.Affinity{Key: "\x00\xff"},
		Attempts: []routex.Attempt{{Error: "\x00", Model: "\xff"}},
	})
	written(t, l)
	calls, _ := list(t, l, requests.Query{Text: "nul\x00", Model: "\xff"})
	if len(calls) != 1 || len(calls[0].Model) > 2000 {
		t.Fatalf("%d calls are found", len(calls))
	}
	if _, _, err := l.Get(t.Context(), calls[0].ID+"\x00"); !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("Get of an id with a NUL gives %v, want ErrNotFound", err)
	}
}

func whatWaitsAtTheEndIsWritten(t *testing.T, open opener) {
	l := open(t, forever)
	for range 1200 {
		l.Add(&routex.Decision{Time: noon})
	}
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	l.Add(&routex.Decision{Time: noon}) // too late, and harmless
	if _, total := list(t, open(t, forever), requests.Query{}); total != 1200 {
		t.Errorf("%d of 1200 calls are kept", total)
	}
}

func manyAtOnce(t *testing.T, open opener) {
	l := open(t, forever)
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 500 {
				l.Add(&routex.Decision{Time: noon})
			}
		}()
	}
	for range 8 {
		<-done
	}
	written(t, l)
	if _, total := list(t, l, requests.Query{}); total != 4000 || l.Stats().Dropped != 0 {
		t.Errorf("%d of 4000 calls are kept: %+v", total, l.Stats())
	}
}

func TestCallsWaitForADatabaseThatIsGone(t *testing.T) {
	server := pgtest.New(t)
	l, err := requests.OpenPostgres(t.Context(), server.Database(), forever)
	opened(t, l, err)
	l.Add(&routex.Decision{Time: noon})
	written(t, l)
	server.Stop()
	const calls = 50_000
	for i := range calls {
		l.Add(&routex.Decision{Time: noon, Error: fmt.Sprint(i) + strings.Repeat("x", 800)})
	}
	s := l.Stats()
	if s.Dropped == 0 || s.Waiting+int(s.Dropped) != calls {
		t.Errorf("of %d calls %d wait and %d are dropped; some should be, as memory is bounded", calls, s.Waiting, s.Dropped)
	}
	if l.Ping(t.Context()) == nil {
		t.Error("Ping finds no fault with a database that is gone")
	}
	server.Start()
	written(t, l)
	if _, total := list(t, l, requests.Query{}); total != s.Waiting+1 {
		t.Errorf("%d calls are in the log, want the %d that were waiting and the first", total, s.Waiting)
	}
	if s := l.Stats(); s.Failure != nil {
		t.Errorf("afterwards the log says %v", s.Failure)
	}
}
