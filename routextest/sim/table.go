package sim

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// String is the report as a table. It is the same for the same seed.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d calls in %v, seed %d\n", r.Calls, r.Length.Round(time.Second), r.Seed)
	fmt.Fprintf(&b, "  served %d (%s), broken off %d, refused %d, late %d, left %d\n", r.Served, percent(r.ServedShare()), r.Broken, r.Refused, r.Late, r.Left)
	fmt.Fprintf(&b, "  attempts %d, %.3f for each call\n", r.Attempts, float64(r.Attempts)/float64(max(r.Calls, 1)))
	fmt.Fprintf(&b, "  first token %v\n  whole answer %v\n", r.FirstToken, r.Whole)
	fmt.Fprintf(&b, "  turns with a cached prompt %d of %d (%s)\n", r.Kept, r.Turns, percent(r.KeptShare()))
	fmt.Fprintf(&b, "  tokens in %d, of which cached %d (%s), out %d\n", r.Input, r.Cached, percent(r.CachedShare()), r.Output)
	fmt.Fprintf(&b, "  cost %.4f\n", r.Cost)
	b.WriteString(r.channels())
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "%v\n", v)
	}
	return b.String()
}

// channels is the part of the table with a line for each.
func (r *Report) channels() string {
	var rows, b strings.Builder
	rows.WriteString("channel\tserved\tshare\tattempts\tfailed\tlimited\tback after\tcached\tcost\t\n")
	for _, c := range r.Channels {
		back := "-"
		if c.Recovery > 0 {
			back = c.Recovery.Round(100 * time.Millisecond).String()
		}
		fmt.Fprintf(&rows, "%s\t%d\t%s\t%d\t%d\t%d\t%s\t%s\t%.4f\t\n", c.Name, c.Served, percent(c.Share), c.Attempts, c.Failures, c.Limited, back, percent(share(int(c.Cached), int(c.Input))), c.Cost)
	}
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = t.Write([]byte(rows.String())) // a Builder takes everything
	_ = t.Flush()
	return b.String()
}

// String tells the percentiles.
func (s Spread) String() string {
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("p50 %v, p90 %v, p99 %v, at most %v", round(s.P50), round(s.P90), round(s.P99), round(s.Max))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
