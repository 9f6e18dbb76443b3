package goldenrules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

func TestRequestsOfOurCallers(t *testing.T) {
	ruletest.Golden(t, Config(), "testdata", ruletest.ReadAll(t, "testdata/*.http"))
}

// Whatever the rules say, a call has somewhere to go, and no tool and no picture
// is lost on the way there.
func TestNothingThatMattersIsLost(t *testing.T) {
	var cases []ruletest.Case
	for _, protocol := range transform.Dialects() {
		for _, s := range ruletest.Samples(protocol) {
			cases = append(cases, ruletest.Case{Name: fmt.Sprintf("%s in %s", s.Name, protocol), Request: s.Request, Also: carriesTools})
		}
	}
	ruletest.Run(t, Config(), cases).Require(t)
}

func carriesTools(d *routex.Decision) error {
	if d.Channel == "" {
		return fmt.Errorf("nobody can take it: %s", d.Error)
	}
	for _, l := range d.Losses {
		for _, field := range []string{"tools", "web_search", "messages", "input", "contents"} {
			if strings.HasPrefix(l.Field, field) {
				return fmt.Errorf("%s is lost: %s", l.Field, l.Why)
			}
		}
	}
	return nil
}
