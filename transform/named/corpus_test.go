package named_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// A recordedRequest is a request as a published client sends it.
type recordedRequest struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

func recordedRequests(t *testing.T) map[string]recordedRequest {
	t.Helper()
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded requests")
	}
	files, err := filepath.Glob(filepath.Join(root, "ai-sdk-requests", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests in %s: %v", root, err)
	}
	all := make(map[string]recordedRequest)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Requests map[string]recordedRequest `json:"requests"`
		}
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for name, r := range f.Requests {
			all[filepath.Base(file)+" "+name] = r
		}
	}
	return all
}

// What a transformer is for may change in the requests of real clients, and
// nothing else.
func TestRequestsOfClientsKeepAllElse(t *testing.T) {
	edits := []struct{ name, options string }{
		{"maxtoken", `{"max_tokens":300}`},
		{"sampling", `{"temperature":0.3,"top_p":null,"top_k":3}`},
		{"cleancache", ""},
		{"reasoning", `{"effort":"low"}`},
		{"reasoning", `{"enabled":false}`},
		{"toolname", ""},
	}
	for name, r := range recordedRequests(t) {
		path, _, _ := strings.Cut(r.Path, "?")
		d := transform.DialectOf(path)
		if d == "" {
			t.Errorf("%s: %s is no call", name, r.Path)
			continue
		}
		for _, edit := range edits {
			req := request(d, string(r.Body))
			var named struct{ Model string }
			_ = json.Unmarshal(r.Body, &named)
			req.Model = named.Model
			got := sent(t, newNamed(t, edit.name, edit.options), req)
			if before, after := without(t, r.Body), without(t, []byte(got)); !reflect.DeepEqual(before, after) {
				t.Errorf("%s, %s %s:\n%s became\n%s", name, edit.name, edit.options, r.Body, got)
			}
		}
	}
}

// without decodes a request without the members that the transformers of the
// test are for.
func without(t *testing.T, body []byte) any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	for _, name := range []string{
		"max_tokens", "max_completion_tokens", "max_output_tokens", "temperature", "top_p", "top_k", "thinking", "reasoning_effort", "reasoning",
	} {
		delete(v, name)
	}
	if config, ok := v["output_config"].(map[string]any); ok {
		if delete(config, "effort"); len(config) == 0 {
			delete(v, "output_config")
		}
	}
	if config, ok := v["generationConfig"].(map[string]any); ok {
		for _, name := range []string{"maxOutputTokens", "temperature", "topP", "topK", "thinkingConfig"} {
			delete(config, name)
		}
		if len(config) == 0 {
			delete(v, "generationConfig")
		}
	}
	return cacheless(v)
}

// cacheless takes cache breakpoints out of everything.
func cacheless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "cache_control")
		for k := range v {
			v[k] = cacheless(v[k])
		}
	case []any:
		for i := range v {
			v[i] = cacheless(v[i])
		}
	}
	return v
}
