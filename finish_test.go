package routex

import (
	"testing"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
)

func TestNobodyReadsAnErrorForASpanThatRecordsNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { finish(trace.Span{}, breaker.Server, "the provider said no") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
