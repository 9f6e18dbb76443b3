package router_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

func weighted(weights ...int) router.Choice {
	c := router.Choice{RuleID: "canary", Weights: weights}
	for i := range weights {
		c.Channels = append(c.Channels, string(rune('a'+i)))
	}
	return c
}

// shares counts how often each channel comes first.
func shares(c router.Choice, calls int, key func(int) string) map[string]float64 {
	random := rand.New(rand.NewPCG(1, 2))
	out := make(map[string]float64)
	for i := range calls {
		out[c.Order(key(i), random.Uint64())[0]] += 1 / float64(calls)
	}
	return out
}

func noKey(int) string       { return "" }
func sessions(i int) string  { return fmt.Sprint("session-", i) }
func near(a, b float64) bool { return math.Abs(a-b) < 0.01 }
func sum(weights []int) (n int) {
	for _, w := range weights {
		n += w
	}
	return n
}

func TestWeightsShareTheCalls(t *testing.T) {
	for _, weights := range [][]int{{95, 5}, {1, 1, 1}, {1, 2, 3, 4}, {0, 7, 3}, {1000000, 1000000}} {
		for name, key := range map[string]func(int) string{"calls": noKey, "sessions": sessions} {
			got := shares(weighted(weights...), 40_000, key)
			for i, w := range weights {
				if want := float64(w) / float64(sum(weights)); !near(got[string(rune('a'+i))], want) {
					t.Errorf("weights %v, %s: channel %c gets %.3f, want %.3f", weights, name, 'a'+i, got[string(rune('a'+i))], want)
				}
			}
		}
	}
}

func TestASessionKeepsItsOrder(t *testing.T) {
	before, after := weighted(90, 10), weighted(80, 20)
	moved := 0
	for i := range 10_000 {
		first := before.Order(sessions(i), 1)
		if again := before.Order(sessions(i), 99); !slices.Equal(first, again) {
			t.Fatalf("session %d: %v, then %v", i, first, again)
		}
		if next := after.Order(sessions(i), 1); next[0] != first[0] {
			if moved++; next[0] != "b" {
				t.Fatalf("session %d moved to the channel that lost weight", i)
			}
		}
	}
	if !near(float64(moved)/10_000, 0.1) {
		t.Errorf("%d of 10000 sessions moved for a tenth of the weight", moved)
	}
	other := before
	other.RuleID = "other"
	both := 0
	for i := range 10_000 {
		if before.Order(sessions(i), 0)[0] == "b" && other.Order(sessions(i), 0)[0] == "b" {
			both++
		}
	}
	if !near(float64(both)/10_000, 0.01) {
		t.Errorf("%d of 10000 sessions try the new channel of both rules, want 100", both)
	}
}

func TestOrder(t *testing.T) {
	for range 100 {
		random := rand.Uint64()
		got := weighted(0, 5, 0, 5, 0).Order("", random)
		if len(got) != 5 || got[0] != "b" && got[0] != "d" || got[1] != "b" && got[1] != "d" || strings.Join(got[2:], "") != "ace" {
			t.Fatalf("those without weight are not last, in their order: %v", got)
		}
	}
	c := router.Choice{Channels: []string{"x", "y"}}
	if got := c.Order("s", 7); !slices.Equal(got, c.Channels) {
		t.Errorf("without weights the order is %v", got)
	}
	if got := (router.Choice{}).Order("", 1); len(got) != 0 {
		t.Errorf("no channels are ordered as %v", got)
	}
	short := router.Choice{Channels: []string{"x", "y"}, Weights: []int{0}} // of a Func
	if got := short.Order("", 1); !slices.Equal(got, short.Channels) {
		t.Errorf("with too few weights the order is %v", got)
	}
}

func TestWhatBecomesOfACall(t *testing.T) {
	rules, err := router.Compile([]router.Rule{
		{ID: "1", Name: "no secrets", Condition: router.Condition{Keywords: []string{"secret"}}, Deny: "Ask the security team."},
		{ID: "2", Name: "canary", Condition: router.Condition{Keywords: []string{"canary"}}, Targets: []router.Target{{Channel: "old", Weight: 9}, {Channel: "new", Weight: 1}}, TargetModel: "m2", Strict: true},
		{ID: "3", Name: "copy", Type: router.Default, Shadow: "lab"},
	})
	if err != nil {
		t.Fatal(err)
	}
	choice, err := rules.Route(t.Context(), parse(t, say("a secret")))
	denied, ok := errors.AsType[*router.DeniedError](err)
	if !ok || *denied != (router.DeniedError{RuleID: "1", Rule: "no secrets", Message: "Ask the security team."}) || choice.RuleID != "1" || errors.Is(err, router.ErrNoRoute) {
		t.Errorf("a rule that denies gives %+v, %v", choice, err)
	}
	if _, err := router.First(rules).Route(t.Context(), parse(t, say("a secret"))); !errors.As(err, &denied) {
		t.Errorf("through First, it gives %v", err)
	}
	choice, err = rules.Route(t.Context(), parse(t, say("a canary")))
	if err != nil || fmt.Sprint(choice) != "{[old new] [9 1] m2  2 canary true}" {
		t.Errorf("weighted targets give %v, %v", choice, err)
	}
	choice, err = rules.Route(t.Context(), parse(t, say("x")))
	if err != nil || choice.Shadow != "lab" || len(choice.Channels) > 0 || choice.Rule != "copy" {
		t.Errorf("a shadow gives %+v, %v", choice, err)
	}
	if got := fmt.Sprint(rules.Targets()); got != "[old new lab]" {
		t.Errorf("the rules name the channels %v", got)
	}
}

func TestMistakesInTargetsAreListed(t *testing.T) {
	two := []router.Target{{Channel: "a", Weight: 1}, {Channel: "b", Weight: 1}}
	_, err := router.Compile([]router.Rule{
		{Name: "0", Type: router.Default, Deny: "no", TargetChannel: "c"},
		{Name: "1", Type: router.Default, Deny: "no", Targets: two},
		{Name: "2", Type: router.Default, Deny: "no", Shadow: "c"},
		{Name: "3", Type: router.Default, Deny: "no", TargetModel: "m"},
		{Name: "4", Type: router.Default, TargetChannel: "c", Targets: two},
		{Name: "5", Type: router.Default, Targets: []router.Target{}},
		{Name: "6", Type: router.Default, Targets: []router.Target{{Channel: "a"}, {Channel: "b"}}},
		{Name: "7", Type: router.Default, Targets: []router.Target{{Channel: " ", Weight: 1}, {Channel: "b", Weight: -1}, {Channel: "b", Weight: 1}}},
		{Name: "8", Type: router.Default},
		{Name: "fine", Type: router.Default, Targets: two, Shadow: "c", TargetModel: "m"},
		{Name: "fine too", Type: router.Default, Deny: "no"},
	})
	for _, want := range []string{
		"Rules[0].Deny: a rule that denies", "Rules[1].Deny: a rule that denies", "Rules[2].Deny: a rule that denies", "Rules[3].Deny: a rule that denies",
		"Rules[4].Targets: a rule has either", "Rules[5].Targets: at least one must have a weight", "Rules[6].Targets: at least one must have a weight",
		"Rules[7].Targets[0].Channel: required", "Rules[7].Targets[1].Weight: must not be negative", `Rules[7].Targets[2].Channel: "b" is that of Targets[1] too`,
		"Rules[8].TargetChannel: required",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if err != nil && (strings.Contains(err.Error(), "Rules[9]") || strings.Contains(err.Error(), "Rules[10]")) {
		t.Errorf("rules without a mistake are listed:\n%v", err)
	}
}

func BenchmarkOrder(b *testing.B) {
	c := weighted(90, 10)
	b.ReportAllocs()
	for b.Loop() {
		c.Order("session-7", 0)
	}
}
