package gemini_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

func ignore(string, string) {}

// FuzzRequest reads any request and writes it again: that never fails.
func FuzzRequest(f *testing.F) {
	f.Add(string(toChat(3000, 2)), "gemini-2.5-flash")
	f.Add(`{`+hi+`,"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"},"responseSchema":{"type":"OBJECT","nullable":true}},"system_instruction":{"parts":{"text":"a"}}}`, "gemini-3-pro")
	f.Add(`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"RtxStateTabcdef0YzJsbg=="},{"thought":true,"text":"t"}]},{"parts":[{"functionResponse":{"name":"f","response":{"a":1},"parts":[{"inlineData":{"mimeType":"image/png","data":"-_"}}]}}]}]}`, "models/gemini-flash-latest")
	f.Fuzz(func(t *testing.T, body, model string) {
		if !gjson.Valid(body) {
			return
		}
		r, err := gemini.ReadRequest([]byte(body), ignore)
		if err != nil {
			return
		}
		r.Model = model
		r.Target.Provider = provider
		out, err := gemini.WriteRequest(nil, r, ignore)
		if err != nil {
			t.Fatal(err)
		}
		if !gjson.ValidBytes(out) {
			t.Fatalf("not valid JSON: %s", out)
		}
		if _, err := gemini.ReadRequest(out, ignore); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add(chunk(`{"text":"a"},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2ln"}`, stopped))
	f.Add(`[` + chunk(`{"functionCall":{"name":"f","willContinue":true}}`, ``) + `,` + chunk(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a[0]","stringValue":"x"}]}}`, stopped) + `]`)
	f.Fuzz(func(t *testing.T, body string) {
		_, _, _ = gemini.LookBody([]byte(body))
		_ = gemini.ReadError(200, []byte(body))
		r, err := gemini.ReadResponse([]byte(body))
		if err != nil {
			return
		}
		for i := range r.Parts {
			if p := &r.Parts[i]; p.Kind == conv.ToolCall && (p.Args == "" || p.Args[0] != '{' || !gjson.Valid(p.Args)) {
				t.Fatalf("arguments %q", p.Args)
			}
		}
		if out := gemini.WriteResponse(nil, r); !gjson.ValidBytes(out) {
			t.Fatalf("not valid JSON: %s", out)
		}
	})
}

// FuzzStream cuts a stream at any byte, and gives what the Decoder tells to an
// Encoder.
func FuzzStream(f *testing.F) {
	f.Add(sse, 100)
	f.Add("data: [DONE]\n\ndata: "+chunk(`{"text":"a"}`, stopped)+"\n\n", 200)
	f.Fuzz(func(t *testing.T, stream string, cut int) {
		if cut >= 0 && cut < len(stream) {
			stream = stream[:cut]
		}
		d, e := gemini.NewDecoder(), gemini.NewEncoder(conv.EncoderOptions{Provider: provider})
		var w gemini.Watch
		frame := func(name string, data []byte) {
			if name != "" || !gjson.ValidBytes(data) || bytes.ContainsAny(data, "\n\r") && !strings.ContainsAny(stream, "\r") {
				t.Fatalf("bad event %q", data)
			}
		}
		pass := func(ev *conv.Event) { e.Event(ev, frame) }
		for _, data := range dataOf(stream) {
			w.Look(nil, []byte(data))
			if err := d.Event(nil, []byte(data), pass); err != nil {
				t.Fatal(err)
			}
		}
		if d.Close(pass) == nil {
			e.Close(frame)
		}
	})
}

func TestRecordedStreams(t *testing.T) {
	dir := os.Getenv("ROUTEX_CORPUS")
	if dir == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "vercel-google", "*.sse"))
	if len(files) == 0 {
		t.Fatal("no recorded streams found")
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			oracle, err := os.ReadFile(filepath.Join(dir, "ai-sdk-oracle", "vercel-google__"+strings.TrimSuffix(name, ".sse")+".stream.json"))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, asList(string(data)), gjson.GetBytes(oracle, "normalized"))
		})
	}
}

func TestRecordedAnswers(t *testing.T) {
	dir := os.Getenv("ROUTEX_CORPUS")
	if dir == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "vercel-google", "*.json"))
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			oracle, err := os.ReadFile(filepath.Join(dir, "ai-sdk-oracle", "vercel-google__"+strings.TrimSuffix(name, ".json")+".unary.json"))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, data, gjson.GetBytes(oracle, "normalized"))
		})
	}
}

// asList makes the whole answer of a stream.
func asList(stream string) []byte { return []byte("[" + strings.Join(dataOf(stream), ",") + "]") }

// compare checks that an answer, read and written again, says what the AI SDK
// reads out of it.
func compare(t *testing.T, body []byte, want gjson.Result) {
	t.Helper()
	first, err := gemini.ReadResponse(body)
	if err != nil {
		t.Fatal(err)
	}
	again, err := gemini.ReadResponse(gemini.WriteResponse(nil, first))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*conv.Response{first, again} {
		var said, thought, calls strings.Builder
		for i := range r.Parts {
			switch p := &r.Parts[i]; p.Kind {
			case conv.Text:
				said.WriteString(p.Text.String())
			case conv.Reasoning:
				thought.WriteString(p.Text.String())
			case conv.ToolCall:
				calls.WriteString(p.Name.String() + gjson.Parse(p.Args).Get("@ugly").Raw)
			}
		}
		var wantSaid, wantThought, wantCalls strings.Builder
		for _, part := range want.Get("content").Array() {
			switch part.Get("type").String() {
			case "text":
				wantSaid.WriteString(part.Get("text").String())
			case "reasoning":
				wantThought.WriteString(part.Get("text").String())
			case "tool-call":
				wantCalls.WriteString(part.Get("toolName").String() + part.Get("input").String())
			}
		}
		if said.String() != wantSaid.String() || thought.String() != wantThought.String() || calls.String() != wantCalls.String() {
			t.Errorf("got  %s | %s | %s\nwant %s | %s | %s", &said, &thought, &calls, &wantSaid, &wantThought, &wantCalls)
		}
		stops := map[string]conv.StopReason{"stop": conv.StopEnd, "tool-calls": conv.StopTool, "length": conv.StopLength}
		if r.Stop != stops[want.Get("finishReason.unified").String()] {
			t.Errorf("stop %d, want %s", r.Stop, want.Get("finishReason.unified"))
		}
		u := want.Get("usage")
		if r.Usage.Input+r.Usage.CacheRead != u.Get("inputTokens.total").Int() || r.Usage.Output != u.Get("outputTokens.total").Int() ||
			r.Usage.Reasoning != u.Get("outputTokens.reasoning").Int() {
			t.Errorf("usage %+v, want %s", r.Usage, u)
		}
	}
}
