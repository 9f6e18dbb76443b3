package routex_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
)

func googleChannel(name, url string) routex.Channel {
	return routex.Channel{Name: name, Type: routex.TypeGoogle, BaseURL: url, APIKey: "key-" + name}
}

func responsesChannel(name, url string) routex.Channel {
	return routex.Channel{Name: name, Type: routex.TypeOpenAI, API: routex.APIResponses, BaseURL: url, APIKey: "key-" + name}
}

// A counting is how one protocol asks for the number of tokens.
type counting struct {
	path, body, field string
	channel           func(name, url string) routex.Channel
	sent              string // where the channel is asked
}

func countings() map[string]counting {
	return map[string]counting{
		"anthropic": {"/v1/messages/count_tokens?beta=true", `{ "model":"m","messages":[{"role":"user","content":"Hi there, how are you?"}]}`, "input_tokens", anthropicChannel, "/v1/messages/count_tokens?beta=true"},
		"gemini":    {"/v1beta/models/m:countTokens", `{ "contents":[{"parts":[{"text":"Hi there, how are you?"}]}]}`, "totalTokens", googleChannel, "/v1beta/models/m:countTokens"},
		"responses": {"/v1/responses/input_tokens", `{ "model":"m","input":"Hi there, how are you?"}`, "input_tokens", responsesChannel, "/v1/responses/input_tokens"},
	}
}

func TestCountsAreAskedOfAChannelOfTheProtocol(t *testing.T) {
	for name, c := range countings() {
		t.Run(name, func(t *testing.T) {
			up := always(`{"` + c.field + `":4711,"own":1.50}`)
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{c.channel("a", "https://a.test")}, Base: up})
			resp, text, d := ask(t, tr, "POST", "https://x.test"+c.path, c.body)
			if resp.StatusCode != 200 || text != `{"`+c.field+`":4711,"own":1.50}` || resp.Header.Get("X-Routex-Estimated") != "" {
				t.Errorf("%d %s", resp.StatusCode, text)
			}
			if got := up.last(); got.url != "https://a.test"+c.sent || got.body != c.body {
				t.Errorf("sent %s %s", got.url, got.body)
			}
			if !d.Succeeded() || d.Channel != "a" {
				t.Errorf("decision %+v", d)
			}
		})
	}
}

func TestCountsAreEstimatedWhereNobodyCanCount(t *testing.T) {
	for name, c := range countings() {
		for why, status := range map[string]int{"no channel of the protocol": -2, "not reached": -1, "no such endpoint": 404, "busy": 503, "bad key": 401, "limited": 429} {
			runInBubble(t, name+", "+why, func(t *testing.T) {
				list := []routex.Channel{{Name: "z", Type: routex.TypeZhipu, BaseURL: "https://z.test"}}
				if status != -2 {
					list = append(list, c.channel("a", "https://a.test"))
				}
				up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
					if r.URL.Host == "z.test" {
						t.Error("a channel of another protocol was asked")
					}
					if status < 0 {
						return nil
					}
					return respond(status, "application/json", `{"error":{"message":"no"}}`)
				}}
				resp, text, d := ask(t, newTransport(t, routex.Config{Channels: list, Base: up}), "POST", "https://x.test"+c.path, c.body)
				n := gjson.Get(text, c.field).Int()
				if resp.StatusCode != 200 || n < 6 || n > 40 || resp.Header.Get("X-Routex-Estimated") != "tokens" || !d.Succeeded() {
					t.Errorf("%d %s, decision %+v", resp.StatusCode, text, d)
				}
			})
		}
	}
}

// A caller that names its channel in every request still wants its counts.
func TestChannelsThatCannotDoWhatIsAskedOfThem(t *testing.T) {
	up := always(`{"error":{"message":"what is that?"}}`)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{{Name: "z", Type: routex.TypeZhipu, BaseURL: "https://z.test"}, anthropicChannel("a", "https://a.test")}, Base: up})
	for name, c := range countings() {
		if name == "anthropic" {
			continue // which the other channel counts
		}
		for _, ch := range []string{"z", "a"} {
			resp, text, _ := ask(t, tr, "POST", "https://x.test"+c.path, c.body, "X-Routex-Channel", ch)
			if resp.StatusCode != 200 || resp.Header.Get("X-Routex-Estimated") != "tokens" || up.count() != 0 {
				t.Errorf("%s by %s: %d %s, sent to %s", c.path, ch, resp.StatusCode, text, up.last().url)
			}
		}
	}
	resp, text, _ := ask(t, tr, "POST", "https://x.test/v1/embeddings", `{"model":"m","input":"x"}`, "X-Routex-Channel", "a")
	if resp.StatusCode != 400 || !strings.Contains(text, "X-Routex-Channel") || up.count() != 0 {
		t.Errorf("embeddings of Anthropic: %d %s, sent to %s", resp.StatusCode, text, up.last().url)
	}
}

// An agent asks with the conversation as it is, parts of which another provider
// may have answered.
func TestCountsAreAskedWithoutTheSignaturesOfOtherProviders(t *testing.T) {
	up := always(`{"input_tokens":4711}`)
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up})
	const body = `{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"RtxStateT0a1b2c3c2lnbmF0dXJl"},{"type":"text","text":"a"}]},{"role":"user","content":"b"}]}`
	resp, text, _ := ask(t, tr, "POST", "https://x.test/v1/messages/count_tokens", body)
	if resp.StatusCode != 200 || text != `{"input_tokens":4711}` || strings.Contains(up.last().body, "thinking") || !strings.Contains(up.last().body, `{"type":"text","text":"a"}`) {
		t.Errorf("%d %s, sent %s", resp.StatusCode, text, up.last().body)
	}
}

func TestCountsOfNoChannelAtAll(t *testing.T) {
	tr := newTransport(t, routex.Config{})
	for name, c := range countings() {
		if resp, text, _ := ask(t, tr, "POST", "https://x.test"+c.path, c.body); resp.StatusCode != 200 || !gjson.Get(text, c.field).Exists() {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text)
		}
	}
}

// What is estimated is the answer of nobody: a model that no channel knows is
// not one that a channel has answered to.
func TestEstimatesAreTheAnswerOfNoChannel(t *testing.T) {
	for name, c := range countings() {
		up := &recorder{answer: func(*http.Request, string) *http.Response { return respond(404, "application/json", `{}`) }}
		resp, _, d := ask(t, newTransport(t, routex.Config{Channels: []routex.Channel{c.channel("a", "https://a.test")}, Base: up}), "POST", "https://x.test"+c.path, c.body)
		if resp.Header.Get("X-Routex-Estimated") != "tokens" || tried(d) != "a" || d.Channel+d.ChannelID+d.UpstreamModel != "" {
			t.Errorf("%s: tried %q, answered by %q %q %q", name, tried(d), d.Channel, d.ChannelID, d.UpstreamModel)
		}
	}
}

func TestCountsFailOver(t *testing.T) {
	for name, c := range countings() {
		t.Run(name, func(t *testing.T) {
			a, b := c.channel("a", "https://a.test"), c.channel("b", "https://b.test")
			b.Priority = 1
			up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
				if r.URL.Host == "a.test" {
					return respond(503, "application/json", `{}`)
				}
				return respond(200, "application/json", `{"`+c.field+`":9}`)
			}}
			_, text, d := ask(t, newTransport(t, routex.Config{Channels: []routex.Channel{a, b}, Base: up}), "POST", "https://x.test"+c.path, c.body)
			if tried(d) != "a b" || gjson.Get(text, c.field).Int() != 9 {
				t.Errorf("tried %s: %s", tried(d), text)
			}
		})
	}
}

func TestTheCallersOwnMistakeInACountIsTold(t *testing.T) {
	for name, c := range countings() {
		t.Run(name, func(t *testing.T) {
			const said = `{"error":{"message":"a field is wrong"}}`
			up := &recorder{answer: func(*http.Request, string) *http.Response { return respond(400, "application/json", said) }}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{c.channel("a", "https://a.test")}, Base: up})
			if resp, text, _ := ask(t, tr, "POST", "https://x.test"+c.path, c.body); resp.StatusCode != 400 || text != said {
				t.Errorf("%d %s", resp.StatusCode, text)
			}
			if resp, text, _ := ask(t, tr, "POST", "https://x.test"+c.path, `{"model":`); resp.StatusCode != 400 || !gjson.Valid(text) || up.count() != 1 {
				t.Errorf("malformed: %d %s", resp.StatusCode, text)
			}
		})
	}
}

func TestEmbeddings(t *testing.T) {
	const (
		openAI = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,-0.5]}],"model":"up","usage":{"prompt_tokens":3,"total_tokens":3}}`
		gemini = `{"embeddings":[{"values":[1,-0.5]}],"usageMetadata":{"promptTokenCount":3}}`
	)
	azure := routex.Channel{Name: "az", Type: routex.TypeAzure, BaseURL: "https://a.test", APIVersion: "2024-10-21"}
	for _, test := range []struct {
		name, path, body        string
		channel                 routex.Channel
		answer                  string
		sentTo, sent, want, key string
	}{
		{"OpenAI, untouched", "/v1/embeddings", `{"model":"m", "input":[1,2],"x":1.50}`, openAIChannel("a", "https://a.test"), openAI, "/v1/embeddings", `{"model":"up", "input":[1,2],"x":1.50}`, openAI, "Authorization"},
		{"Responses, untouched", "/v1/embeddings", `{"model":"m","input":"a"}`, responsesChannel("a", "https://a.test"), openAI, "/v1/embeddings", `{"model":"up","input":"a"}`, openAI, "Authorization"},
		{"Azure, untouched", "/v1/embeddings", `{"model":"m","input":"a"}`, azure, openAI, "/openai/deployments/up/embeddings?api-version=2024-10-21", `{"model":"up","input":"a"}`, openAI, ""},
		{"Azure's caller", "/openai/deployments/m/embeddings", `{"model":"m","input":"a"}`, openAIChannel("a", "https://a.test"), openAI, "/v1/embeddings", `{"model":"up","input":"a"}`, openAI, "Authorization"},
		{
			"OpenAI from Gemini", "/v1/embeddings", `{"model":"m","input":"a","encoding_format":"base64"}`, googleChannel("a", "https://a.test"), gemini,
			"/v1beta/models/up:batchEmbedContents", `{"requests":[{"model":"models/up","content":{"parts":[{"text":"a"}]}}]}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAL8="}],"model":"up","usage":{"prompt_tokens":3,"total_tokens":3}}`, "X-Goog-Api-Key",
		},
		{
			"Gemini, untouched", "/v1beta/models/m:embedContent", `{ "content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"}`, googleChannel("a", "https://a.test"), `{"embedding":{"values":[1]}}`,
			"/v1beta/models/up:embedContent", `{ "content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"}`, `{"embedding":{"values":[1]}}`, "X-Goog-Api-Key",
		},
		{
			"Gemini from OpenAI", "/v1beta/models/m:embedContent", `{"content":{"parts":[{"text":"a"}]}}`, openAIChannel("a", "https://a.test"), openAI,
			"/v1/embeddings", `{"model":"up","input":"a","encoding_format":"float"}`, `{"embedding":{"values":[1,-0.5]},"usageMetadata":{"promptTokenCount":3}}`, "Authorization",
		},
		{
			"Gemini's batch from OpenAI", "/v1beta/models/m:batchEmbedContents", `{"requests":[{"content":{"parts":[{"text":"a"}]}}]}`, openAIChannel("a", "https://a.test"), openAI,
			"/v1/embeddings", `{"model":"up","input":["a"],"encoding_format":"float"}`, `{"embeddings":[{"values":[1,-0.5]}],"usageMetadata":{"promptTokenCount":3}}`, "Authorization",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.channel.ModelMap = map[string]string{"m": "up"}
			other := anthropicChannel("never", "https://never.test")
			other.Priority = -1
			up := always(test.answer)
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{other, test.channel}, Base: up})
			resp, text, d := ask(t, tr, "POST", "https://x.test"+test.path, test.body)
			got := up.last()
			if resp.StatusCode != 200 || text != test.want || got.url != "https://a.test"+test.sentTo || got.body != test.sent {
				t.Errorf("%d %s\nwant %s\nsent %s %s\nwant %s", resp.StatusCode, text, test.want, got.url, got.body, test.sent)
			}
			if test.key != "" && got.header.Get(test.key) == "" {
				t.Errorf("no credentials: %v", got.header)
			}
			if !d.Succeeded() || strings.Contains(test.answer, "sage") && (!d.UsageKnown || d.Usage.Input != 3) {
				t.Errorf("decision %+v", d)
			}
		})
	}
}

func TestEmbeddingsThatCannotBeHad(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
			if r.URL.Host == "g.test" {
				return respond(429, "application/json", `{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}`)
			}
			return respond(200, "application/json", `{"no":"embeddings"}`)
		}}
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{googleChannel("g", "https://g.test")}, Base: up})
		resp, text, d := ask(t, tr, "POST", "https://x.test/v1/embeddings", `{"model":"m","input":[[1]]}`)
		if resp.StatusCode != 400 || !strings.Contains(text, "input: ") || up.count() != 0 || d.Class != breaker.Caller {
			t.Errorf("tokens for Gemini: %d %s", resp.StatusCode, text)
		}
		resp, text, d = ask(t, tr, "POST", "https://x.test/v1/embeddings", `{"model":"m","input":"a"}`)
		if resp.StatusCode != 429 || gjson.Get(text, "error.message").Str != "slow" || gjson.Get(text, "error.code").Str == "" {
			t.Errorf("limited: %d %s", resp.StatusCode, text)
		}
		if d.Class != breaker.Rate || tr.Status()[0].CooldownUntil.IsZero() {
			t.Errorf("decision %+v", d)
		}
		tr = newTransport(t, routex.Config{Channels: []routex.Channel{googleChannel("h", "https://h.test")}, Base: up})
		if resp, text, _ = ask(t, tr, "POST", "https://x.test/v1/embeddings", `{"model":"m","input":"a"}`); resp.StatusCode != 502 || !strings.Contains(text, `\"h\"`) {
			t.Errorf("no embeddings: %d %s", resp.StatusCode, text)
		}
		tr = newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up})
		if w := serve(t, tr.Handler(), "POST", "/v1/embeddings", `{"model":"m","input":"a"}`); w.Code != 404 {
			t.Errorf("no channel has embeddings: %d %s", w.Code, w.Body)
		}
	})
}
