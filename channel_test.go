package routex

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/transform"
)

func TestServesAndMaps(t *testing.T) {
	c := Channel{
		Models: []string{"claude-opus-4", "gpt-*"},
		ModelMap: map[string]string{
			"fast": "claude-haiku", "claude-*": "claude-any", "claude-opus-*": "claude-opus-latest", "claude-opus-4": "exact",
		},
	}
	for model, want := range map[string]struct {
		serves   bool
		upstream string
	}{
		"claude-opus-4":  {true, "exact"},
		"claude-opus-5":  {true, "claude-opus-latest"},
		"claude-sonnet":  {true, "claude-any"},
		"gpt-4o":         {true, "gpt-4o"},
		"fast":           {true, "claude-haiku"},
		"gemini-2.5-pro": {false, "gemini-2.5-pro"},
	} {
		if got := c.Serves(model); got != want.serves {
			t.Errorf("serves %s: %v", model, got)
		}
		if got := c.UpstreamModel(model); got != want.upstream {
			t.Errorf("%s is asked for as %s, want %s", model, got, want.upstream)
		}
	}
	if !(&Channel{}).Serves("anything") {
		t.Error("a channel without a list does not serve any model")
	}
}

func TestEveryWayToWriteABaseURL(t *testing.T) {
	for _, test := range []struct {
		kind ChannelType
		base string
		want string
	}{
		{TypeAnthropic, "", "https://api.anthropic.com/v1/messages"},
		{TypeAnthropic, "https://a.test/", "https://a.test/v1/messages"},
		{TypeAnthropic, "https://a.test/v1", "https://a.test/v1/messages"},
		{TypeAnthropic, "https://a.test/v1/messages", "https://a.test/v1/messages"},
		{TypeAnthropic, "https://a.test/api/anthropic", "https://a.test/api/anthropic/v1/messages"},
		{TypeOpenAI, "", "https://api.openai.com/v1/chat/completions"},
		{TypeOpenAI, "https://o.test/v1/", "https://o.test/v1/chat/completions"},
		{TypeOpenAI, "https://openrouter.ai/api/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"},
		{TypeCustom, "http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"},
		{TypeCustom, "https://z.test/api/paas/v4", "https://z.test/api/paas/v4/chat/completions"},
		{TypeCustom, "https://c.test/x?key=1", "https://c.test/x/v1/chat/completions?key=1"},
	} {
		c := Channel{Type: test.kind, BaseURL: test.base}
		u, err := c.endpoint()
		if err != nil || u.String() != test.want {
			t.Errorf("%s at %q: %v, %v; want %s", test.kind, test.base, u, err, test.want)
		}
	}
	for _, base := range []string{"ftp://a.test", "a.test", "https://", "https://u:p@a.test", "https://a.test#x", "http://[::1", "https://u:secret@a.test:x"} {
		c := Channel{Type: TypeOpenAI, BaseURL: base}
		if u, err := c.endpoint(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("base URL %q: %v, %v", base, u, err)
		}
	}
}

func TestURLOfACall(t *testing.T) {
	for _, test := range []struct {
		name   string
		c      Channel
		model  string
		stream bool
		query  string
		want   string
	}{
		{"gemini", Channel{Type: TypeGoogle}, "gemini-2.5-pro", false, "", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent"},
		{"gemini stream", Channel{Type: TypeGoogle}, "gemini-2.5-pro", true, "key=secret&alt=json&x=1", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&x=1"},
		{"gemini with the list in the name", Channel{Type: TypeGoogle}, "models/g", false, "", "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent"},
		{"gemini tuned", Channel{Type: TypeGoogle}, "tunedModels/t", false, "", "https://generativelanguage.googleapis.com/v1beta/tunedModels/t:generateContent"},
		{"gemini other version", Channel{Type: TypeGoogle, BaseURL: "https://g.test/v1/"}, "g", false, "", "https://g.test/v1/models/g:generateContent"},
		{"gemini whole endpoint", Channel{Type: TypeGoogle, BaseURL: "https://g.test/v1beta/models/x:generateContent"}, "g", false, "", "https://g.test/v1beta/models/g:generateContent"},
		{"vertex", Channel{Type: TypeGoogle, BaseURL: "https://v.test/v1/projects/p/locations/l/publishers/google"}, "g", false, "", "https://v.test/v1/projects/p/locations/l/publishers/google/models/g:generateContent"},
		{"model with odd characters", Channel{Type: TypeGoogle}, "a b?c", false, "", "https://generativelanguage.googleapis.com/v1beta/models/a%20b%3Fc:generateContent"},
		{"azure deployment", Channel{Type: TypeAzure, BaseURL: "https://r.openai.azure.com", APIVersion: "2024-10-21"}, "gpt-4o", false, "api-version=1&x=2", "https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&x=2"},
		{"azure named deployment", Channel{Type: TypeAzure, BaseURL: "https://r.test/openai/", APIVersion: "2024-10-21", Deployment: "mine"}, "gpt-4o", false, "", "https://r.test/openai/deployments/mine/chat/completions?api-version=2024-10-21"},
		{"azure URL of the portal", Channel{Type: TypeAzure, BaseURL: "https://r.test/openai/deployments/mine/chat/completions?api-version=2025-01-01"}, "gpt-4o", true, "", "https://r.test/openai/deployments/mine/chat/completions?api-version=2025-01-01"},
		{"azure responses", Channel{Type: TypeAzure, API: APIResponses, BaseURL: "https://r.test", APIVersion: "2025-03-01-preview"}, "gpt-4o", false, "", "https://r.test/openai/responses?api-version=2025-03-01-preview"},
		{"azure v1", Channel{Type: TypeAzure, BaseURL: "https://r.test"}, "gpt-4o", false, "", "https://r.test/openai/v1/chat/completions"},
		{"azure v1 responses", Channel{Type: TypeAzure, API: APIResponses, BaseURL: "https://r.test/openai/v1", APIVersion: "preview"}, "gpt-4o", false, "", "https://r.test/openai/v1/responses?api-version=preview"},
		{"zhipu", Channel{Type: TypeZhipu}, "glm-5", false, "", "https://open.bigmodel.cn/api/paas/v4/chat/completions"},
		{"responses", Channel{Type: TypeOpenAI, API: APIResponses}, "gpt-5", true, "", "https://api.openai.com/v1/responses"},
		{"custom messages", Channel{Type: TypeCustom, API: APIMessages, BaseURL: "https://c.test/api/anthropic"}, "m", false, "beta=true", "https://c.test/api/anthropic/v1/messages?beta=true"},
		{"base with a query", Channel{Type: TypeCustom, BaseURL: "https://c.test/x?tenant=1"}, "m", false, "a=b", "https://c.test/x/v1/chat/completions?tenant=1&a=b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.c.Name = "c"
			tr, err := New(Config{Channels: []Channel{test.c}})
			if err != nil {
				t.Fatal(err)
			}
			u := tr.current.Load().channels[0].urlFor(test.model, test.stream, test.query)
			if u.String() != test.want {
				t.Errorf("got  %s\nwant %s", u.String(), test.want)
			}
		})
	}
}

func TestCredentialsInTheProvidersOwnHeader(t *testing.T) {
	for _, test := range []struct {
		c    Channel
		want http.Header
	}{
		{Channel{Type: TypeAnthropic}, http.Header{"X-Api-Key": {"k"}, "Anthropic-Version": {"2023-06-01"}}},
		{Channel{Type: TypeAnthropic, APIVersion: "2026-10-21"}, http.Header{"X-Api-Key": {"k"}, "Anthropic-Version": {"2026-10-21"}}},
		{Channel{Type: TypeOpenAI}, http.Header{"Authorization": {"Bearer k"}}},
		{Channel{Type: TypeAzure}, http.Header{"Api-Key": {"k"}}},
		{Channel{Type: TypeGoogle}, http.Header{"X-Goog-Api-Key": {"k"}}},
		{Channel{Type: TypeZhipu}, http.Header{"Authorization": {"Bearer k"}}},
		{Channel{Type: TypeCustom, API: APIMessages}, http.Header{"X-Api-Key": {"k"}, "Anthropic-Version": {"2023-06-01"}}},
	} {
		h := http.Header{}
		ch := &channel{Channel: test.c, dialect: test.c.Dialect()}
		key := newKeys([]string{"k"}, ch.credential, newDice(1), nil).pick("m", time.Now(), nil, false)
		ch.setHeader(h, &key)
		if !reflect.DeepEqual(h, test.want) {
			t.Errorf("%s %s sends %v, want %v", test.c.Type, test.c.API, h, test.want)
		}
	}
}

func TestConfigListsEveryMistake(t *testing.T) {
	_, err := New(Config{
		Channels: []Channel{
			{Name: "a", Type: TypeAnthropic},
			{Name: "a", Type: TypeOpenAI, ID: "x"},
			{Type: "cohere", Weight: -1, Models: []string{""}},
			{Name: "d", Type: TypeCustom, APIKey: "k\n", Headers: map[string]string{"bad name": "v"}, ModelMap: map[string]string{"a": ""}},
			{Name: "e", Type: TypeOpenAI, BaseURL: "ftp://x", ID: "x", Timeouts: Timeouts{Idle: -1}, Transformers: []transform.Transformer{nil}},
			{Name: "f", Type: TypeAnthropic, API: APIChat, Losses: "none", Usage: "never"},
			{Name: "g", Type: TypeGoogle, Deployment: "d", APIVersion: "a&b"},
			{Name: "h", Type: TypeAzure},
			{
				Name: "i", Type: TypeOpenAI, APIKey: "k-1", APIKeys: []string{"k-2", "", "k-1", "k-2", "k\n"},
				MaxConcurrency: -1, ContextWindow: map[string]int{"m": 0, "": 5}, Timeouts: Timeouts{FirstToken: -1},
			},
		},
		MaxBody: -1, MaxAttempts: -1, Losses: "some", Timeouts: Timeouts{Header: -time.Second},
		Sessions: Sessions{TTL: -1, Max: -1, Header: "a b"}, Sinks: []tee.Sink{nil},
	})
	for _, want := range []string{
		`Channels[1].Name: "a" is that of Channels[0] too`, "Channels[2].Name: required", `Channels[2].Type: no type "cohere"`,
		"Channels[2].Weight: must not", "Channels[2].Models[0]: must not", "Channels[3].BaseURL: required", "Channels[3].APIKey: holds",
		`Channels[3].Headers["bad name"]: not`, `Channels[3].ModelMap["a"]: neither`, "Channels[4].BaseURL: must be an http",
		`Channels[4].ID: "x" is that of Channels[1] too`, "Channels[4].Timeouts.Idle: must not", "MaxBody: must not", "MaxAttempts: must not",
		`Channels[5].API: type "anthropic" has no API "chat"; there are ["messages"]`, `Channels[5].Losses: no policy "none"`, `Channels[5].Usage: no policy "never"`,
		"Channels[6].Deployment: only", "Channels[6].APIVersion: is not", "Channels[7].BaseURL: required",
		`Losses: no policy "some"`, "Timeouts.Header: must not", "Sessions.TTL: must not", "Sessions.Max: must not", "Sessions.Header: not a valid",
		"Channels[4].Transformers[0]: must not be nil", "Sinks[0]: must not be nil",
		"Channels[8].APIKeys[1]: must not be empty", "Channels[8].APIKeys[2]: is the first key",
		"Channels[8].APIKeys[3]: is the same key as number 0", "Channels[8].APIKeys[4]: holds",
		"Channels[8].MaxConcurrency: must not", `Channels[8].ContextWindow["m"]: needs`, `Channels[8].ContextWindow[""]: needs`,
		"Channels[8].Timeouts.FirstToken: must not",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestMistakesInKeysDoNotTellTheKeys(t *testing.T) {
	_, err := New(Config{Channels: []Channel{{Name: "a", Type: TypeOpenAI, APIKey: "secret\x01", APIKeys: []string{"secret\x01", "secret\x02", "secret\x02"}}}})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

func TestHeaderText(t *testing.T) {
	for in, want := range map[string]string{"Main 1": "Main 1", "主通道": "%E4%B8%BB%E9%80%9A%E9%81%93", "a\r\nb": "a%0D%0Ab", "100%": "100%", "é%": "%C3%A9%25"} {
		if got := headerText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestWhatPassesAHop(t *testing.T) {
	got := passing(http.Header{
		"Anthropic-Beta": {"a", "b"}, "X-Unknown": {"1"}, "Connection": {"close, X-Mine"}, "X-Mine": {"1"},
		"Authorization": {"s"}, "X-Api-Key": {"s"}, "Api-Key": {"s"}, "X-Goog-Api-Key": {"s"}, "Ocp-Apim-Subscription-Key": {"s"}, "Cookie": {"s"}, "Proxy-Authorization": {"s"},
		"Accept-Encoding": {"gzip"}, "Te": {"trailers"}, "Upgrade": {"x"}, "X-Routex-Channel": {"x"}, "Content-Length": {"3"},
	}, 0)
	if len(got) != 2 || len(got["Anthropic-Beta"]) != 2 || got.Get("X-Unknown") != "1" {
		t.Errorf("passed: %v", got)
	}
}

func TestAzureIsToldTheDeploymentByThePathOrAsTheModel(t *testing.T) {
	for _, test := range []struct {
		version string
		api     API
		want    string
	}{
		{"", APIChat, "mine"},
		{"v1", APIResponses, "mine"},
		{"2025-03-01-preview", APIResponses, "mine"},
		{"2024-10-21", APIChat, "gpt-4o-2024"}, // the path names it
	} {
		ch := Channel{Type: TypeAzure, API: test.api, BaseURL: "https://r.test", APIVersion: test.version, Deployment: "mine", ModelMap: map[string]string{"gpt-4o": "gpt-4o-2024"}}
		if got := ch.UpstreamModel("gpt-4o"); got != test.want {
			t.Errorf("%s %s: %q", test.version, test.api, got)
		}
	}
}
