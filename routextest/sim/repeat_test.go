package sim_test

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex/routextest/sim"
)

// The same seed gives the same report, however many threads there are.
func TestSameSeedSameReport(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := range seeds {
		first := sim.Run(t, anything(seed)).String()
		for n, threads := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(threads)
			if again := sim.Run(t, anything(seed)).String(); again != first {
				t.Fatalf("seed %d, run %d with %d threads differs:\n%s", seed, n+2, threads, cmp.Diff(first, again))
			}
		}
	}
}
