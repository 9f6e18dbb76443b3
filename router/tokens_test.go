package router_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// The counts are those of OpenAI's vocabulary o200k, each for the text repeated
// twenty times.
func TestCountErrsHigh(t *testing.T) {
	for _, test := range []struct {
		name, text string
		tokens     float64 // of one text
	}{
		{"English", "The router spreads calls over several channels and goes on to the next when one of them fails. ", 19.05},
		{"Go", "func (p *plan) claimed() bool { return len(p.preferred)+len(p.others) > 0 }\n\n\tif err != nil {\n\t\treturn nil, err\n\t}\n", 38},
		{"JSON", `{"type":"object","properties":{"path":{"type":"string","description":"Where the file is"},"limit":{"type":"integer"}},"required":["path"]}`, 33},
		{"digits", "0.918273,0.564738,0.112233\n", 15},
		{"German", "Die Einstellungen bleiben erhalten, sofern die Datenbank beschreibbar ist. ", 14.05},
		{"Chinese", "人工智能模型的上下文窗口是有限的，因此路由器需要估计一个请求有多少个标记。", 25},
		{"Russian", "Настройки сохраняются в базе данных после каждого изменения. ", 11.05},
	} {
		got, want := parse(t, say(strings.Repeat(test.text, 20))).CountTokens(), int(20*test.tokens)
		t.Logf("%s: %d of %d, %+d %%", test.name, got, want, (got-want)*100/want)
		if got < want || got > want*5/2 {
			t.Errorf("%s: %d tokens, really %d", test.name, got, want)
		}
	}
}

// What the recorded providers counted is never over the estimate, nor less
// than half of it, small requests and images aside.
func TestCountOfRecordedRequests(t *testing.T) {
	dir := os.Getenv("ROUTEX_CORPUS")
	if dir == "" {
		t.Skip("ROUTEX_CORPUS names no corpus")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "envoy-cassettes", "*.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tape struct {
			Request  struct{ Body json.RawMessage }
			Response struct{ Body json.RawMessage }
		}
		if err := json.Unmarshal(text, &tape); err != nil {
			t.Fatal(err)
		}
		real := promptTokens(string(tape.Response.Body))
		if real == 0 {
			continue
		}
		got := parse(t, string(tape.Request.Body)).CountTokens()
		t.Logf("%s: %d of %d", filepath.Base(file), got, real)
		if image := strings.Contains(string(tape.Request.Body), "image_url"); !image && (got < real || got > 2*real+24) {
			t.Errorf("%s: %d tokens, the provider says %d", filepath.Base(file), got, real)
		}
	}
}

// promptTokens finds the usage in an answer, or in the events of a stream.
func promptTokens(body string) int {
	if stream := gjson.Parse(body); stream.Type == gjson.String {
		body = stream.Str
	}
	_, rest, _ := strings.Cut(body, `"prompt_tokens":`)
	return int(gjson.Parse(strings.TrimLeft(rest, " ")).Int())
}

func BenchmarkCountTokens(b *testing.B) {
	body := []byte(`{"model":"m","messages":[` + strings.Repeat(`{"role":"user","content":[{"type":"text","text":"if err != nil {\n\treturn \"x\", err\n}"}]},`, 2000) + `{}]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		parse(b, string(body)).CountTokens()
	}
}

// The look for ids that providers minted is made for every call.
func BenchmarkMintedIDs(b *testing.B) {
	r := parse(b, `{"model":"m","messages":[`+strings.Repeat(`{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"`+strings.Repeat(`if err != nil {\n\treturn \"x\", err\n}`, 50)+`"}]},`, 80)+`{}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if r.MintedIDs() != nil {
			b.Fatal("ids where there are none")
		}
	}
}
