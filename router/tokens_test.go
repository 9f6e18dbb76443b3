package router_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/router"
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

// Reasoning that is sent back costs its text, and where only the provider can
// read it, by its length. A signature of text that is there costs nothing.
func TestReasoningCounts(t *testing.T) {
	words, sealed := strings.Repeat("word ", 1000), strings.Repeat("Abc1", 1500)
	for name, body := range map[string]string{
		"thinking":   `{"type":"thinking","thinking":"` + words + `","signature":"` + sealed + `"}`,
		"redacted":   `{"type":"redacted_thinking","data":"` + sealed + `"}`,
		"omitted":    `{"type":"thinking","thinking":"","signature":"` + sealed + `"}`,
		"of Gemini":  `{"thought":true,"text":"` + words + `","thoughtSignature":"` + sealed + `"}`,
		"in reverse": `{"signature":"` + sealed + `","thinking":"` + words + `","type":"thinking"}`,
	} {
		if got := added(t, "m", body); got < 900 || got > 1200 {
			t.Errorf("%s: %d tokens", name, got)
		}
	}
	for name, body := range map[string]string{
		"DeepSeek":  `{"model":"m","messages":[{"role":"assistant","reasoning_content":"` + words + `","content":""}]}`,
		"Responses": `{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"` + sealed + `"}]}`,
		"summary":   `{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"` + words + `"}]}]}`,
	} {
		if got := parse(t, body).Tokens(); got < 900 || got > 1200 {
			t.Errorf("%s: %d tokens", name, got)
		}
	}
}

func TestToolsCount(t *testing.T) {
	tool := `{"name":"edit","description":"` + strings.Repeat("word ", 1000) + `","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}`
	for model, more := range map[string]int{"claude-sonnet-4-5": 346 + 200, "gpt-5": 50 - 310, "glm-4.6": 50} {
		got := parse(t, `{"model":"`+model+`","tools":[`+tool+`],"messages":[]}`).Tokens()
		if want := 1040 + more; got < want-20 || got > want+80 {
			t.Errorf("%s: %d tokens, want about %d", model, got, want)
		}
	}
	if got := parse(t, `{"model":"claude-sonnet-4-5","tools":[],"messages":[]}`).Tokens(); got != 0 {
		t.Errorf("no tools have %d tokens", got)
	}
}

// The newer vocabulary has whole words of Chinese where the older has not.
func TestModelsDecideTheVocabulary(t *testing.T) {
	count := func(model string) int {
		return parse(t, `{"model":"`+model+`","messages":[{"role":"user","content":"`+strings.Repeat("人工智能模型的上下文窗口是有限的。", 40)+`"}]}`).Tokens()
	}
	recent, older := count("gpt-4o"), count("gpt-4")
	if recent*5 > older*4 {
		t.Errorf("gpt-4o has %d tokens, gpt-4 %d", recent, older)
	}
	for model, want := range map[string]int{
		"gpt-4o-mini": recent, "openai/GPT-4.1": recent, "o3": recent, "gpt-5-codex": recent, "azure/o4-mini": recent, "glm-4.6": recent, "gemini-2.5-pro": recent,
		"gpt-4-turbo": older, "GPT-3.5-turbo": older, "gpt-35-turbo": older, "text-embedding-3-small": older, "openai/gpt-4": older,
	} {
		if got := count(model); got != want {
			t.Errorf("%s: %d tokens, want %d", model, got, want)
		}
	}
	if got := count("anthropic/claude-opus-4"); got <= recent {
		t.Errorf("Claude has %d tokens, gpt-4o %d", got, recent)
	}
}

func TestSchemasOfAnswersCount(t *testing.T) {
	schema := `{"type":"object","description":"` + strings.Repeat("word ", 1000) + `"}`
	for _, body := range []string{
		`{"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":` + schema + `}}}`,
		`{"model":"m","messages":[],"output_config":{"format":{"type":"json_schema","schema":` + schema + `}}}`,
		`{"model":"m","input":"","text":{"format":{"type":"json_schema","name":"n","schema":` + schema + `}}}`,
		`{"model":"m","contents":[],"generationConfig":{"temperature":1,"responseSchema":` + schema + `}}`,
	} {
		if got := parse(t, body).Tokens(); got < 900 || got > 1200 {
			t.Errorf("%.80s: %d tokens", body, got)
		}
	}
}

// What a model does not see costs nothing.
func TestWhatIsNotShownIsNotCounted(t *testing.T) {
	words := strings.Repeat("word ", 1000)
	for _, body := range []string{
		`{"model":"m","messages":[{"role":"user","content":"x"}],"metadata":{"a":"` + words + `"}}`,
		`{"model":"m","messages":[{"role":"user","id":"` + words + `","content":[{"type":"text","text":"x","cache_control":{"type":"` + words + `"}}]}]}`,
		`{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"` + words + `","content":"x"}]}]}`,
		`{"model":"m","messages":[{"role":"user","content":"x"}],"stop":["` + words + `"],"user":"` + words + `"}`,
	} {
		if got := parse(t, body).Tokens(); got > 40 {
			t.Errorf("%.120s: %d tokens", body, got)
		}
	}
}

func TestTokensAreCountedWithoutAllocating(t *testing.T) {
	body := []byte(`{"model":"claude-opus-4","system":[{"type":"text","text":"Be \"good\"."}],"tools":[{"name":"a","input_schema":{}}],"messages":[{"role":"user","content":[
		{"type":"image","source":{"type":"base64","data":"` + picture(t, "jpeg", 30, 30) + `"}},{"type":"text","text":"中文 \u4e2d"}]},
		{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"a","input":{"x":[1,{"y":"z"}]}}]}]}`)
	parsed := testing.AllocsPerRun(50, func() { _, _ = router.Parse(body) })
	counted := testing.AllocsPerRun(50, func() {
		r, _ := router.Parse(body)
		r.Tokens()
	})
	if counted > parsed {
		t.Errorf("%v allocations, %v of them to parse", counted, parsed)
	}
}

func FuzzTokens(f *testing.F) {
	f.Add(`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image","source":{"data":"` + picture(f, "jpeg", 9, 9) + `"}}]}]}`)
	f.Add(`{"model":"m","contents":[{"parts":[{"inlineData":{"mimeType":"a","data":"b"}},{"functionCall":{"args":{"a":"\u4e2d"}}}]}],"tools":[{}]}`)
	f.Add(`{"model":"m","input":[{"output":"\"`)
	f.Fuzz(func(t *testing.T, body string) {
		r, err := router.ParseNamed([]byte(body), "claude-opus-4-7", false)
		if err != nil {
			return
		}
		n := r.Tokens()
		if n < 0 || n > 5*len(body)+claudeImages*strings.Count(body, "{")+400 {
			t.Errorf("%q: %d tokens", body, n)
		}
		if n > 0 && (!thresholdHolds(t, body, n) || thresholdHolds(t, body, n+1)) {
			t.Errorf("%q: a threshold of %d tokens is not where it is", body, n)
		}
	})
}

// thresholdHolds asks a rule of a call that nobody has counted.
func thresholdHolds(t *testing.T, body string, n int) bool {
	t.Helper()
	rules, err := router.Compile([]router.Rule{{Name: "r", Condition: router.Condition{TokenThreshold: n}, TargetChannel: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := router.ParseNamed([]byte(body), "claude-opus-4-7", false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.Route(t.Context(), r)
	return err == nil
}

// claudeImages is more than any part can cost that is no text.
const claudeImages = 5000

func BenchmarkTokens(b *testing.B) {
	turn := `{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"` + strings.Repeat(`if err != nil {\n\treturn fmt.Errorf(\"read the rules: %w\", err)\n}\n`, 30) + `"}]},` +
		`{"role":"assistant","content":[{"type":"text","text":"` + strings.Repeat("The file needs another look before anything is changed. ", 12) + `"},{"type":"tool_use","id":"t","name":"read","input":{"path":"/a/b.go"}}]},`
	body := []byte(`{"model":"claude-opus-4","messages":[` + strings.Repeat(turn, 70) + `{"role":"user","content":"go on"}]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r, _ := router.Parse(body)
		r.Tokens()
	}
}
