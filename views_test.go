package routex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
)

// Nothing that outlives a call changes with the body of the next.
func TestDecisionsAreNoViewsOfBodies(t *testing.T) {
	type kept struct {
		d    *routex.Decision
		then []byte
	}
	var mu sync.Mutex
	var all []kept
	keep := func(d *routex.Decision) {
		mu.Lock()
		defer mu.Unlock()
		j, _ := json.Marshal(d)
		all = append(all, kept{d, j})
	}
	list := channels("a", "b", "c")
	list[1] = openAIChannel("b", "https://b.test")
	tr := newTransport(t, routex.Config{
		Channels: list, Base: statuses{}, OnDecision: keep, Balancer: balance.RoundRobin{},
		Router: router.Func(func(_ context.Context, r *router.Request) (router.Choice, error) {
			text := r.UserText()
			switch {
			case strings.HasPrefix(text, "deny"):
				return router.Choice{}, &router.DeniedError{RuleID: text[:9], Rule: text[:8], Message: text[:20]}
			case strings.HasPrefix(text, "fail"):
				return router.Choice{}, plainError(text[:20])
			case strings.HasPrefix(text, "weights"):
				return router.Choice{Channels: []string{text[8:9], text[10:11]}, Weights: []int{1, 1}, Rule: text[:10], RuleID: text[:11], Model: text[:9]}, nil
			}
			return router.Choice{}, router.ErrNoRoute
		}),
	})
	for i := range 200 {
		pad := strings.Repeat(fmt.Sprintf("%03d", i), 3000)
		text := []string{"deny", "fail", "weights a b c ", "other"}[i%4] + pad
		body := fmt.Sprintf(`{"model":"m%d","max_tokens":5,"top_k":3,"x_%d":1,"metadata":{"user_id":"user_%d_session_%d"},"messages":[{"role":"user","content":%q}]}`, i, i, i, i, text)
		req, _ := newCall(t, "https://x.test/v1/messages", body)
		if d, err := tr.Explain(req); err == nil {
			keep(d)
		}
		call(t, tr, body)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, k := range all {
		if now, _ := json.Marshal(k.d); !bytes.Equal(now, k.then) {
			t.Fatalf("was %.600s\nis  %.600s", k.then, now)
		}
	}
}

type plainError string

func (e plainError) Error() string { return string(e) }
