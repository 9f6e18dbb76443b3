package router_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

func TestTheNameOfAModelIsBounded(t *testing.T) {
	for length, fits := range map[int]bool{1024: true, 1025: false} {
		name := strings.Repeat("m", length)
		_, err := router.Parse([]byte(`{"model":"` + name + `"}`))
		_, any := router.ParseAny([]byte(`{"model":"` + name + `"}`))
		_, named := router.ParseNamed([]byte(`{}`), name, false)
		for _, err := range []error{err, any, named} {
			if (err == nil) != fits || !fits && !errors.Is(err, router.ErrBody) {
				t.Errorf("%d bytes: %v", length, err)
			}
		}
	}
}

// However many rules ask for it, long metadata is read once.
func TestMetadataIsReadOnce(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{"model":"m","metadata":{"n":"first","n":"second"`)
	for i := range 1000 {
		fmt.Fprintf(&body, `,"n%d":"a\\u0062"`, i)
	}
	body.WriteString("}}")
	var rules []router.Rule
	for i := range 100 {
		rules = append(rules, router.Rule{Name: fmt.Sprint(i), Condition: router.Condition{Metadata: map[string]string{fmt.Sprint("x", i): ""}}, TargetModel: "m"})
	}
	rules = append(rules, router.Rule{Name: "last", Condition: router.Condition{Metadata: map[string]string{"n": "^first$", "n999": `^a\\u0062$|^ab$`}}, TargetModel: "m"})
	rs, err := router.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	var choice router.Choice
	made := testing.AllocsPerRun(5, func() {
		r, err := router.Parse([]byte(body.String()))
		if err != nil {
			t.Fatal(err)
		}
		choice, _ = rs.Route(t.Context(), r)
	})
	if choice.Rule != "last" || made > 3000 { // each value is unescaped into memory of its own
		t.Errorf("rule %q, %v allocations", choice.Rule, made)
	}
}
