package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestCallsFlowWhileTheConfigurationChanges writes channels and rules as fast
// as they are taken while calls flow: none may fail. How fast that is
// examples/load measures.
func TestCallsFlowWhileTheConfigurationChanges(t *testing.T) {
	const writes, writers, callers = 400, 4, 8
	p := start(t, "-data", t.TempDir(), "-demo")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers + callers}}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string, status int) {
		r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status {
			t.Errorf("%s %s %s: status %d, %v: %s", method, path, body, resp.StatusCode, err, answer)
		}
	}
	var writing, calling sync.WaitGroup
	var written atomic.Bool
	var calls atomic.Int64
	for range callers {
		calling.Go(func() {
			for !t.Failed() && (!written.Load() || calls.Load() < writes) {
				ask("POST", "/v1/chat/completions", `{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`, 200)
				calls.Add(1)
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for i := range writes / writers / 5 {
				channel, rule := fmt.Sprintf("c%d-%d", w, i), fmt.Sprintf("r%d-%d", w, i)
				ask("POST", "/api/channels", `{"name":"`+channel+`","type":"openai","models":["other"]}`, 201)
				ask("POST", "/api/routing/rules", `{"name":"`+rule+`","condition":{"keywords":["`+rule+`"]},"targetChannel":"`+channel+`"}`, 201)
				ask("PUT", "/api/channels/demo-openai", fmt.Sprintf(`{"weight":%d}`, i+1), 200)
				ask("PUT", "/api/routing/rules/"+rule, `{"priority":7}`, 200)
				ask("DELETE", "/api/channels/"+channel, "", 200)
			}
		})
	}
	writing.Wait()
	written.Store(true)
	calling.Wait()
	if calls.Load() < writes {
		t.Errorf("only %d calls were made", calls.Load())
	}
}
