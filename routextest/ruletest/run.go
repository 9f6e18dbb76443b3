package ruletest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// Run makes a subtest of each case, and fails those whose request does not come
// to what the case expects; the failure shows the whole decision. It gives what
// the cases have seen of the rules. It sends nothing.
func Run[S Subject](t *testing.T, s S, cases []Case) *Coverage {
	t.Helper()
	seen := new(Coverage)
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			d, err := decide(t, s, c.Request)
			if err != nil {
				t.Fatal(err)
			}
			seen.add(d)
			if wrong := c.report(d); wrong != "" {
				t.Error(wrong)
			}
		})
	}
	return seen
}

// Check gives an error that shows the whole decision if what a Transport's
// Explain said is not what the case expects. The request of the case is not
// looked at. It is for tests that need a Transport in a certain state.
func (c Case) Check(d *routex.Decision) error {
	if wrong := c.report(d); wrong != "" {
		return errors.New(wrong)
	}
	return nil
}

// report shows what is wrong, and why it came to that; "" for nothing wrong.
func (c *Case) report(d *routex.Decision) string {
	wrong := c.problems(d)
	if wrong == nil {
		return ""
	}
	return fmt.Sprintf("%s\n%s", strings.Join(wrong, "\n"), Explain(d))
}
