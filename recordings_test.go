package routex_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// reported is what the provider says that it has used, by the rules of its
// protocol, which are written down here once more on purpose.
func (r recording) reported() (u transform.Usage, known bool) {
	texts := []string{r.body}
	if r.stream {
		texts = nil
		for line := range strings.Lines(r.body) {
			if data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data:"); ok {
				texts = append(texts, strings.TrimSpace(data))
			}
		}
	}
	for _, text := range texts {
		if !gjson.Valid(text) {
			continue
		}
		read := map[string]func(string, *transform.Usage) bool{
			"anthropic": anthropicReports, "chat": chatReports, "responses": responsesReports, "gemini": geminiReports,
		}[r.wire.name]
		if read(text, &u) {
			known = true
		}
	}
	return u, known
}

func anthropicReports(text string, u *transform.Usage) bool {
	usage := gjson.Get(text, "usage")
	if gjson.Get(text, "type").Str == "message_start" {
		usage = gjson.Get(text, "message.usage")
	}
	if !usage.IsObject() {
		return false
	}
	for path, to := range map[string]*int64{
		"input_tokens": &u.Input, "output_tokens": &u.Output, "cache_read_input_tokens": &u.CacheRead,
		"cache_creation_input_tokens": &u.CacheWrite, "cache_creation.ephemeral_1h_input_tokens": &u.CacheWriteHour,
		"output_tokens_details.thinking_tokens": &u.Reasoning,
	} {
		if n := usage.Get(path); n.Type == gjson.Number { // a later one supersedes
			*to = n.Int()
		}
	}
	return true
}

func chatReports(text string, u *transform.Usage) bool {
	usage := gjson.Get(text, "usage")
	if x := gjson.Get(text, "x_groq.usage"); x.IsObject() {
		usage = x
	}
	if !usage.IsObject() {
		return false
	}
	num := func(path string) int64 { return usage.Get(path).Int() }
	*u = transform.Usage{CacheRead: num("prompt_tokens_details.cached_tokens"), Output: num("completion_tokens"), Reasoning: num("completion_tokens_details.reasoning_tokens")}
	if !usage.Get("prompt_tokens_details.cached_tokens").Exists() {
		u.CacheRead = num("prompt_cache_hit_tokens")
	}
	u.Input = num("prompt_tokens") - u.CacheRead
	if num("total_tokens") == num("prompt_tokens")+u.Output+u.Reasoning { // xAI
		u.Output += u.Reasoning
	}
	return true
}

func responsesReports(text string, u *transform.Usage) bool {
	usage := gjson.Get(text, "usage")
	if nested := gjson.Get(text, "response.usage"); nested.IsObject() {
		usage = nested
	}
	if !usage.IsObject() {
		return false
	}
	num := func(path string) int64 { return usage.Get(path).Int() }
	*u = transform.Usage{
		CacheRead: num("input_tokens_details.cached_tokens"), CacheWrite: num("input_tokens_details.cache_write_tokens"),
		Output: num("output_tokens"), Reasoning: num("output_tokens_details.reasoning_tokens"),
	}
	u.Input = num("input_tokens") - u.CacheRead - u.CacheWrite
	return true
}

func geminiReports(text string, u *transform.Usage) bool {
	usage := gjson.Get(text, "usageMetadata")
	if !usage.Get("promptTokenCount").Exists() && !usage.Get("candidatesTokenCount").Exists() {
		return false
	}
	num := func(path string) int64 { return usage.Get(path).Int() }
	*u = transform.Usage{
		CacheRead: num("cachedContentTokenCount"), Reasoning: num("thoughtsTokenCount"),
		Output: num("candidatesTokenCount") + num("thoughtsTokenCount"),
	}
	u.Input = num("promptTokenCount") + num("toolUsePromptTokenCount") - u.CacheRead
	return true
}

// The tokens of every recorded answer are exactly those that its provider tells,
// for whomever it is translated.
func TestUsageOfRecordedAnswers(t *testing.T) {
	list := recordings(t)
	whole, told := 0, 0
	for _, r := range list {
		callers := wires()
		if strings.HasSuffix(r.wire.path, "ompletions") && r.wire.path != chatWire().path || strings.HasSuffix(r.wire.path, "/embeddings") {
			callers = []wire{r.wire}
		}
		want, known := r.reported()
		for _, caller := range callers {
			d := r.replay(t, caller)
			switch {
			case d.Succeeded():
				whole++
			case caller.name == r.wire.name:
				t.Logf("%s for %s: %s: %s", r.name, caller.name, d.Class, d.Error)
			}
			if !d.Succeeded() && !d.UsageKnown && caller.name != r.wire.name {
				continue // it could not be translated
			}
			if d.UsageKnown != known || known && !d.UsageEstimated && d.Usage != want {
				t.Errorf("%s for %s: %+v (known: %v), want %+v (known: %v)", r.name, caller.name, d.Usage, d.UsageKnown, want, known)
			}
			if d.Succeeded() && d.UsageKnown && d.UsageEstimated {
				t.Errorf("%s for %s: the usage is said to be an estimate", r.name, caller.name)
			}
			if known {
				told++
			}
		}
	}
	t.Logf("%d answers, %d whole for their caller, %d with usage", len(list), whole, told)
	if len(list) < 100 || whole < 300 || told < 300 {
		t.Error("that is too few: something is not read as it should be")
	}
}

// recordings finds the answers of success among the recordings.
func recordings(t *testing.T) []recording {
	t.Helper()
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	var index []struct{ File, What string }
	text, err := os.ReadFile(filepath.Join(root, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	protocols := make(map[string]string)
	for _, f := range index {
		protocols[f.File], _, _ = strings.Cut(f.What, " ")
	}
	var out []recording
	err = fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		folder, _, _ := strings.Cut(path, "/")
		switch {
		case folder == "anthropic-sdk-ts":
			out = add(out, path, "anthropic", true, string(text))
		case strings.HasPrefix(folder, "vercel-"):
			out = add(out, path, protocols[path], strings.HasSuffix(path, ".sse"), string(text))
		case folder == "envoy-cassettes":
			v := gjson.ParseBytes(text)
			out = addResponse(out, path, v.Get("protocol").Str, v.Get("response"))
		case folder == "envoy-asserted":
			v := gjson.ParseBytes(text)
			out = addResponse(out, path, v.Get("provider_protocol").Str, v.Get("provider_response"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func addResponse(list []recording, name, protocol string, response gjson.Result) []recording {
	body := response.Get("body")
	if response.Get("status").Int() != 200 || body.Type == gjson.Null {
		return list
	}
	if body.Type == gjson.String {
		return add(list, name, protocol, true, body.Str)
	}
	return add(list, name, protocol, false, body.Raw)
}

func add(list []recording, name, protocol string, stream bool, body string) []recording {
	r := recording{name: name, stream: stream, body: body}
	switch strings.TrimSuffix(strings.TrimPrefix(protocol, "azure:"), "(vertex)") {
	case "anthropic":
		r.wire = anthropicWire()
	case "openai-chat":
		r.wire = chatWire()
	case "openai-responses":
		r.wire = responsesWire()
	case "gemini":
		r.wire = geminiWire()
	case "openai-completions":
		r.wire = chatWire()
		r.wire.path, r.wire.body = "/v1/completions", `{"model":"m","prompt":"count","stream":true}`
	case "openai-embeddings":
		r.wire = chatWire()
		r.wire.path, r.wire.body = "/v1/embeddings", `{"model":"m","input":"count"}`
	default:
		return list
	}
	if gjson.Get(body, "error.message").Exists() {
		return list
	}
	for _, answer := range answers(body, stream) {
		r.body = answer
		list = append(list, r)
	}
	return list
}

// answers parts what was recorded of several calls, one after the other.
func answers(body string, stream bool) (out []string) {
	if !stream {
		return []string{body}
	}
	var one strings.Builder
	for event := range strings.SplitAfterSeq(body, "\n\n") {
		one.WriteString(event)
		if strings.Contains(event, `"type":"message_stop"`) || strings.Contains(event, `"type":"response.completed"`) {
			out = append(out, one.String())
			one.Reset()
		}
	}
	if strings.TrimSpace(one.String()) != "" {
		out = append(out, one.String())
	}
	return out
}
