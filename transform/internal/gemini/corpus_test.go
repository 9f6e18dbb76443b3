package gemini_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

// meaning says what a request of this protocol means, whatever way it is
// written in.
func meaning(t *testing.T, body []byte) map[string]any {
	t.Helper()
	r, err := gemini.ReadRequest(body, ignore)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var said strings.Builder
	last := conv.System
	for _, m := range r.Messages {
		if m.Role != last {
			fmt.Fprintln(&said, [...]string{"user", "assistant", "system"}[m.Role])
		}
		last = m.Role
		for i := range m.Parts {
			m.Parts[i].IsError = false // which the AI SDK does not tell
			if m.Parts[i].Kind == conv.Reasoning {
				m.Parts[i] = conv.Part{} // goes back to its provider only
			}
		}
		said.WriteString(strings.ReplaceAll(dump(m.Parts), "text\n", ""))
	}
	tools := map[string]any{}
	for _, tool := range r.Tools {
		var schema any
		_ = json.Unmarshal([]byte(strings.ReplaceAll(tool.Schema, `,"minItems":1`, "")), &schema) // the AI SDK leaves it out
		tools[tool.Name.String()+": "+tool.Description.String()] = schema
	}
	return map[string]any{
		"system": dump(r.System), "messages": said.String(), "tools": tools, "choice": fmt.Sprint(r.Choice.Mode, r.Choice.Name),
		"sampling": fmt.Sprint(r.Temperature, r.TopP, r.TopK, r.Stop), "format": fmt.Sprint(r.Format.Kind), "thinking": fmt.Sprint(r.Thinking.Mode),
	}
}

// apart are the requests that the AI SDK does not send alike to two protocols.
var apart = map[string]string{
	"19-reasoning-plus-tool-anthropic.json anthropic": "only the request in Anthropic's protocol asks for reasoning",
	"23-temperature-above-one.json anthropic":         "Anthropic's temperatures end at 1",
	"25-json-object.json anthropic":                   "Anthropic has no JSON without a schema",
}

func TestRequestsOfTheAISDK(t *testing.T) {
	dir := os.Getenv("ROUTEX_CORPUS")
	if dir == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded requests")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "ai-sdk-requests", "*.json"))
	if len(files) == 0 {
		t.Fatal("no requests found")
	}
	reads := map[string]func([]byte, conv.Lose) (*conv.Request, error){"openai-chat": chat.ReadRequest, "anthropic": anthropic.ReadRequest}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for caller, read := range reads {
			for target, model := range map[string]string{"gemini": "gemini-2.5-pro", "gemini-3": "gemini-3-pro-preview"} {
				name := filepath.Base(file) + " " + caller
				asked := gjson.GetBytes(data, "requests."+caller+".body|@ugly")
				want := gjson.GetBytes(data, "requests."+target+".body|@ugly")
				if !asked.IsObject() || !want.IsObject() {
					continue
				}
				t.Run(name+" "+target, func(t *testing.T) {
					if why := apart[name]; why != "" {
						t.Skip(why)
					}
					r, err := read([]byte(asked.Raw), ignore)
					if err != nil {
						t.Fatal(err)
					}
					r.Model = model
					out, err := gemini.WriteRequest(nil, r, ignore)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(meaning(t, []byte(want.Raw)), meaning(t, out)); diff != "" {
						t.Errorf("(-AI SDK +got)\n%s", diff)
					}
				})
			}
		}
	}
}
