package named_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// Requests pass the list from left to right, answers from right to left: only
// then does the second of two that shorten names see what the first sent, and
// the first get back what it sent.
func TestTheOrderIsLeftToRightAndRightToLeft(t *testing.T) {
	outer := newNamed(t, "toolname", `{"max_length":40}`)
	inner := newNamed(t, "toolname", `{"max_length":24}`)
	both := transform.Chain(outer, inner)
	r := request(transform.Anthropic, `{"tools":[{"name":"`+long+`"}]}`)
	got := sent(t, both, r)
	name := strings.TrimSuffix(strings.TrimPrefix(got, `{"tools":[{"name":"`), `"}]}`)
	middle := shortened(t, outer, transform.Anthropic)
	if len(name) != 24 || name[:9] != middle[:9] {
		t.Fatalf("sent is %s", got)
	}
	if direct := shortened(t, inner, transform.Anthropic); direct == name {
		t.Error("the second did not see what the first made")
	}
	answer := &transform.Response{Request: r, Status: http.StatusOK, Body: []byte(`{"content":[{"type":"tool_use","name":"` + name + `"}]}`)}
	if err := both.Response(context.Background(), answer); err != nil || !bytes.Contains(answer.Body, []byte(long)) {
		t.Errorf("the answer is %s, %v", answer.Body, err)
	}
	stream := both.Stream(context.Background(), &transform.Response{Request: r})
	var out []byte
	err := stream.Event(transform.Event{Data: []byte(`{"content_block":{"name":"` + name + `"}}`)}, func(ev transform.Event) { out = append(out, ev.Data...) })
	if err != nil || string(out) != `{"content_block":{"name":"`+long+`"}}` {
		t.Errorf("the event is %s, %v", out, err)
	}
}

// A later one wins: it sees what an earlier one has set.
func TestALaterTransformerSeesTheEarlierOnesWork(t *testing.T) {
	both := transform.Chain(newNamed(t, "maxtoken", `{"max_tokens":50}`), newNamed(t, "maxtoken", `{"max_tokens":40}`))
	if got := sent(t, both, request(transform.Anthropic, `{}`)); got != `{"max_tokens":40}` {
		t.Errorf("sent is %s", got)
	}
	both = transform.Chain(newNamed(t, "sampling", `{"temperature":null}`), newNamed(t, "sampling", `{"temperature":0.5}`))
	if got := sent(t, both, request(transform.Anthropic, `{"temperature":1}`)); got != `{"temperature":0.5}` {
		t.Errorf("sent is %s", got)
	}
}
