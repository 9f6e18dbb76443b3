package routex

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/dctx-team/routex/transform"
)

// tailSize is how much of the end of an answer can hold what it has used.
const tailSize = 4 << 10

// A usageTail is the end of an answer that is handed on unseen, where the
// completions of old tell what they have used. Nil keeps nothing.
type usageTail struct{ b []byte }

// tailOf gives one for the answer to a call that is charged by the token.
func (at *attempt) tailOf() *usageTail {
	if at.c.endpoint.rest != "/completions" || at.c.req.Method != http.MethodPost {
		return nil
	}
	return new(usageTail)
}

func (t *usageTail) look(p []byte) {
	if t == nil {
		return
	}
	t.b = append(t.b, p[max(len(p)-tailSize, 0):]...)
	if over := len(t.b) - tailSize; over > tailSize { // now and then is often enough
		t.b = append(t.b[:0], t.b[over:]...)
	}
}

// tell notes what the attempt has used, if the answer said so.
func (t *usageTail) tell(at *attempt) {
	if t == nil {
		return
	}
	for rest := t.b; ; {
		i := bytes.LastIndex(rest, []byte(`"usage"`))
		if i < 0 {
			return
		}
		after := bytes.TrimLeft(rest[i+len(`"usage"`):], " \t\r\n:")
		var usage struct {
			Choices []struct{}      `json:"choices"`
			Usage   json.RawMessage `json:"usage"`
		}
		if json.NewDecoder(bytes.NewReader(after)).Decode(&usage.Usage) == nil && usage.Usage[0] == '{' {
			answer, _ := json.Marshal(usage) // of a RawMessage that was just read
			at.got.usage, at.got.known, _ = transform.Look(transform.OpenAIChat, answer)
			return
		}
		rest = rest[:i]
	}
}
