package conv_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// A protocol reads and writes requests.
type protocol struct {
	read  func([]byte, conv.Lose) (*conv.Request, error)
	write func([]byte, *conv.Request, conv.Lose) ([]byte, error)
}

// protocolOf gives the protocol of a path.
func protocolOf(path string) protocol {
	switch {
	case strings.Contains(path, "/messages"):
		return protocol{anthropic.ReadRequest, anthropic.WriteRequest}
	case strings.Contains(path, "/chat/completions"):
		return protocol{chat.ReadRequest, chat.WriteRequest}
	case strings.Contains(path, "/responses"):
		return protocol{responses.ReadRequest, responses.WriteRequest}
	}
	return protocol{gemini.ReadRequest, gemini.WriteRequest}
}

func modelOf(path, body string) string {
	if _, rest, ok := strings.Cut(path, "/models/"); ok {
		model, _, _ := strings.Cut(rest, ":")
		return model
	}
	return gjson.Get(body, "model").String()
}

// meaning is a request in words that all protocols share: what is said, the
// tools, and how the answer is to be. Reasoning in the history and the limits
// that clients make up when there are none are left out.
func meaning(r *conv.Request) string {
	var b strings.Builder
	system, role := "", conv.Role(9)
	for _, p := range r.System {
		system += p.Text.String() + "\n"
	}
	fmt.Fprintf(&b, "system %q\n", strings.TrimSpace(system))
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			if m.Role != role {
				fmt.Fprintf(&b, "role %d\n", m.Role)
				role = m.Role
			}
			b.WriteString(partMeaning(p))
		}
	}
	for _, t := range r.Tools {
		fmt.Fprintf(&b, "tool %s %q %s\n", t.Name.String(), t.Description.String(), schemaMeaning(t.Schema))
	}
	fmt.Fprintf(&b, "choice %d %s, parallel off %v\n", r.Choice.Mode, r.Choice.Name.String(), r.NoParallel)
	fmt.Fprintf(&b, "temperature %s, top_p %s, top_k %s, format %d %s\n", r.Temperature, r.TopP, r.TopK, r.Format.Kind, schemaMeaning(r.Format.Schema))
	for _, s := range r.Stop {
		fmt.Fprintf(&b, "stop %q\n", s.String())
	}
	return b.String()
}

func partMeaning(p conv.Part) string {
	switch p.Kind {
	case conv.Text:
		return fmt.Sprintf("text %q\n", p.Text.String())
	case conv.Image:
		return fmt.Sprintf("image %s %s %s\n", p.MediaType.String(), p.Data.String(), p.URL.String())
	case conv.Document:
		return fmt.Sprintf("document %s %s %s\n", p.MediaType.String(), p.Data.String(), p.URL.String())
	case conv.ToolCall:
		return fmt.Sprintf("call %s %s\n", p.Name.String(), canonicalJSON(p.Args))
	case conv.ToolResult:
		text := ""
		for _, c := range p.Content {
			text += partMeaning(c)
		}
		return fmt.Sprintf("result %q\n", text)
	}
	return ""
}

// schemaMeaning leaves out what only some protocols have.
func schemaMeaning(schema string) string {
	text := canonicalJSON(schema)
	for _, member := range []string{`"additionalProperties":false,`, `,"additionalProperties":false`, `"additionalProperties":false`, `"$schema":"http://json-schema.org/draft-07/schema#",`} {
		text = strings.ReplaceAll(text, member, "")
	}
	if text == `{"properties":{},"type":"object"}` {
		return ""
	}
	return text
}

func canonicalJSON(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// The same prompt as clients of every protocol send it means the same after it
// was translated, in every direction.
func TestClientsRequestsMeanTheSameInEveryProtocol(t *testing.T) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded requests")
	}
	files, err := filepath.Glob(filepath.Join(root, "ai-sdk-requests", "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d requests in %s, %v", len(files), root, err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		requests := gjson.GetBytes(body, "requests").Map()
		for from, a := range requests {
			for to, b := range requests {
				if !a.Get("body").Exists() || !b.Get("body").Exists() || from == to {
					continue
				}
				name := strings.TrimSuffix(filepath.Base(file), ".json")
				t.Run(name+"/"+from+" to "+to, func(t *testing.T) { sameMeaning(t, name, from, to, a, b) })
			}
		}
	}
}

func sameMeaning(t *testing.T, name, from, to string, a, b gjson.Result) {
	source, target := protocolOf(a.Get("path").String()), protocolOf(b.Get("path").String())
	var lost []string
	lose := func(field, why string) { lost = append(lost, field+": "+why) }
	r, err := source.read([]byte(a.Get("body").Raw), lose)
	if err != nil {
		t.Fatalf("reading %s: %v", a.Get("body").Raw, err)
	}
	r.Model = modelOf(b.Get("path").String(), b.Get("body").Raw)
	written, err := target.write(nil, r, lose)
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
	got, err := target.read(written, func(string, string) {})
	if err != nil {
		t.Fatalf("reading back %s: %v", written, err)
	}
	want, err := target.read([]byte(b.Get("body").Raw), func(string, string) {})
	if err != nil {
		t.Fatalf("reading %s: %v", b.Get("body").Raw, err)
	}
	g, w := meaning(got), meaning(want)
	if why := clientsDiffer(name, from, to); why != "" {
		t.Logf("not compared: %s", why)
		return
	}
	if g != w {
		t.Errorf("got\n%s\nwant\n%s\nlost %q\nwritten %s", g, w, lost, written)
	}
}

// clientsDiffer says why a client's own request of the target protocol means
// something else than the translated one.
func clientsDiffer(name, from, to string) string {
	either := func(protocol string) bool {
		return strings.HasPrefix(from, protocol) || strings.HasPrefix(to, protocol)
	}
	switch {
	case strings.HasPrefix(name, "23-") && (strings.HasPrefix(from, "anthropic") || strings.HasSuffix(from, "-reasoning")):
		return "the client had lowered the temperature, or left it out, for its own model"
	case strings.HasPrefix(name, "25-") && either("anthropic"):
		return "the client drops the wish for JSON; it becomes an instruction here"
	case strings.HasPrefix(name, "27-") && (strings.HasPrefix(from, "gemini") || either("openai-compatible")):
		return "the client of Gemini, whose protocol cannot, or of a compatible server does not forbid parallel calls"
	case strings.HasPrefix(name, "31-") && either("gemini"):
		return "the client takes limits out of schemas that Gemini knows"
	}
	return ""
}
