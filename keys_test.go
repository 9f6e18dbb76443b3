package routex

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/breaker"
)

func pool(values ...string) *keys { return poolAfter(nil, values...) }

func poolAfter(prev *keys, values ...string) *keys {
	return newKeys(values, func(v string) (string, string) { return "Authorization", "Bearer " + v }, newDice(1), prev)
}

func (k *keys) now(tried ...*key) grant { return k.pick("m", time.Now(), tried, false) }

func (k *keys) valuesOf(n int) string {
	var b strings.Builder
	for range n {
		if g := k.now(); g.key != nil {
			b.WriteString(g.key.value)
		} else {
			b.WriteString("-")
		}
	}
	return b.String()
}

func refusal(status int) *breaker.Failure {
	return &breaker.Failure{Class: breaker.Credential, Status: status}
}

func limit(asked time.Duration) *breaker.Failure {
	return &breaker.Failure{Class: breaker.Rate, Status: 429, RetryAfter: asked}
}

func end(g grant, f *breaker.Failure) { g.over(f, time.Now()) }

func (k *keys) grantOf(t *testing.T, value string) grant {
	t.Helper()
	for range k.list {
		if g := k.now(); g.key != nil && g.key.value == value {
			return g
		}
	}
	t.Fatalf("key %q is out of service", value)
	return grant{}
}

func TestKeysTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b", "c")
		if got := k.valuesOf(6); got != "abcabc" {
			t.Errorf("picked %s", got)
		}
		end(k.grantOf(t, "b"), refusal(401))
		counts := map[byte]int{}
		for _, v := range []byte(k.valuesOf(10)) {
			counts[v]++
		}
		if counts['a'] != 5 || counts['c'] != 5 {
			t.Errorf("without b the others are picked %v; each should have half", counts)
		}
		a, c := k.find("a"), k.find("c")
		if g := k.now(a); g.key != c {
			t.Error("a key is granted that was tried in this call")
		}
		if g := k.now(a, c); g.key != nil {
			t.Errorf("%q is granted when all were tried or refused", g.key.value)
		}
	})
}

func TestRefusedKeyComesBackLaterEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a")
		for _, most := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
			g := k.now()
			if g.key == nil {
				t.Fatalf("before a rest of %v the key is out", most)
			}
			end(g, refusal(401))
			o, out := k.outage("m", time.Now())
			if left := time.Until(o.until); !out || !o.refused || !o.whole || left > most || left < most*8/10 {
				t.Fatalf("it rests for %v, want about %v: %+v", left, most, o)
			}
			time.Sleep(time.Until(o.until) - time.Nanosecond)
			if k.now().key != nil {
				t.Fatalf("it is used before its rest of %v is over", most)
			}
			time.Sleep(time.Nanosecond)
		}
		end(k.now(), nil)
		end(k.now(), refusal(401))
		if o, _ := k.outage("m", time.Now()); time.Until(o.until) > 30*time.Second {
			t.Errorf("after a success it rests for %v at once", time.Until(o.until))
		}
	})
}

// One call tries the key; the others wait for what comes of it.
func TestKeyThatComesBackIsTriedByOneCall(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(g *grant)
		want string // of three picks afterwards
	}{
		"it works":              {func(g *grant) { g.over(nil, time.Now()) }, "aaa"},
		"it is refused":         {func(g *grant) { g.over(refusal(401), time.Now()) }, "---"},
		"the caller leaves":     {func(g *grant) { g.over(&breaker.Failure{Class: breaker.HangUp}, time.Now()) }, "a--"},
		"the provider is down":  {func(g *grant) { g.over(&breaker.Failure{Class: breaker.Server, Status: 500}, time.Now()) }, "a--"},
		"nothing is ever heard": {func(*grant) { time.Sleep(keyTrial) }, "a--"},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := pool("a")
			end(k.now(), refusal(401))
			time.Sleep(time.Minute)
			g := k.now()
			if g.key == nil || k.now().key != nil {
				t.Fatalf("%s: not one call alone tries the key", name)
			}
			test.end(&g)
			if got := k.valuesOf(3); got != test.want {
				t.Errorf("%s: then the calls get %s, want %s", name, got, test.want)
			}
		})
	}
}

func TestWhatBeganBeforeARefusalTellsNothingNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a")
		var earlier []grant
		for range 10 {
			earlier = append(earlier, k.now())
		}
		time.Sleep(time.Second)
		end(earlier[0], refusal(401))
		first, _ := k.outage("m", time.Now())
		for i := range earlier[1:5] { // with a second between them
			time.Sleep(time.Second)
			end(earlier[1+i], refusal(401))
		}
		if o, _ := k.outage("m", time.Now()); !o.until.Equal(first.until) {
			t.Error("calls that ran side by side each prolong the rest")
		}
		end(earlier[5], nil)
		if k.now().key != nil {
			t.Error("a call that was let in before brings the key back")
		}
		time.Sleep(time.Hour)
		end(earlier[7], refusal(401))
		trial := k.now()
		if trial.key == nil {
			t.Fatal("an old refusal outlasts the rest that began after it")
		}
		end(earlier[6], refusal(401))
		end(trial, nil)
		if k.now().key == nil {
			t.Error("an old refusal outdoes the call that tried the key since")
		}
	})
}

func TestForbiddenModelRetiresThePairAlone(t *testing.T) {
	for _, status := range []int{402, 403} {
		synctest.Test(t, func(t *testing.T) {
			k := pool("a", "b")
			g := k.grantOf(t, "a")
			end(g, refusal(status))
			if got := k.valuesOf(4); got != "bbbb" {
				t.Errorf("%d: for the model %s are picked", status, got)
			}
			other := map[string]bool{}
			for range 2 {
				other[k.pick("n", time.Now(), nil, false).key.value] = true
			}
			if !other["a"] {
				t.Errorf("%d: for another model the key is not used", status)
			}
			s := k.status(time.Now())
			if !s[0].RetiredUntil.IsZero() || s[0].Models["m"].IsZero() || s[1].Models != nil {
				t.Errorf("%d: the status is %+v", status, s)
			}
			end(k.grantOf(t, "b"), refusal(status))
			if o, out := k.outage("m", time.Now()); !out || o.whole || !o.refused {
				t.Errorf("%d: with both refused for the model: %+v, %v", status, o, out)
			}
			if _, out := k.outage("n", time.Now()); out {
				t.Errorf("%d: the other model is out too", status)
			}
			time.Sleep(30 * time.Second)
			end(k.grantOf(t, "a"), nil)
			if k.now().key == nil {
				t.Errorf("%d: after its rest and a success the key is not used for the model", status)
			}
		})
	}
}

func TestTrialThatEndsWithAForbiddenModelLeavesTheKeyToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a")
		end(k.now(), refusal(401))
		time.Sleep(time.Minute)
		end(k.now(), refusal(403))
		if k.now().key != nil || k.pick("n", time.Now(), nil, false).key == nil {
			t.Error("the key is not out for the one model alone")
		}
	})
}

func TestMemoryOfRefusedModelsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a")
		for i := range 10 * maxKeyModels {
			g := k.pick(fmt.Sprint("model-", i), time.Now(), nil, false)
			end(g, refusal(403))
			time.Sleep(time.Millisecond)
		}
		if n := len(k.list[0].models); n != maxKeyModels {
			t.Errorf("%d models are remembered, want %d", n, maxKeyModels)
		}
		if _, out := k.outage(fmt.Sprint("model-", 10*maxKeyModels-1), time.Now()); !out {
			t.Error("the latest is forgotten")
		}
	})
}

func TestLimitedKeyRestsAsLongAsItsProviderSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b")
		g := k.grantOf(t, "a")
		end(g, limit(time.Minute))
		if got := k.valuesOf(3); got != "bbb" || !k.limitedUntil(time.Now()).IsZero() {
			t.Errorf("the calls get %s; the channel is limited until %v", got, k.limitedUntil(time.Now()))
		}
		h := k.grantOf(t, "b")
		end(h, limit(time.Second))
		o, out := k.outage("m", time.Now())
		if !out || o.refused || time.Until(o.until) != time.Second || !k.limitedUntil(time.Now()).Equal(o.until) {
			t.Errorf("with both limited: %+v, %v", o, out)
		}
		if k.pick("m", time.Now(), nil, true).key != nil {
			t.Error("a limited key is used because nothing else is left")
		}
		time.Sleep(time.Second)
		if got := k.valuesOf(3); got != "bbb" {
			t.Errorf("after a second the calls get %s", got)
		}
		time.Sleep(59 * time.Second)
		if got := k.valuesOf(4); strings.Count(got, "a") != 2 {
			t.Errorf("after a minute the calls get %s", got)
		}
		if s := k.status(time.Now()); s[0].Why != "" || !k.quiet(time.Now()) {
			t.Errorf("after all the status is %+v", s)
		}
	})
}

func TestForcedKeyNeitherProlongsItsRestNorMissesItsRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b")
		end(k.grantOf(t, "a"), refusal(401))
		time.Sleep(time.Second)
		end(k.grantOf(t, "b"), refusal(401))
		o, _ := k.outage("m", time.Now())
		force := func() grant { return k.pick("m", time.Now(), nil, true) }
		for range 5 {
			time.Sleep(time.Second)
			g := force()
			if g.key == nil {
				t.Fatal("nothing is tried although nothing else is left")
			}
			end(g, refusal(401))
		}
		if again, _ := k.outage("m", time.Now()); !again.until.Equal(o.until) {
			t.Error("calls that had no other way prolong the rest")
		}
		end(force(), nil)
		if k.now().key == nil {
			t.Error("a forced call that succeeds does not bring its key back")
		}
	})
}

// A call that met one bad key should not be made to try another that may be.
func TestDoubtfulKeysAreNotTriedAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b", "c", "d")
		for _, v := range []string{"a", "b", "c"} {
			end(k.grantOf(t, v), refusal(401))
		}
		end(k.now(), nil) // of d
		time.Sleep(time.Hour)
		g := k.now()
		if g.key.value == "d" {
			t.Fatal("a key that comes back is not tried by itself")
		}
		end(g, refusal(401))
		if second := k.now(g.key); second.key.value != "d" {
			t.Errorf("after a failure the call is given %q, which is in doubt", second.key.value)
		}
	})
}

func TestKeysThatStayKeepTheirState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b")
		a := k.grantOf(t, "a")
		end(a, refusal(401))
		next := poolAfter(k, "b", "c", "a")
		if got := next.valuesOf(4); strings.Contains(got, "a") {
			t.Errorf("after the change the calls get %s, and a was refused", got)
		}
		if !next.shares([]string{"x", "c"}) || next.shares([]string{"x"}) || pool("").shares([]string{"a"}) {
			t.Error("what is shared is told wrongly")
		}
		gone := poolAfter(next, "b")
		back := poolAfter(gone, "a", "b")
		if s := back.status(time.Now()); !s[0].RetiredUntil.IsZero() {
			t.Error("a key that was taken out and put back has not begun anew")
		}
		time.Sleep(time.Minute)
		trial := next.grantOf(t, "a") // of the present configuration
		if g := k.now(k.find("b")); g.key != nil {
			t.Error("a call of the earlier configuration tries the key at the same time")
		}
		end(trial, nil)
	})
}

// Calls of an earlier configuration end after the change.
func TestRefusalAfterAChangeOfTheConfigurationCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, f := range map[string]*breaker.Failure{"refused": refusal(401), "limited": limit(time.Minute)} {
			k := pool("a", "b")
			g := k.grantOf(t, "a")
			next := poolAfter(k, "a")
			end(g, f)
			if _, out := next.outage("m", time.Now()); !out || next.quiet(time.Now()) {
				t.Errorf("a key that was %s for an earlier call is in service", name)
			}
		}
	})
}

func TestKeysAreShownMasked(t *testing.T) {
	for in, want := range map[string]string{"": "", "short": "****", "sk-abcdefgh1234": "sk-a****1234"} {
		if got := masked(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	k := pool("sk-abcdefgh1234")
	if got := k.status(time.Now()); !reflect.DeepEqual(got, []KeyStatus{{Key: "sk-a****1234"}}) {
		t.Errorf("the status is %+v", got)
	}
}

func TestKeysUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pool("a", "b", "c", "d")
		failures := []*breaker.Failure{nil, nil, nil, refusal(401), refusal(403), limit(0), {Class: breaker.HangUp}, {Class: breaker.Server}}
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 200 {
					model := fmt.Sprint(r.IntN(3))
					g := k.pick(model, time.Now(), nil, r.IntN(4) == 0)
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
					end(g, failures[r.IntN(len(failures))])
					k.status(time.Now())
					k.outage(model, time.Now())
				}
			})
		}
		wg.Wait()
		time.Sleep(keyRestMost)
		for range 8 { // two for each: one may be in doubt for the model too
			end(k.pick("0", time.Now(), nil, false), nil)
		}
		for range 8 {
			if k.pick("0", time.Now(), nil, false).key == nil {
				t.Fatal("not every key came back")
			}
		}
	})
}
