package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

type imported struct {
	Imported, Skipped int
	Errors            []string
}

func (h *host) imports(body string) imported {
	h.t.Helper()
	var done imported
	if err := json.Unmarshal(h.must("POST", "/api/channels/import", body, 200).Data, &done); err != nil {
		h.t.Fatal(err)
	}
	return done
}

// guideFile is the example of the user guide: channels without a type.
const guideFile = `{"channels":[
	{"name":"Claude Main","priority":1,"weight":100,"models":["claude-opus-4"]},
	{"name":"Claude Backup","priority":10,"weight":50,"models":["claude-sonnet-4"]},
	{"name":"Emergency","priority":100,"weight":10,"models":["claude-haiku-4"]}]}`

func TestImportOfTheGuidesExample(t *testing.T) {
	h := newHost(t)
	if got := h.imports(guideFile); got.Imported != 3 || got.Skipped != 0 || got.Errors == nil || len(got.Errors) != 0 {
		t.Errorf("the import gives %+v", got)
	}
	c := h.must("GET", "/api/channels/Emergency", "", 200).one(t)
	if c.Type != "anthropic" || c.Priority != 100 || c.Weight != 10 || c.Status != "enabled" || !slices.Equal(c.Models, []string{"claude-haiku-4"}) {
		t.Errorf("imported: %+v", c)
	}
	if got := h.imports(guideFile); got.Imported != 0 || got.Skipped != 3 {
		t.Errorf("a second import gives %+v", got)
	}
}

func TestTheTypeOfAnImportedChannelIsDerived(t *testing.T) {
	tests := []struct{ entry, want string }{
		{`"name":"a","baseUrl":"https://api.anthropic.com"`, "anthropic"},
		{`"name":"a","baseUrl":"https://x.openai.azure.com"`, "azure"},
		{`"name":"a","baseUrl":"https://api.openai.com/v1"`, "openai"},
		{`"name":"a","baseUrl":"https://generativelanguage.googleapis.com"`, "google"},
		{`"name":"a","baseUrl":"https://open.bigmodel.cn/api/paas/v4"`, "zhipu"},
		{`"name":"a","baseUrl":"https://notopenai.com.example/v1"`, "custom"},
		{`"name":"a","baseUrl":"https://llm.example.com/v1/messages"`, "anthropic"},
		{`"name":"OpenRouter for Claude","baseUrl":"https://openrouter.ai/api/v1","models":["claude-opus-4"]`, "custom"},
		{`"name":"a","models":["gpt-4o","o3-mini"]`, "openai"},
		{`"name":"a","models":["gemini-2.5-pro"]`, "google"},
		{`"name":"a","models":["glm-4"]`, "zhipu"},
		{`"name":"My Gemini","models":["gpt-4o","claude-opus-4"]`, "google"},
		{`"name":"Claude","type":null`, "anthropic"},
		{`"name":"Claude","type":"openai"`, "openai"},
	}
	for _, tt := range tests {
		h := newHost(t)
		h.imports(`{"channels":[{` + tt.entry + `}]}`)
		if c := h.must("GET", "/api/channels", "", 200).many(t)[0]; c.Type != tt.want {
			t.Errorf("%s is taken for %s, want %s", tt.entry, c.Type, tt.want)
		}
	}
}

func TestAnImportWithAMistakeWritesNothing(t *testing.T) {
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"old","type":"openai","apiKey":"sk-0123456789abcdef"}`, 201)
	a := h.call("POST", "/api/channels/import", `{"replaceExisting":true,"channels":[
		{"name":"good","type":"openai"},{"name":"old","priority":9},{"name":"bad","type":"openai","priority":-1,"color":"red"},
		{"name":"nowhere"},7,{"name":"good","type":"openai"},{"type":"openai"},{"name":"masked","type":"openai","apiKey":"sk-0****cdef"}]}`)
	if a.status != 400 || a.Error.Code != "VALIDATION_ERROR" {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	want := []string{"channels[2].priority", "channels[2].color", "channels[3].baseUrl", "channels[4]", "channels[5].name", "channels[6].name", "channels[7].apiKey"}
	got := a.fields()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("mistakes in %q, want %q", got, want)
	}
	list := h.must("GET", "/api/channels", "", 200).many(t)
	if len(list) != 1 || list[0].Priority != 50 {
		t.Errorf("a refused import has changed the channels: %+v", list)
	}
	for _, body := range []string{`{}`, `{"channels":null,"x":1}`, `{"channels":{}}`, `{"channels":[],"replaceExisting":"yes"}`, `[]`} {
		if a := h.call("POST", "/api/channels/import", body); a.status != 400 {
			t.Errorf("%s: status %d", body, a.status)
		}
	}
}

// secretChannel has a secret wherever a channel can have one.
const secretChannel = `{"name":"a","type":"custom","baseUrl":"https://llm.example.com/v1?region=eu&api_key=urlsecret0123456","api":"chat",
	"apiKey":"sk-first-0123456789","apiKeys":["sk-second-0123456789"],"headers":{"X-Auth":"headersecret01234","X-Team":"red"},
	"models":["m","n*"],"modelMap":{"m":"M"},"priority":3,"weight":0,"status":"disabled","maxConcurrency":4,"contextWindow":{"m":1000},
	"prices":{"m":{"input":1,"output":2,"cacheRead":0.5}},"timeouts":{"header":1000,"idle":5},"losses":"strict","usage":"always",
	"proxyUrl":"http://u:proxysecret01234@proxy.example:8080","transformers":{"use":[["maxtoken",{"max_tokens":8192}]],"perModel":{"m":["cleancache"]}}}`

func TestAnExportHasNoSecretsAndComesBackWhole(t *testing.T) {
	h := newHost(t)
	h.must("POST", "/api/channels", secretChannel, 201)
	file := h.call("GET", "/api/channels/export", "").body
	for _, secret := range []string{"urlsecret", "proxysecret", "sk-first", "sk-second", "headersecret", "****"} {
		if strings.Contains(file, secret) {
			t.Errorf("%q is in the export: %s", secret, file)
		}
	}
	before, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Everything that an export tells is set to something else, and so has to
	// come back from the file.
	h.must("PUT", "/api/channels/a", `{"api":"messages","models":[],"modelMap":{},"priority":4,"weight":1,"status":"enabled","maxConcurrency":0,
		"contextWindow":null,"prices":null,"timeouts":{},"losses":"","usage":"","transformers":null,"headers":{"X-Auth":"headersecret01234"}}`, 200)
	if got := h.imports(strings.Replace(file, "{", `{"replaceExisting":true,`, 1)); got.Imported != 1 {
		t.Fatalf("the import gives %+v", got)
	}
	after, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if was, is := describe(&before.Channels[0]), describe(&after.Channels[0]); was != is {
		t.Errorf("the channel was\n%s\nand is after its export was imported\n%s", was, is)
	}
	if before.Channels[0].ID != after.Channels[0].ID {
		t.Error("the channel has another id")
	}
	other := newHost(t)
	other.imports(file)
	if c := other.must("GET", "/api/channels/a", "", 200).one(t); c.APIKey != "" || c.Priority != 3 || c.Status != "disabled" || c.Headers["X-Team"] != "red" {
		t.Errorf("on another server the channel is %+v", c)
	}
}

// describe is all of a channel but its time.
func describe(c *store.Channel) string {
	c.UpdatedAt = 0
	text, err := json.Marshal(c)
	return fmt.Sprint(string(text), err)
}

func TestAnImportErasesNoKeys(t *testing.T) {
	for _, entry := range []string{
		`{"name":"a"}`, `{"name":"a","apiKey":"","apiKeys":[],"headers":{}}`, `{"name":"a","apiKey":null,"apiKeys":null,"headers":null}`,
		`{"name":"a","apiKey":"sk-f****6789","apiKeys":["sk-s****6789"],"headers":{"X-Auth":"head****1234"}}`,
	} {
		h := newHost(t)
		h.must("POST", "/api/channels", secretChannel, 201)
		h.imports(`{"replaceExisting":true,"channels":[` + entry + `]}`)
		c, err := h.store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := c.Channels[0]
		if got.APIKey != "sk-first-0123456789" || !slices.Equal(got.APIKeys, []string{"sk-second-0123456789"}) || got.Headers["X-Auth"] != "headersecret01234" {
			t.Errorf("%s: the channel has %q, %q and %q left", entry, got.APIKey, got.APIKeys, got.Headers)
		}
	}
}

func TestKeysAreExportedOnlyWithTheAdminToken(t *testing.T) {
	h := newHost(t, func(o *admin.Options) {
		o.Authenticated = func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer admin" }
	})
	h.must("POST", "/api/channels", secretChannel, 201)
	const path = "/api/channels/export?secrets=true"
	if a := h.call("GET", path, ""); a.status != 403 || strings.Contains(a.body, "sk-first") {
		t.Errorf("without the token: status %d: %s", a.status, a.body)
	}
	if a := newHost(t).call("GET", path, ""); a.status != 403 {
		t.Errorf("where nobody can have a token: status %d", a.status)
	}
	if a := h.call("GET", "/api/channels/export?secrets=1", ""); a.status != 400 {
		t.Errorf("secrets=1: status %d", a.status)
	}
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer admin")
	file := h.send(r)
	other := newHost(t)
	other.imports(file.body)
	c, err := other.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Channels[0]; got.APIKey != "sk-first-0123456789" || got.Headers["X-Auth"] != "headersecret01234" || !strings.HasSuffix(got.BaseURL, "api_key=urlsecret0123456") {
		t.Errorf("imported with its secrets: %+v", got)
	}
}

func TestAnExportLeavesOutWhatIsOnlyServed(t *testing.T) {
	h := newHost(t, func(o *admin.Options) {
		o.Ephemeral = []store.Channel{{ID: "e", Name: "demo", Type: "openai"}}
	})
	var out struct {
		Version, ExportedAt string
		Channels            []shown
	}
	if err := json.Unmarshal([]byte(h.call("GET", "/api/channels/export", "").body), &out); err != nil {
		t.Fatal(err)
	}
	if out.Version == "" || out.ExportedAt == "" || out.Channels == nil || len(out.Channels) != 0 {
		t.Errorf("the export is %+v", out)
	}
}

func TestAnImportMayBeLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"channels":[`)
	for i := range 300 {
		fmt.Fprintf(&b, `{"name":"c%d","type":"openai","models":[%q]},`, i, strings.Repeat("m", 4000))
	}
	b.WriteString(`{"name":"last","type":"openai"}]}`)
	h := newHost(t)
	if got := h.imports(b.String()); got.Imported != 301 {
		t.Errorf("%+v", got)
	}
}
