package routex_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

// turn is a call of a conversation that has had so many turns before.
func turn(first string, before int) string {
	return fmt.Sprintf(`{"model":"m","max_tokens":5,"system":"be good","messages":[{"role":"user","content":%q}%s]}`,
		first, strings.Repeat(`,{"role":"assistant","content":"well"},{"role":"user","content":"go on"}`, before))
}

func TestAConversationThatNobodyNamesStaysWhereItIsCached(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		state := statuses{}
		tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c"), Balancer: balance.RoundRobin{}, Base: state})
		_, first := call(t, tr, turn("mend the roof", 0))
		for n := range 20 {
			time.Sleep(4 * time.Minute)
			_, d := call(t, tr, turn("mend the roof", n+1))
			if d.Channel != first.Channel || !d.Affinity.Hit || d.Affinity.Source != "conversation" {
				t.Fatalf("turn %d went to %s, the first to %s: %+v", n+1, d.Channel, first.Channel, d.Affinity)
			}
			call(t, tr, turn(fmt.Sprint("another ", n), n%2)) // moves the round on
		}
		state[first.Channel+".test"] = 503
		_, next := call(t, tr, turn("mend the roof", 21))
		delete(state, first.Channel+".test")
		if next.Channel == first.Channel {
			t.Fatalf("it stayed on %s, which was down", next.Channel)
		}
		if _, d := call(t, tr, turn("mend the roof", 22)); d.Channel != next.Channel || !d.Affinity.Hit {
			t.Errorf("it went back to %s, what it said last is cached on %s", d.Channel, next.Channel)
		}
	})
}

// A host can do without.
func TestCallsWithoutASessionCanBeBalancedOneByOne(t *testing.T) {
	spread := func(cfg routex.Config, change ...func(*http.Request)) int {
		cfg.Channels, cfg.Balancer, cfg.Base = channels("a", "b", "c"), balance.RoundRobin{}, statuses{}
		tr := newTransport(t, cfg)
		seen := map[string]bool{}
		for n := range 6 {
			_, d := call(t, tr, turn("mend", n), change...)
			seen[d.Channel] = true
		}
		return len(seen)
	}
	none := func(r *http.Request) { *r = *r.WithContext(routex.WithSession(r.Context(), "")) }
	if n := spread(routex.Config{}); n != 1 {
		t.Errorf("the conversation wandered over %d channels", n)
	}
	if n := spread(routex.Config{Sessions: routex.Sessions{NamedOnly: true}}); n != 3 {
		t.Errorf("NamedOnly: %d channels of 3", n)
	}
	if n := spread(routex.Config{}, none); n != 3 {
		t.Errorf("WithSession of nothing: %d channels of 3", n)
	}
}

// The same question asked again and again is no conversation.
func TestCallsThatBeginAlikeAreBalanced(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c"), Balancer: balance.RoundRobin{}, Base: statuses{}})
	count := map[string]int{}
	for range 30 {
		_, d := call(t, tr, turn("hello", 0))
		count[d.Channel]++
	}
	if count["a"] != 10 || count["b"] != 10 || count["c"] != 10 {
		t.Errorf("%v", count)
	}
}

// After the life of the cache there is nothing to stay for.
func TestAConversationIsForgottenWithItsCache(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		list := channels("a", "b", "c")
		tr := newTransport(t, routex.Config{Channels: list, Balancer: balance.RoundRobin{}, Base: statuses{}})
		call(t, tr, turn("mend", 0))
		time.Sleep(balance.AnthropicCacheLife + time.Second)
		if _, d := call(t, tr, turn("mend", 1)); d.Affinity.Hit || d.Affinity.Channel != "" {
			t.Errorf("it is still bound: %+v", d.Affinity)
		}
	})
}

// Conversations do not push out sessions that have a name.
func TestConversationsLeaveSessionsTheirRoom(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: channels("a", "b", "c"), Balancer: balance.RoundRobin{}, Base: statuses{}, Sessions: routex.Sessions{Max: 3},
	})
	_, first := call(t, tr, asking("m"), inSession("s"))
	for i := range 10 {
		call(t, tr, turn(fmt.Sprint("talk ", i), 0))
	}
	if _, d := call(t, tr, asking("m"), inSession("s")); !d.Affinity.Hit || d.Channel != first.Channel {
		t.Errorf("the session was lost: %+v", d.Affinity)
	}
}

func TestARuleSharesCallsByWeight(t *testing.T) {
	rule := func(old, new int) []router.Rule {
		return []router.Rule{{Name: "canary", Type: router.Default, Targets: []router.Target{{Channel: "old", Weight: old}, {Channel: "new", Weight: new}}}}
	}
	cfg := routex.Config{Channels: channels("other", "old", "new"), Rules: rule(90, 10), Base: statuses{}, Seed: 7}
	tr := newTransport(t, cfg)
	count := map[string]int{}
	for range 2000 {
		_, d := call(t, tr, asking("m"))
		count[d.Channel]++
	}
	if n := count["new"]; n < 140 || n > 260 || count["old"]+n != 2000 {
		t.Errorf("of 2000 calls %v", count)
	}

	homes := map[string]string{}
	moved := 0
	for i := range 200 {
		name := fmt.Sprint("s", i)
		_, d := call(t, tr, asking("m"), inSession(name))
		homes[name] = d.Channel
	}
	cfg.Rules = rule(50, 50)
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	for name, home := range homes {
		if _, d := call(t, tr, asking("m"), inSession(name)); d.Channel != home {
			moved++
		}
	}
	if moved > 0 {
		t.Errorf("%d sessions moved although their channel has a share", moved)
	}
	cfg.Rules = rule(0, 100)
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	for name := range homes {
		if _, d := call(t, tr, asking("m"), inSession(name)); d.Channel != "new" {
			t.Fatalf("%s is still on %s, which has no share", name, d.Channel)
		}
	}
}

// What is cached elsewhere has to be paid for anew: a session leaves only for a
// price that is lower with that.
func TestTheLeastCostWeighsWhatASessionHasCached(t *testing.T) {
	list := channels("a", "b")
	list[0].Prices = map[string]prices.Price{"m": {Rates: prices.Rates{Input: 10, Output: 10, CacheRead: new(1.0)}}}
	list[1].Prices = map[string]prices.Price{"m": {Rates: prices.Rates{Input: 8, Output: 10, CacheRead: new(8.0)}}}
	cfg := routex.Config{Channels: list, Balancer: balance.LeastCost{}, Base: statuses{"b.test": 503}}
	long := strings.Replace(asking("m"), `"hi"`, `"`+strings.Repeat("many words ", 4000)+`"`, 1)
	tr := newTransport(t, cfg)
	if _, d := call(t, tr, long, inSession("s")); tried(d) != "b a" {
		t.Fatalf("tried %q", tried(d))
	}
	cfg.Base = statuses{}
	tr = newTransport(t, cfg)
	if _, d := call(t, tr, long, inSession("s")); tried(d) != "b" {
		t.Fatalf("a session that is new went to %q", tried(d))
	}
	cfg.Base = statuses{"b.test": 404}
	tr = newTransport(t, cfg)
	call(t, tr, long, inSession("s")) // binds it to a
	cfg.Base = statuses{}
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	if _, d := call(t, tr, long, inSession("s")); tried(d) != "a" || !d.Affinity.Hit {
		t.Errorf("what is cached on a was given up: %q", tried(d))
	}
	cfg.Channels[1].Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 0.1, Output: 0.1}}}
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	if _, d := call(t, tr, long, inSession("s")); tried(d) != "b" {
		t.Errorf("it stays where it is dear: %q", tried(d))
	}
}

// A channel that drains gets no calls, not even those of its sessions, while another can take them.
func TestASessionLeavesAChannelThatDrains(t *testing.T) {
	cfg := routex.Config{Channels: channels("a", "b"), Base: statuses{}}
	tr := newTransport(t, cfg)
	call(t, tr, asking("m"), inSession("s"))
	call(t, tr, turn("mend", 1))
	cfg.Channels[0].Drain = true
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	if _, d := call(t, tr, asking("m"), inSession("s")); tried(d) != "b" {
		t.Errorf("session: tried %q", tried(d))
	}
	if _, d := call(t, tr, turn("mend", 2)); tried(d) != "b" {
		t.Errorf("conversation: tried %q", tried(d))
	}
}

// A side call that a rule sends to one channel does not take the session there.
func TestARuleOfOneChannelDoesNotMoveTheSession(t *testing.T) {
	list := channels("cheap", "b", "c")
	tr := newTransport(t, routex.Config{
		Channels: list, Base: statuses{}, Balancer: balance.RoundRobin{},
		Rules: []router.Rule{{Name: "side", Type: router.Background, TargetChannel: "cheap"}},
	})
	call(t, tr, asking("m")) // a turn of the balancer
	_, first := call(t, tr, asking("m"), inSession("s"))
	for range 4 {
		if _, d := call(t, tr, asking("claude-haiku"), inSession("s")); d.Channel != "cheap" {
			t.Fatal(d.Channel)
		}
		if _, d := call(t, tr, asking("m"), inSession("s")); d.Channel != first.Channel {
			t.Fatalf("the session moved from %s to %s", first.Channel, d.Channel)
		}
	}
}

func TestTheLeastCostLeavesASessionWhereItCostsNoMore(t *testing.T) {
	for name, own := range map[string]map[string]prices.Price{
		"alike": {"*": {Rates: prices.Rates{Input: 1, Output: 2}}}, "unknown": nil,
	} {
		list := channels("a", "b", "c", "d")
		for i := range list {
			list[i].Prices = own
		}
		tr := newTransport(t, routex.Config{Channels: list, Base: statuses{}, Balancer: balance.LeastCost{}, Seed: 1})
		_, first := call(t, tr, asking("m"), inSession("s"))
		for range 20 {
			if _, d := call(t, tr, asking("m"), inSession("s")); d.Channel != first.Channel {
				t.Errorf("%s: the session moved from %s to %s", name, first.Channel, d.Channel)
				break
			}
		}
	}
}

// A caller cannot fill the memory of whoever keeps Decisions with names.
func TestALongKeyOfASessionIsNotKept(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: statuses{}})
	_, d := call(t, tr, asking("m"), inSession(strings.Repeat("k", 100_000)))
	if n := len(d.Affinity.Key); n > 200 {
		t.Errorf("the key has %d bytes", n)
	}
}
