package anthropic

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// corpus calls f for every recorded answer of this protocol.
func corpus(t *testing.T, ext string, f func(t *testing.T, data []byte)) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS is not set")
	}
	var files []string
	for _, dir := range []string{"vercel-anthropic", "anthropic-sdk-ts"} {
		more, err := filepath.Glob(filepath.Join(root, dir, "*"+ext))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		t.Fatalf("no recordings in %s", root)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f(t, data)
		})
	}
}

// What is read out of a recorded stream and written again has the same text,
// reasoning, calls, stop reason and usage.
func TestCorpusStreams(t *testing.T) {
	corpus(t, ".sse", func(t *testing.T, data []byte) {
		var in, out []string
		for line := range bytes.Lines(data) {
			if s, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:")); ok {
				in = append(in, string(bytes.TrimSpace(s)))
			}
			if bytes.Contains(line, []byte(endEvent)) {
				break // some recordings hold several answers
			}
		}
		e := NewEncoder(conv.EncoderOptions{Provider: provider})
		emit := func(_ string, data []byte) { out = append(out, string(data)) }
		if _, err := decode(t, in, func(ev *conv.Event) { e.Event(ev, emit) }); err != nil {
			if strings.Contains(string(data), endEvent) {
				t.Error(err)
			}
			return
		}
		e.Close(emit)
		checkBlocks(t, out)
		if got, want := gist(out), gist(in); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// gist joins what a stream says, whatever its blocks.
func gist(events []string) string {
	var text, thinking, calls, end strings.Builder
	args := false
	for _, data := range events {
		v := gjson.Parse(data)
		switch v.Get("type").Str {
		case "content_block_start":
			b := v.Get("content_block")
			if args = b.Get("type").Str == "tool_use"; args {
				calls.WriteString(b.Get("id").Str + b.Get("name").Str)
				if input := b.Get("input").Raw; input != "{}" {
					calls.WriteString(input)
				}
			}
		case "content_block_delta":
			d := v.Get("delta")
			text.WriteString(d.Get("text").Str)
			thinking.WriteString(d.Get("thinking").Str)
			if args {
				calls.WriteString(d.Get("partial_json").Str)
			}
		case "message_delta":
			end.Reset()
			end.WriteString(v.Get("delta.stop_reason").Str + " " + v.Get("usage.output_tokens").Raw)
		}
	}
	return strings.ReplaceAll(text.String()+"\n"+thinking.String()+"\n"+calls.String()+"\n"+end.String(), "{}", "")
}

func TestCorpusResponses(t *testing.T) {
	corpus(t, ".json", func(t *testing.T, data []byte) {
		r, err := ReadResponse(data)
		if err != nil {
			t.Fatal(err)
		}
		out := WriteResponse(nil, r)
		if slices.ContainsFunc(r.Parts, func(p conv.Part) bool { return p.Kind == conv.ToolCall }) {
			// Also if the calls were answered by code on the server.
			data = bytes.Replace(data, []byte(`"end_turn"`), []byte(`"tool_use"`), 1)
		}
		for _, path := range []string{`content.#(type=="text")#.text`, `content.#(type=="thinking")#.thinking`, `content.#(type=="tool_use")#.input`, "stop_reason", "usage.input_tokens", "usage.output_tokens"} {
			if got, want := gjson.GetBytes(out, path).Raw, gjson.GetBytes(data, path).Raw; got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
	})
}
