package requests_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/pgtest"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/usage"
)

// The calls of several servers on one database are one list, in order, whichever
// of them is asked, and their usage is added up.
func TestServersShareALog(t *testing.T) {
	server := pgtest.New(t)
	url := server.Database()
	logs := make([]*requests.Log, 3)
	for i := range logs {
		l, err := requests.OpenPostgres(t.Context(), url, forever)
		logs[i] = opened(t, l, err)
	}
	r := rand.New(rand.NewPCG(11, 12))
	const calls = 3000
	over := noon
	for i := range calls {
		over = over.Add(time.Duration(1+r.IntN(4000)) * time.Millisecond)
		d := fullDecision()
		d.Model, d.Time = fmt.Sprint("m", i), over.Add(-d.Duration)
		logs[r.IntN(len(logs))].Add(d)
	}
	for _, l := range logs {
		written(t, l)
	}
	for _, q := range []requests.Query{{}, {Text: "claude", Outcome: requests.Succeeded}, {Model: "m", Outcome: requests.Succeeded}} {
		var got []string
		for offset := 0; offset < calls; offset += 217 {
			q.Limit, q.Offset = 217, offset
			page, total := list(t, logs[r.IntN(len(logs))], q)
			if want := calls; q.Text == "" && total != want {
				t.Fatalf("%+v: the total is %d, want %d", q, total, want)
			}
			for _, c := range page {
				got = append(got, c.Model)
			}
		}
		var want []string
		for i := range calls {
			want = append(want, fmt.Sprint("m", i))
		}
		if q.Text != "" {
			want = nil
		}
		slices.Reverse(want)
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %d calls are listed, want %d in their order", q, len(got), len(want))
		}
	}
	for i, l := range logs {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if i < len(logs)-1 {
			continue
		}
		l, err := requests.OpenPostgres(t.Context(), url, forever)
		opened(t, l, err)
		groups := usage.NewGroups([]usage.By{usage.ByChannel}, time.UTC)
		if err := l.Usage(t.Context(), 0, 1<<40, groups); err != nil || len(groups.List()) != 1 || groups.Total().Requests != calls || groups.List()[0].ChannelName != "A" {
			t.Errorf("the usage of all is %+v: %v", groups.Total(), err)
		}
	}
}
