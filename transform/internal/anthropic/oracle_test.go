package anthropic

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
	"github.com/tidwall/gjson"
)

type decoder interface {
	Event(name, data []byte, emit func(*conv.Event)) error
	Close(emit func(*conv.Event)) error
}

// differences says why a recording is told in another way than that client
// reads it.
var differences = map[string]string{
	"github-copilot-id-rotation.1.stream":         "the client gives up on ids that change; the places are the same",
	"openai-apply-patch-tool.1.stream":            "a tool of the provider's own, which no other protocol can call",
	"openai-apply-patch-tool.1.unary":             "a tool of the provider's own, which no other protocol can call",
	"openai-local-shell-tool.1.stream":            "a tool of the provider's own, which no other protocol can call",
	"openai-local-shell-tool.1.unary":             "a tool of the provider's own, which no other protocol can call",
	"openai-custom-tool.1.stream":                 "text for a tool is an object with the one member input here",
	"openai-custom-tool.1.unary":                  "text for a tool is an object with the one member input here",
	"openai-reasoning-encrypted-content.1.stream": "the recording holds several answers; the first is the answer",
}

func decoderOf(protocol string) decoder {
	switch protocol {
	case "openai-chat":
		return chat.NewDecoder()
	case "openai-responses":
		return responses.NewDecoder()
	case "gemini":
		return gemini.NewDecoder()
	}
	return nil
}

func readerOf(protocol string) func([]byte) (*conv.Response, error) {
	switch protocol {
	case "openai-chat":
		return chat.ReadResponse
	case "openai-responses":
		return responses.ReadResponse
	case "gemini":
		return gemini.ReadResponse
	}
	return nil
}

// Recorded answers of every other protocol are told to a caller of this one as a
// client of their own protocol read them.
func TestCorpusOracle(t *testing.T) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "ai-sdk-oracle", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			oracle, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			v := gjson.ParseBytes(oracle)
			data, err := os.ReadFile(filepath.Join(root, v.Get("source").Str))
			if err != nil {
				t.Skip(err)
			}
			var got string
			protocol := v.Get("protocol").Str
			if protocol == "anthropic" {
				return
			}
			if v.Get("mode").Str == "stream" {
				got = streamed(t, decoderOf(protocol), data)
			} else {
				got = whole(t, readerOf(protocol), data)
			}
			_, short, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".json"), "__")
			why := differences[short]
			if want := wanted(v.Get("normalized")); got != "" && (got != want) != (why != "") {
				t.Errorf("expected difference: %q\ngot\n%s\nwant\n%s", why, got, want)
			}
		})
	}
}

func streamed(t *testing.T, d decoder, data []byte) string {
	e := NewEncoder(conv.EncoderOptions{Provider: provider})
	var out []string
	emit := func(_ string, data []byte) { out = append(out, string(data)) }
	pass := func(ev *conv.Event) { e.Event(ev, emit) }
	for line := range bytes.Lines(data) {
		if s, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:")); ok {
			if err := d.Event(nil, bytes.TrimSpace(s), pass); err != nil {
				t.Error(err)
			}
		}
	}
	if err := d.Close(pass); err != nil {
		return ""
	}
	e.Close(emit)
	checkBlocks(t, out)
	var text, calls, stop string
	for _, s := range out {
		v := gjson.Parse(s)
		if b := v.Get("content_block"); b.Get("type").Str == "tool_use" {
			calls += "\n" + b.Get("name").Str + " "
		}
		text += v.Get("delta.text").Str
		calls += ugly(v.Get("delta.partial_json").Str)
		if s := v.Get("delta.stop_reason"); s.Exists() {
			stop = s.Str
		}
		if v.Get("type").Str == "error" {
			return ""
		}
	}
	return text + calls + "\n" + stop
}

func whole(t *testing.T, read func([]byte) (*conv.Response, error), data []byte) string {
	r, err := read(data)
	if err != nil {
		t.Log(err)
		return ""
	}
	v := gjson.ParseBytes(WriteResponse(nil, r))
	var text, calls string
	for _, b := range v.Get("content").Array() {
		text += b.Get("text").Str
		if b.Get("type").Str == "tool_use" {
			calls += "\n" + b.Get("name").Str + " " + ugly(b.Get("input").Raw)
		}
	}
	return text + calls + "\n" + v.Get("stop_reason").Str
}

func wanted(v gjson.Result) string {
	var text, calls string
	for _, p := range v.Get("content").Array() {
		switch p.Get("type").Str {
		case "text":
			text += p.Get("text").Str
		case "tool-call":
			if !p.Get("providerExecuted").Bool() {
				calls += "\n" + p.Get("toolName").Str + " " + ugly(p.Get("input").Str)
			}
		}
	}
	stop := map[string]string{"stop": "end_turn", "tool-calls": "tool_use", "length": "max_tokens", "content-filter": "refusal"}[v.Get("finishReason.unified").Str]
	return text + calls + "\n" + stop
}

// ugly takes all white space away.
func ugly(s string) string { return strings.Join(strings.Fields(s), "") }
