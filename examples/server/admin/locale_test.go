package admin_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

// asking sends a request in a language.
func (h *host) asking(language, method, path, body string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if language != "" {
		r.Header.Set("Accept-Language", language)
	}
	return h.send(r)
}

var han = regexp.MustCompile(`\p{Han}`)

func TestMessagesFollowTheLanguageOfTheCaller(t *testing.T) {
	h := newHost(t)
	const path = "/api/channels/nobody"
	for language, chinese := range map[string]bool{
		"": false, "*": false, "en": false, "fr": false, "nonsense;;": false, "en-GB,zh;q=0.5": false,
		"zh-CN": true, "zh": true, "zh-Hans-SG": true, "fr,zh-CN;q=0.8,en;q=0.2": true,
	} {
		a := h.asking(language, "GET", path, "")
		want := map[bool]string{false: "en", true: "zh-CN"}[chinese]
		if han.MatchString(a.Error.Message) != chinese || !strings.Contains(a.Error.Message, `"nobody"`) || a.header.Get("Content-Language") != want {
			t.Errorf("for %q the message is %q in %q", language, a.Error.Message, a.header.Get("Content-Language"))
		}
	}
	a := h.asking("zh-CN", "POST", "/api/channels", `{"name":" x","type":"openai","priority":"high","color":1,"status":"%s"}`)
	if len(a.Error.Details) != 4 {
		t.Fatalf("mistakes in %q", a.fields())
	}
	for _, d := range a.Error.Details {
		if !han.MatchString(d.Message) || !strings.Contains(a.Error.Message, d.Field+"："+d.Message) {
			t.Errorf("%s: %q, and together %q", d.Field, d.Message, a.Error.Message)
		}
	}
	h.must("POST", "/api/channels", `{"name":"c","type":"openai"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"%s","type":"default","targetChannel":"c"}`, 201)
	if a := h.asking("zh-CN", "DELETE", "/api/channels/c", ""); a.Message != "渠道已删除；以下规则的目标渠道已不存在，因此不起作用：%s" {
		t.Errorf("deleted: %q", a.Message)
	}
}

func TestTheLocaleOfTheServer(t *testing.T) {
	kept, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	started := func(locale string) *host {
		return newHostOn(t, kept, func(o *admin.Options) { o.Locale = locale })
	}
	is := func(h *host, want string) {
		t.Helper()
		if a := h.must("GET", "/api/i18n/locale", "", 200); string(a.Data) != `{"locale":"`+want+`","available":["en","zh-CN"]}` {
			t.Errorf("the locale is %s, want %s", a.Data, want)
		}
		if a := h.call("GET", "/api/nothing", ""); han.MatchString(a.Error.Message) != (want == "zh-CN") {
			t.Errorf("with %s a message is %q", want, a.Error.Message)
		}
	}
	h := started("")
	is(h, "en")
	h.must("PUT", "/api/i18n/locale", `{"locale":"zh-CN"}`, 200)
	is(h, "zh-CN")
	is(started(""), "zh-CN")
	is(started("C.UTF-8"), "zh-CN")
	h = started("en_US.UTF-8")
	is(h, "en")
	h.must("PUT", "/api/i18n/locale", `{"locale":"zh-CN"}`, 200)
	is(h, "zh-CN")
	h.must("PUT", "/api/i18n/locale", `{"locale":"en"}`, 200)
	is(h, "en")
	is(started("zh_CN.UTF-8"), "zh-CN")
	for _, body := range []string{`{"locale":"fr"}`, `{"locale":1}`, `{}`, `{"locale":"en","x":1}`} {
		if a := h.call("PUT", "/api/i18n/locale", body); a.status != 400 {
			t.Errorf("%s: status %d", body, a.status)
		}
	}
}

// Messages that nobody gives any more would be translated for nothing, and one
// that was reworded not at all.
func TestTranslatedMessagesAreThoseThatAreGiven(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "../logs/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if name == "zh.go" || strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	table, err := os.ReadFile("zh.go")
	if err != nil {
		t.Fatal(err)
	}
	given := regexp.MustCompile(`%[qdsv]`).ReplaceAllString(source.String(), "%s")
	entries := regexp.MustCompile(`\t\{"(.*)", "(.*)"\},`).FindAllStringSubmatch(string(table), -1)
	if len(entries) < 70 {
		t.Fatalf("%d messages are translated", len(entries))
	}
	for _, e := range entries {
		en, zh := e[1], e[2]
		if strings.HasPrefix(en, "channel deleted; ") { // of two parts
			continue
		}
		if !strings.Contains(given, `"`+en) && !strings.Contains(given, `"`+strings.TrimSuffix(en, "%s")) {
			t.Errorf("nobody says %q", en)
		}
		if strings.Count(en, "%s") != strings.Count(zh, "%s") || !han.MatchString(zh) {
			t.Errorf("%q is translated as %q", en, zh)
		}
	}
}
