package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

func TestAChannelFromTheGuide(t *testing.T) {
	h := newHost(t)
	a := h.must("POST", "/api/channels", `{"name":"Claude Main","type":"anthropic","apiKey":"sk-ant-REDACTED","models":["claude-opus-4","claude-sonnet-4"],"priority":1,"weight":10}`, 201)
	c := a.one(t)
	if c.Name != "Claude Main" || c.Priority != 1 || c.Weight != 10 || c.Status != "enabled" || c.Breaker != "closed" || c.APIKey != "sk-a****CTED" {
		t.Errorf("the channel is %s", a.body)
	}
	if a.header.Get("Location") != "/api/channels/"+c.ID {
		t.Errorf("Location is %q", a.header.Get("Location"))
	}
	if !slices.Equal(h.transport.Models(), []string{"claude-opus-4", "claude-sonnet-4"}) {
		t.Errorf("the Transport serves %q when the response is sent", h.transport.Models())
	}
	for _, ref := range []string{c.ID, "Claude%20Main"} {
		if got := h.must("GET", "/api/channels/"+ref, "", 200).one(t); !reflect.DeepEqual(got, c) {
			t.Errorf("GET %s gives %+v, want %+v", ref, got, c)
		}
	}
	h.must("POST", "/api/channels", `{"name":"OpenRouter","type":"openai","baseUrl":"https://openrouter.ai/api/v1/chat/completions","apiKey":"sk-or-xxx","models":["anthropic/claude-opus-4"],"transformers":{"use":["openai"]}}`, 201)
	if !strings.Contains(h.call("GET", "/api/channels", "").body, `"name":"OpenRouter","type":"openai"`) {
		t.Error("the list is not compact JSON with the new channel")
	}
	key := h.must("PUT", "/api/channels/"+c.ID, `{"apiKey":"new-key-xxx-and-more"}`, 200).one(t)
	if key.APIKey != "new-****more" || key.Priority != 1 || key.Weight != 10 || len(key.Models) != 2 {
		t.Errorf("after a PUT of the key alone the channel is %+v", key)
	}
}

func TestDefaultsOfAChannel(t *testing.T) {
	h := newHost(t)
	a := h.must("POST", "/api/channels", `{"name":"a","type":"openai"}`, 201)
	c := a.one(t)
	want := shown{
		ID: c.ID, Name: "a", Type: "openai", Priority: 50, Weight: 1, Status: "enabled", Breaker: "closed",
		Headers: map[string]string{}, ModelMap: map[string]string{}, Models: []string{}, Timeouts: map[string]int64{}, Keys: []shownKey{},
		CreatedAt: c.CreatedAt, UpdatedAt: c.CreatedAt,
	}
	if !reflect.DeepEqual(c, want) || c.CreatedAt < 1e12 {
		t.Errorf("the channel is %+v, want %+v", c, want)
	}
	for _, field := range []string{`"lastUsedAt":null`, `"cooldownUntil":null`, `"inFlight":0`, `"latencyMs":0`, `"requestCount":0`, `"maxConcurrency":0`, `"keys":[]`} {
		if !strings.Contains(a.body, field) {
			t.Errorf("%s is missing in %s", field, a.body)
		}
	}
}

const everyField = `{"name":"all","type":"custom","baseUrl":"http://x.test","apiKey":"sk-0123456789abc","headers":{"X-A":"b"},
	"models":["m-*"],"modelMap":{"a":"b"},"priority":3,"weight":4,"status":"disabled",
	"transformers":["openai"],"timeouts":{"header":1,"firstToken":4,"unary":2,"idle":3},"apiKeys":["sk-1123456789abc","sk-2123456789abc"],"maxConcurrency":5,"contextWindow":{"m-*":8192,"n":4096},"prices":{"m-*":{"input":2.5,"output":10,"cacheRead":0.25}},"api":"responses","config":{"apiVersion":"v1"},"losses":"strict","usage":"always","proxyUrl":"http://u:p-secret@proxy.test:8080"}`

func TestPutChangesOnlyWhatItNames(t *testing.T) {
	tests := map[string]func(*shown){
		`{}`:                                  func(*shown) {},
		`{"name":"other"}`:                    func(c *shown) { c.Name = "other" },
		`{"type":"openai"}`:                   func(c *shown) { c.Type = "openai" },
		`{"baseUrl":"http://y.test/v1"}`:      func(c *shown) { c.BaseURL = "http://y.test/v1" },
		`{"type":"openai","baseUrl":null}`:    func(c *shown) { c.Type, c.BaseURL = "openai", "" },
		`{"apiKey":null}`:                     func(c *shown) { c.APIKey, c.Keys = "", c.Keys[1:] },
		`{"apiKey":"short"}`:                  func(c *shown) { c.APIKey, c.Keys[0].Key = "****", "****" },
		`{"apiKey":"sk-0****9abc"}`:           func(*shown) {},
		`{"headers":{"X-B":"c","X-Key":"k"}}`: func(c *shown) { c.Headers = map[string]string{"X-B": "c", "X-Key": "****"} },
		`{"headers":null}`:                    func(c *shown) { c.Headers = map[string]string{} },
		`{"models":null}`:                     func(c *shown) { c.Models = []string{} },
		`{"modelMap":{}}`:                     func(c *shown) { c.ModelMap = map[string]string{} },
		`{"priority":0}`:                      func(c *shown) { c.Priority = 0 },
		`{"priority":null,"weight":null}`:     func(c *shown) { c.Priority, c.Weight = 50, 1 },
		`{"weight":0}`:                        func(c *shown) { c.Weight = 0 },
		`{"weight":2.0}`:                      func(c *shown) { c.Weight = 2 },
		`{"status":"enabled"}`:                func(c *shown) { c.Status = "enabled" },
		`{"status":null}`:                     func(c *shown) { c.Status = "enabled" },
		`{"transformers":null}`:               func(c *shown) { c.Transformers = nil },
		`{"transformers":{"use":[]}}`:         func(c *shown) { c.Transformers = []byte(`{"use":[]}`) },
		`{"transformers":{"perModel":{"m":{"use":["openai"]},"n":["openai"]}}}`: func(c *shown) {
			c.Transformers = []byte(`{"use":[],"perModel":{"m":["openai"],"n":["openai"]}}`)
		},
		`{"transformers":["cleancache",["maxtoken",{"max_tokens": 8192}]]}`: func(c *shown) {
			c.Transformers = []byte(`{"use":["cleancache",["maxtoken",{"max_tokens":8192}]]}`)
		},
		`{"api":null}`:   func(c *shown) { c.API = "" },
		`{"api":"chat"}`: func(c *shown) { c.API = "chat" },
		`{"type":"azure","config":{"deployment":"d"}}`: func(c *shown) {
			c.Type, c.Config = "azure", map[string]string{"deployment": "d"}
		},
		`{"config":null}`:                                     func(c *shown) { c.Config = nil },
		`{"losses":"lossy","usage":""}`:                       func(c *shown) { c.Losses, c.Usage = "lossy", "" },
		`{"proxyUrl":null}`:                                   func(c *shown) { c.ProxyURL = "" },
		`{"proxyUrl":"http://****@proxy.test:8080"}`:          func(*shown) {},
		`{"proxyUrl":"socks5://token-alone@proxy.test:1080"}`: func(c *shown) { c.ProxyURL = "socks5://****@proxy.test:1080" },
		`{"proxyUrl":"https://proxy.test"}`:                   func(c *shown) { c.ProxyURL = "https://proxy.test" },
		`{"timeouts":{"idle":9}}`:                             func(c *shown) { c.Timeouts = map[string]int64{"idle": 9} },
		`{"timeouts":{"firstToken":9}}`:                       func(c *shown) { c.Timeouts = map[string]int64{"firstToken": 9} },
		`{"apiKeys":null}`:                                    func(c *shown) { c.APIKeys, c.Keys = nil, c.Keys[:1] },
		`{"apiKeys":["sk-2****9abc"]}`:                        func(c *shown) { c.APIKeys, c.Keys = c.APIKeys[1:], slices.Delete(c.Keys, 1, 2) },
		`{"apiKeys":["sk-2****9abc","sk-4123456789abc"]}`: func(c *shown) {
			c.APIKeys = []string{"sk-2****9abc", "sk-4****9abc"}
			c.Keys[1].Key, c.Keys[2].Key = c.APIKeys[0], c.APIKeys[1]
		},
		`{"apiKey":"sk-1****9abc","apiKeys":["sk-0****9abc"]}`: func(c *shown) {
			c.APIKey, c.APIKeys = "sk-1****9abc", []string{"sk-0****9abc"}
			c.Keys = []shownKey{{Key: c.APIKey}, {Key: c.APIKeys[0]}}
		},
		`{"maxConcurrency":null}`:                 func(c *shown) { c.MaxConcurrency = 0 },
		`{"maxConcurrency":7}`:                    func(c *shown) { c.MaxConcurrency = 7 },
		`{"prices":null}`:                         func(c *shown) { c.Prices = nil },
		`{"prices":{"a":{"input":1,"output":0}}}`: func(c *shown) { c.Prices = []byte(`{"a":{"input":1,"output":0}}`) },
		`{"contextWindow":null}`:                  func(c *shown) { c.ContextWindow = nil },
		`{"contextWindow":32768}`:                 func(c *shown) { c.ContextWindow = []byte(`32768`) },
		`{"contextWindow":{"*":5}}`:               func(c *shown) { c.ContextWindow = []byte(`5`) },
		`{"contextWindow":{"a b": 5}}`:            func(c *shown) { c.ContextWindow = []byte(`{"a b":5}`) },
	}
	for body, change := range tests {
		t.Run(body, func(t *testing.T) {
			h := newHost(t)
			want := h.must("POST", "/api/channels", everyField, 201).one(t)
			change(&want)
			got := h.must("PUT", "/api/channels/all", body, 200).one(t)
			again := newHostOn(t, h.store).must("GET", "/api/channels/"+got.ID, "", 200).one(t)
			if !reflect.DeepEqual(again, got) {
				t.Errorf("a new start gives\n%+v, not\n%+v", again, got)
			}
			want.UpdatedAt = got.UpdatedAt
			if !reflect.DeepEqual(got, want) {
				t.Errorf("it gives\n%+v, want\n%+v", got, want)
			}
		})
	}
}

func TestWhatIsShownCanBeSentBack(t *testing.T) {
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"https://o.test/x?api_key=in-the-url-too&tenant=1","apiKey":"sk-secret-secret","apiKeys":["sk-secret-also-secret","sk-secret-more-secret","tiny-secret"],"proxyUrl":"http://u:proxied-secret@proxy.test","headers":{"Authorization":"Bearer something","X-B":"c"},"transformers":{"use":["openai"]}}`, 201)
	before := h.must("GET", "/api/channels/a", "", 200)
	after := h.must("PUT", "/api/channels/a", string(before.Data), 200)
	if c := after.one(t); c.Headers["Authorization"] != "Bear****hing" || c.Headers["X-B"] != "c" || c.BaseURL != "https://o.test/x?api_key=in-t****-too&tenant=1" {
		t.Errorf("shown as %v, %s", c.Headers, c.BaseURL)
	}
	stored, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c := stored.Channels[0]; c.APIKey != "sk-secret-secret" || !slices.Equal(c.APIKeys, []string{"sk-secret-also-secret", "sk-secret-more-secret", "tiny-secret"}) || c.Headers["Authorization"] != "Bearer something" || !strings.Contains(c.BaseURL, "in-the-url-too") || c.ProxyURL != "http://u:proxied-secret@proxy.test" {
		t.Errorf("the masks took the place of the secrets: %+v", c)
	}
	if strings.Contains(after.body, "secret-secret") || strings.Contains(after.body, "proxied") || strings.Contains(after.body, "also") || strings.Contains(after.body, "tiny") || strings.Contains(after.body, "something") {
		t.Errorf("a secret is shown: %s", after.body)
	}
}

// Keys that look alike when masked cannot be told apart one by one.
func TestMasksOfKeysThatLookAlike(t *testing.T) {
	for sent, want := range map[string]string{ // the stored keys, or the field with a mistake
		`["sk-s****cret","sk-s****cret"]`:                            `["sk-secret-1-secret","sk-secret-2-secret"]`,
		`["sk-s****cret","new","sk-s****cret"]`:                      `["sk-secret-1-secret","new","sk-secret-2-secret"]`,
		`["sk-s****cret"]`:                                           "apiKeys[0]",
		`["sk-s****cret","sk-s****cret","sk-s****cret"]`:             "apiKeys[2]",
		`["sk-secret-2-secret"]`:                                     `["sk-secret-2-secret"]`,
		`["sk-secret-3-secret","sk-s****cret","sk-s****cret","new"]`: `["sk-secret-3-secret","sk-secret-1-secret","sk-secret-2-secret","new"]`,
	} {
		h := newHost(t)
		h.must("POST", "/api/channels", `{"name":"a","type":"openai","apiKey":"first","apiKeys":["sk-secret-1-secret","sk-secret-2-secret"]}`, 201)
		a := h.call("PUT", "/api/channels/a", `{"apiKeys":`+sent+`}`)
		got := strings.Join(a.fields(), " ")
		if a.status == 200 {
			stored, err := h.store.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(stored.Channels[0].APIKeys)
			got = string(text)
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", sent, got, want)
		}
	}
}

func TestEveryMistakeInAChannelIsListed(t *testing.T) {
	tests := map[string][]string{ // the fields named, in any order
		`{}`: {"name", "type"},
		`{"name":"","type":"cohere","priority":"x","weight":-1,"models":["a",1],"status":"on","bogus":1}`: {
			"name", "type", "priority", "weight", "models[1]", "status", "bogus",
		},
		`{"name":"x","type":"custom"}`:                                                                    {"baseUrl"},
		`{"name":"x","type":"azure","baseUrl":"ftp://h"}`:                                                 {"baseUrl"},
		`{"name":"x","type":"azure"}`:                                                                     {"baseUrl"},
		`{"name":"x","type":"cohere","baseUrl":"ftp://h"}`:                                                {"type", "baseUrl"},
		`{"name":"x","type":"zhipu","api":"responses"}`:                                                   {"api"},
		`{"name":"x","type":"openai","api":"telepathy"}`:                                                  {"api"},
		`{"name":"x","type":"openai","config":{"deployment":"d"}}`:                                        {"config.deployment"},
		`{"name":"x","type":"azure","config":{"deployment":1,"region":"eu"}}`:                             {"baseUrl", "config.deployment", "config.region"},
		`{"name":"x","type":"anthropic","config":{"apiVersion":"a b"}}`:                                   {"config.apiVersion"},
		`{"name":"x","type":"anthropic","config":"v1","api":7}`:                                           {"config", "api"},
		`{"name":"x","type":"openai","losses":"none","usage":"never"}`:                                    {"losses", "usage"},
		`{"name":"x","type":"openai","proxyUrl":"ftp://u:p@h"}`:                                           {"proxyUrl"},
		`{"name":"x","type":"openai","proxyUrl":"http://****@h"}`:                                         {"proxyUrl"},
		`{"name":"x","type":"openai","proxyUrl":7}`:                                                       {"proxyUrl"},
		`{"name":"x","type":"openai","baseUrl":"http://u:p@h"}`:                                           {"baseUrl"},
		`{"name":" x","type":"openai"}`:                                                                   {"name"},
		`{"name":"a\nb","type":"openai"}`:                                                                 {"name"},
		`{"name":"` + strings.Repeat("ü", 101) + `","type":"openai"}`:                                     {"name"},
		`{"name":null,"type":null}`:                                                                       {"name", "type"},
		`{"name":1,"type":2,"baseUrl":3,"apiKey":4,"headers":5,"models":6}`:                               {"name", "type", "baseUrl", "apiKey", "headers", "models"},
		`{"name":"x","type":"openai","apiKey":"a\nb"}`:                                                    {"apiKey"},
		`{"name":"x","type":"openai","apiKey":"sk-a****1234"}`:                                            {"apiKey"},
		`{"name":"x","type":"openai","headers":{"X-Key":"****"}}`:                                         {`headers["X-Key"]`},
		`{"name":"x","type":"openai","headers":{"a b":"c","X-A":1}}`:                                      {`headers["X-A"]`},
		`{"name":"x","type":"openai","headers":{"a b":"c"}}`:                                              {`headers["a b"]`},
		`{"name":"x","type":"openai","models":["",null]}`:                                                 {"models[1]"},
		`{"name":"x","type":"openai","models":[""]}`:                                                      {"models[0]"},
		`{"name":"x","type":"openai","modelMap":{"A.B":""}}`:                                              {`modelMap["A.B"]`},
		`{"name":"x","type":"openai","priority":1.5,"weight":1e99}`:                                       {"priority", "weight"},
		`{"name":"x","type":"openai","status":"rate_limited"}`:                                            {"status"},
		`{"name":"x","type":"openai","timeouts":{"header":-1,"idle":"1s","x":1}}`:                         {"timeouts.header", "timeouts.idle", "timeouts.x"},
		`{"name":"x","type":"openai","timeouts":[]}`:                                                      {"timeouts"},
		`{"name":"x","type":"openai","apiKey":"k","apiKeys":["k","l","l",""]}`:                            {"apiKeys[0]", "apiKeys[2]", "apiKeys[3]"},
		`{"name":"x","type":"openai","apiKeys":["sk-a****1234",7]}`:                                       {"apiKeys[1]"},
		`{"name":"x","type":"openai","apiKeys":["a\nb","sk-a****1234"]}`:                                  {"apiKeys[0]", "apiKeys[1]"},
		`{"name":"x","type":"openai","apiKeys":"k","maxConcurrency":-1}`:                                  {"apiKeys", "maxConcurrency"},
		`{"name":"x","type":"openai","contextWindow":0,"maxConcurrency":"1"}`:                             {"contextWindow", "maxConcurrency"},
		`{"name":"x","type":"openai","contextWindow":{"a":0,"b":"x","c":1.5}}`:                            {`contextWindow["a"]`, `contextWindow["b"]`, `contextWindow["c"]`},
		`{"name":"x","type":"openai","prices":{"a":{"input":-1,"output":"x","in":2},"b":7,"c":{}}}`:       {`prices["a"].output`, `prices["a"].in`, `prices["a"].input`, `prices["b"]`, `prices["c"].input`, `prices["c"].output`},
		`{"name":"x","type":"openai","contextWindow":{"":5}}`:                                             {`contextWindow[""]`},
		`{"name":"x","type":"openai","contextWindow":[1],"timeouts":{"firstToken":-1}}`:                   {"contextWindow", "timeouts.firstToken"},
		`{"name":"x","type":"openai","apiKey":"a\u0000b","models":["m\u0000"],"modelMap":{"m":"\u0000"}}`: {"apiKey", "models[0]", `modelMap["m"]`},
		`{"name":"x","type":"openai","id":"mine"}`:                                                        {"id"},
		`{"name":"x","type":"openai","name":"y"}`:                                                         {"name"},
		`{"Name":"x","type":"openai"}`:                                                                    {"Name", "name"},
		`{"name":"x","type":"openai","transformers":{"use":["openai","maxtokens",["sampling",{"top_p":2,"bias":1}],7,[],["a","b","c"],["maxtokens",{}],["maxtoken",8]]}}`: {
			"transformers.use[1]", "transformers.use[2][1].top_p", "transformers.use[2][1].bias", "transformers.use[3]", "transformers.use[4]",
			"transformers.use[5]", "transformers.use[6][0]", "transformers.use[7][1]",
		},
		`{"name":"x","type":"openai","transformers":{"use":["openai"],"perModel":{"m":["openai",["maxtoken",{"max_tokens":"x"}]]}}}`: {
			`transformers.perModel["m"][1][1].max_tokens`,
		},
		`{"name":"x","type":"openai","transformers":{"perModel":{"m":["anthropic"],"":["openai"]}}}`: {
			`transformers.perModel["m"][0]`, "transformers.perModel",
		},
		`{"name":"x","type":"anthropic","transformers":["openai"]}`:    {"transformers.use[0]"},
		`{"name":"x","type":"openai","transformers":"openai"}`:         {"transformers"},
		`{"name":"x","type":"openai","transformers":{"using":[]}}`:     {"transformers.using"},
		`{"name":"x","type":"openai","transformers":{"perModel":[1]}}`: {"transformers.perModel"},
	}
	h := newHost(t)
	for body, want := range tests {
		a := h.call("POST", "/api/channels", body)
		got := a.fields()
		slices.Sort(got)
		slices.Sort(want)
		if a.status != 400 || !slices.Equal(got, want) {
			t.Errorf("POST %s:\nstatus %d, mistakes in %q, want %q\n%s", body, a.status, got, want, a.body)
		}
		for _, d := range a.Error.Details {
			if d.Message == "" || d.Code == "" {
				t.Errorf("POST %s: a detail without text or code: %+v", body, d)
			}
		}
	}
	if a := h.must("GET", "/api/channels", "", 200); string(a.Data) != "[]" {
		t.Errorf("something was made: %s", a.Data)
	}
	if a := h.call("POST", "/api/channels", `{"name":"x","type":"cohere"}`); !strings.Contains(a.body, "available now: anthropic, openai, google, azure, zhipu, custom") {
		t.Errorf("the error does not say which types there are: %s", a.body)
	}
}

func TestARefusedPutChangesNothing(t *testing.T) {
	h := newHost(t)
	before := h.must("POST", "/api/channels", everyField, 201)
	for body, want := range map[string]string{
		`{"priority":1,"weight":"x"}`:  "weight",
		`{"baseUrl":""}`:               "baseUrl",
		`{"type":"anthropic"}`:         "api",
		`{"type":"google","api":null}`: "transformers.use[0]",
		`{"apiKey":"sk-X****XXXX"}`:    "apiKey",
		`{"apiKeys":["sk-X****XXXX"]}`: "apiKeys[0]",
		`{"apiKeys":["sk-0****9abc"]}`: "apiKeys[0]", // it would be there twice
		`{"apiKey":"sk-1****9abc"}`:    "apiKeys[0]",
		`{"contextWindow":"big"}`:      "contextWindow",
		`{"id":"x"}`:                   "id",
		`{"status":"circuit_open"}`:    "status",
		`{"headers":{"X-Key":"****"}}`: `headers["X-Key"]`,
	} {
		a := h.call("PUT", "/api/channels/all", body)
		if a.status != 400 || !slices.Equal(a.fields(), []string{want}) {
			t.Errorf("PUT %s: %s, want a mistake in %s", body, a.body, want)
		}
	}
	if after := h.must("GET", "/api/channels/all", "", 200); string(after.Data) != string(before.Data) {
		t.Errorf("the channel is now\n%s, was\n%s", after.Data, before.Data)
	}
}

func TestDeletingAChannel(t *testing.T) {
	h := newHost(t)
	for _, name := range []string{"a", "b", "c"} {
		h.must("POST", "/api/channels", `{"name":"`+name+`","type":"openai","models":["`+name+`"]}`, 201)
	}
	if a := h.must("DELETE", "/api/channels/b", "", 200); a.body != `{"success":true,"message":"channel deleted"}` {
		t.Errorf("DELETE gives %s", a.body)
	}
	var names []string
	for _, c := range newHostOn(t, h.store).call("GET", "/api/channels", "").many(t) {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"a", "c"}) || !slices.Equal(h.transport.Models(), []string{"a", "c"}) {
		t.Errorf("left are %q, served %q", names, h.transport.Models())
	}
}

func TestOddNames(t *testing.T) {
	h := newHost(t)
	for name, path := range map[string]string{"a/b": "a%2Fb", "频道 1": "%E9%A2%91%E9%81%93%201", "50%": "50%25", "a.b": "a.b"} {
		h.must("POST", "/api/channels", `{"name":"`+name+`","type":"openai"}`, 201)
		if c := h.must("GET", "/api/channels/"+path, "", 200).one(t); c.Name != name {
			t.Errorf("GET %s gives %q, want %q", path, c.Name, name)
		}
		h.must("DELETE", "/api/channels/"+path, "", 200)
	}
}

func TestAnIDCannotBeTakenAsAName(t *testing.T) {
	h := newHost(t)
	id := h.must("POST", "/api/channels", `{"name":"a","type":"openai"}`, 201).one(t).ID
	if a := h.call("POST", "/api/channels", `{"name":"`+id+`","type":"openai"}`); a.status != 409 {
		t.Errorf("a channel may be called by the id of another: %s", a.body)
	}
	h.must("PUT", "/api/channels/a", `{"name":"`+id+`"}`, 200) // its own
}

func TestEphemeralChannelsAreNotStored(t *testing.T) {
	demo := func(o *admin.Options) {
		o.Ephemeral = []store.Channel{
			{ID: "d1", Name: "demo", Type: "openai", Models: []string{"demo-model"}, Weight: 1},
			{ID: "d2", Name: "kept", Type: "openai", Models: []string{"never"}, Weight: 1},
		}
	}
	first := newHost(t)
	first.must("POST", "/api/channels", `{"name":"kept","type":"openai","models":["kept-model"]}`, 201)
	h := newHostOn(t, first.store, demo)
	if got := h.transport.Models(); !slices.Equal(got, []string{"demo-model", "kept-model"}) {
		t.Errorf("served are %q", got)
	}
	if n := len(h.call("GET", "/api/channels", "").many(t)); n != 2 {
		t.Errorf("%d channels are listed, want 2", n)
	}
	h.must("PUT", "/api/channels/demo", `{"priority":1}`, 200)
	if a := h.call("POST", "/api/channels", `{"name":"demo","type":"openai"}`); a.status != 409 {
		t.Errorf("the name of an ephemeral channel can be taken: %s", a.body)
	}
	if c, err := h.store.Load(t.Context()); err != nil || len(c.Channels) != 1 {
		t.Errorf("the store holds %+v (%v), want only the kept channel", c.Channels, err)
	}
	h.must("DELETE", "/api/channels/demo", "", 200)
	if got := h.transport.Models(); !slices.Equal(got, []string{"kept-model"}) {
		t.Errorf("after DELETE %q are served", got)
	}
}

func TestWritesAtTheSameTime(t *testing.T) {
	h := newHost(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			name := fmt.Sprintf("c%d", i%10) // each name twice
			r := httptest.NewRequest("POST", "/api/channels", strings.NewReader(`{"name":"`+name+`","type":"openai","models":["`+name+`"]}`))
			w := httptest.NewRecorder()
			h.api.ServeHTTP(w, r)
			if w.Code != 201 && w.Code != 409 {
				t.Errorf("POST %s: %d %s", name, w.Code, w.Body)
			}
			h.api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/api/channels", nil))
		})
	}
	wg.Wait()
	c, err := h.store.Load(t.Context())
	if err != nil || len(c.Channels) != 10 || len(h.transport.Models()) != 10 {
		t.Errorf("%d channels stored, %d served (%v), want 10", len(c.Channels), len(h.transport.Models()), err)
	}
}

func TestPortsThatNoneCanBeAreRefused(t *testing.T) {
	h := newHost(t)
	channel := func(port string) string {
		return `{"name":"a","type":"openai","baseUrl":"https://x.test:` + port + `/v1"}`
	}
	h.must("POST", "/api/channels", channel("65535"), 201)
	for _, port := range []string{"0", "65536", "99999999999999999999"} {
		if a := h.call("PUT", "/api/channels/a", channel(port)); a.status != 400 || !slices.Equal(a.fields(), []string{"baseUrl"}) || !strings.Contains(a.body, "65535") {
			t.Errorf("port %s gives %d %s", port, a.status, a.body)
		}
	}
}
