package routex_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/trace/prices"
	"github.com/dctx-team/routex/transform"
)

// priced makes a table with one price of any provider's.
func priced(t *testing.T, model string, input, output float64) *prices.Table {
	t.Helper()
	table, err := prices.New(map[string]prices.Price{model: {Rates: prices.Rates{Input: input, Output: output}}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// spend makes a call for a model, whose provider reports usage in the form of
// Chat, and gives what it has cost.
func spend(t *testing.T, ch routex.Channel, table *prices.Table, model, usage string) *routex.Decision {
	t.Helper()
	answer := `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":` + usage + `}`
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		return jsonResponse(200, answer), nil
	})
	ch.Name, ch.APIKey = "a", "k"
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base, Prices: table})
	req, _ := newCall(t, "https://x.test/v1/chat/completions", fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":"hi"}]}`, model))
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	_ = readBody(t, resp)
	return rec.Decision()
}

func jsonResponse(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func costs(d *routex.Decision, want float64) bool {
	return d.Cost != nil && *d.Cost > want-1e-12 && *d.Cost < want+1e-12
}

const unknownCost = -1

func TestCostOfACallByWhoAnswers(t *testing.T) {
	const thousand = `{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}`
	own := map[string]prices.Price{"gpt-4*": {Rates: prices.Rates{Input: 1, Output: 1}}}
	for name, tt := range map[string]struct {
		channel routex.Channel
		table   *prices.Table
		model   string
		usage   string
		want    float64
	}{
		"the list price":                          {routex.Channel{Type: routex.TypeOpenAI}, nil, "gpt-4o", thousand, 0.0035},
		"of a dated version":                      {routex.Channel{Type: routex.TypeOpenAI}, nil, "gpt-4o-2024-08-06", thousand, 0.0035},
		"wherever the provider is":                {routex.Channel{Type: routex.TypeOpenAI, BaseURL: "https://proxy.test"}, nil, "gpt-4o", thousand, 0.0035},
		"of what the model becomes":               {routex.Channel{Type: routex.TypeOpenAI, ModelMap: map[string]string{"gpt-4o": "gpt-4o-mini"}}, nil, "gpt-4o", thousand, 0.00021},
		"nothing used":                            {routex.Channel{Type: routex.TypeOpenAI}, nil, "gpt-4o", `{"prompt_tokens":0,"completion_tokens":0}`, 0},
		"nothing used of a model without a price": {routex.Channel{Type: routex.TypeOpenAI}, nil, "nobody-knows", `{"prompt_tokens":0,"completion_tokens":0}`, 0},
		"a long call": {
			routex.Channel{Type: routex.TypeOpenAI},
			nil, "gpt-5.4", `{"prompt_tokens":300000,"completion_tokens":1000,"prompt_tokens_details":{"cached_tokens":100000}}`,
			(200_000*5 + 100_000*0.5 + 1000*22.5) / 1e6,
		},
		"the channel's own price":                   {routex.Channel{Type: routex.TypeOpenAI, Prices: own}, nil, "gpt-4o", thousand, 0.0011},
		"the list's, where the channel has none":    {routex.Channel{Type: routex.TypeOpenAI, Prices: own}, nil, "gpt-5", thousand, 0.00225},
		"the channel's before the host's":           {routex.Channel{Type: routex.TypeOpenAI, Prices: own}, priced(t, "gpt-4o", 9, 9), "gpt-4o", thousand, 0.0011},
		"by the caller's name for the model":        {routex.Channel{Type: routex.TypeOpenAI, Prices: own, ModelMap: map[string]string{"gpt-4x": "secret"}}, nil, "gpt-4x", thousand, 0.0011},
		"the host's":                                {routex.Channel{Type: routex.TypeOpenAI}, priced(t, "gpt-4o", 9, 9), "gpt-4o", thousand, 0.0099},
		"a table that says nothing":                 {routex.Channel{Type: routex.TypeOpenAI}, new(prices.Table), "gpt-4o", thousand, unknownCost},
		"a model that nobody knows":                 {routex.Channel{Type: routex.TypeOpenAI}, nil, "my-finetune", thousand, unknownCost},
		"a server of one's own with a model's name": {routex.Channel{Type: routex.TypeCustom, API: routex.APIChat, BaseURL: "http://localhost:11434"}, nil, "gpt-4o", thousand, unknownCost},
		"a server of one's own that the host knows": {routex.Channel{Type: routex.TypeCustom, API: routex.APIChat, BaseURL: "http://localhost:11434"}, priced(t, "gpt-4o", 9, 9), "gpt-4o", thousand, 0.0099},
		"a provider known by its address":           {routex.Channel{Type: routex.TypeCustom, API: routex.APIChat, BaseURL: "https://api.groq.com/openai"}, nil, "llama-3.1-8b-instant", thousand, 0.000058},
		"by its address rather than its type":       {routex.Channel{Type: routex.TypeOpenAI, BaseURL: "https://api.groq.com/openai"}, nil, "gpt-4o", thousand, unknownCost},
		"a deployment whose name says nothing":      {routex.Channel{Type: routex.TypeAzure, BaseURL: "https://r.openai.azure.com", APIVersion: "v1", Deployment: "prod"}, nil, "gpt-4o", thousand, 0.0035},
		"GLM in China, and what it costs elsewhere": {routex.Channel{Type: routex.TypeZhipu}, nil, "glm-4.7", thousand, (1000*0.276 + 100*1.103) / 1e6},
		"GLM elsewhere":                             {routex.Channel{Type: routex.TypeZhipu, BaseURL: "https://api.z.ai/api/paas/v4"}, nil, "glm-4.7", thousand, (1000*0.6 + 100*2.2) / 1e6},
		"a cache that was read":                     {routex.Channel{Type: routex.TypeOpenAI}, nil, "gpt-4o", `{"prompt_tokens":1000,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":1000}}`, 0.00125},
	} {
		t.Run(name, func(t *testing.T) {
			d := spend(t, tt.channel, tt.table, tt.model, tt.usage)
			if !d.Succeeded() {
				t.Fatalf("%s: %s", d.Class, d.Error)
			}
			if tt.want == unknownCost && d.Cost == nil || tt.want != unknownCost && costs(d, tt.want) {
				return
			}
			if d.Cost != nil {
				t.Errorf("it cost %v, want %v", *d.Cost, tt.want)
			} else {
				t.Errorf("nobody knows what it cost, want %v", tt.want)
			}
		})
	}
}

// An hour in the cache costs more than five minutes.
func TestCostOfACacheThatIsKeptForAnHour(t *testing.T) {
	w := anthropicWire()
	w.body = strings.Replace(w.body, `"m"`, `"claude-sonnet-4-5"`, 1)
	d := unaryAnswer(w, `{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,
		"usage":{"input_tokens":100,"cache_read_input_tokens":1000,"cache_creation_input_tokens":3000,"cache_creation":{"ephemeral_5m_input_tokens":1000,"ephemeral_1h_input_tokens":2000},"output_tokens":10}}`).replay(t, w)
	if want := (100*3 + 1000*0.3 + 1000*3.75 + 2000*6 + 10*15) / 1e6; !costs(d, want) {
		t.Errorf("it cost %v, want %v", d.Cost, want)
	}
}

// What nobody charges costs nothing; of what may be charged, and is not told,
// nobody knows.
func TestCostOfCallsThatFail(t *testing.T) {
	ask := func(t *testing.T, path, body string, base http.RoundTripper) *routex.Decision {
		t.Helper()
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{{Name: "a", Type: routex.TypeOpenAI, APIKey: "k", Models: []string{"gpt-4o"}}}, Base: base, MaxAttempts: 1})
		ctx, rec := routex.WithRecord(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://x.test"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = readBody(t, resp)
		return rec.Decision()
	}
	refuses := roundTrip(func(*http.Request) (*http.Response, error) {
		return jsonResponse(400, `{"error":{"message":"no","type":"invalid_request_error"}}`), nil
	})
	const chat = "/v1/chat/completions"
	for name, d := range map[string]*routex.Decision{
		"no such model":         ask(t, chat, `{"model":"other","messages":[]}`, refuses),
		"refused by a provider": ask(t, chat, `{"model":"gpt-4o","messages":[]}`, refuses),
		"out of reach":          ask(t, chat, `{"model":"gpt-4o","messages":[]}`, roundTrip(func(*http.Request) (*http.Response, error) { return nil, errCut })),
		"a count of tokens":     ask(t, "/v1/messages/count_tokens", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`, refuses),
	} {
		if !costs(d, 0) {
			t.Errorf("%s: it cost %v", name, d.Cost)
		}
	}
	file := ask(t, "/v1/audio/speech", `{"model":"gpt-4o","input":"hi"}`, roundTrip(func(*http.Request) (*http.Response, error) { return jsonResponse(200, `{}`), nil }))
	if file.Cost != nil {
		t.Errorf("what is charged otherwise cost %v", *file.Cost)
	}
}

// A stream that is cut off costs what was reported so far, with the output that
// was seen, or else what is estimated.
func TestCostOfAStreamThatIsCutOff(t *testing.T) {
	rates := map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e6, Output: 1e4, CacheRead: new(1e5)}}} // 1, 0.01 and 0.1 a token
	for _, tt := range []struct {
		d     dialect
		usage transform.Usage
		known bool
		want  float64
	}{
		{anthropicDialect(), transform.Usage{Input: 7, CacheRead: 5, Output: 3}, true, 7 + 0.5 + 0.03},
		{chatDialect(), transform.Usage{Output: 3}, false, 0.03},
	} {
		for name, how := range map[string]func(*http.Response){
			"cut by the provider": func(r *http.Response) { _, _ = io.Copy(io.Discard, r.Body) },
			"left by the caller": func(r *http.Response) {
				for got := ""; !strings.Contains(got, "three"); {
					b := make([]byte, 512)
					n, err := r.Body.Read(b)
					if got += string(b[:n]); err != nil {
						t.Errorf("the answer ended early: %v", err)
						return
					}
				}
			},
		} {
			runInBubble(t, tt.d.name+" "+name, func(t *testing.T) {
				ch := tt.d.channel("a", "https://a.test")
				ch.Prices = rates
				steps := []any{tt.d.begin + strings.Join(tt.d.words[:3], ""), errCut}
				if name == "left by the caller" {
					steps[1] = forEver
				}
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: upstreams{"a.test": steps}, Rescue: routex.RescueOff})
				resp, rec := stream(t, tr, tt.d)
				how(resp)
				_ = resp.Body.Close()
				d, tt := rec.Decision(), tt
				if !tt.known { // the input is estimated from the length of the call
					tt.usage.Input = d.Usage.Input
					tt.want += float64(d.Usage.Input)
				}
				if d.Class == breaker.OK || d.Usage != tt.usage || d.UsageKnown != tt.known || !d.UsageEstimated || !costs(d, tt.want) {
					t.Errorf("%s: usage %+v (known: %v, estimated: %v), cost %v, want %+v, %v", d.Class, d.Usage, d.UsageKnown, d.UsageEstimated, d.Cost, tt.usage, tt.want)
				}
			})
		}
	}
}

// Who begins an answer that another goes on with charges for the beginning.
func TestCostOfAnAnswerThatIsRescued(t *testing.T) {
	runInBubble(t, "", func(t *testing.T) {
		a, b := at("a", anthropicWire()), at("b", chatWire())
		a.change = func(c *routex.Channel) {
			c.Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e6, Output: 1e4}}} // 1 and 0.01 a token
		}
		b.change = func(c *routex.Channel) {
			c.Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e8, Output: 1e8}}} // 100 a token
		}
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b).hear(anthropicWire())
		if !h.whole() || h.tried() != "a b" {
			t.Fatalf("%s\n%+v", h.raw, h.d)
		}
		if want := 9 + 0.07 + 900 + 1200; h.d.Usage.Input != 9 || h.d.Usage.Output != 12 || !costs(h.d, want) {
			t.Errorf("usage %+v, cost %v, want %v", h.d.Usage, *h.d.Cost, want)
		}
	})
}

// Who was asked in vain to go on charges for what it said, and who began the
// answer charges only once.
func TestCostOfAnAnswerThatNobodyGoesOnWith(t *testing.T) {
	runInBubble(t, "", func(t *testing.T) {
		a, b := at("a", anthropicWire()), at("b", anthropicWire(), saying(routextest.Answer{Text: "1 2 3 4", Usage: routextest.Usage{Input: 9, Output: 4}}))
		a.change = func(c *routex.Channel) {
			c.Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e6, Output: 1e4}}} // 1 and 0.01 a token
		}
		b.change = func(c *routex.Channel) {
			c.Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e8}}} // 100 a token
		}
		a.Fail(overloadAfter(7))
		h := newLab(t, routex.Config{}, a, b).hear(anthropicWire())
		if !h.broke() || h.tried() != "a b" {
			t.Fatalf("%s\n%+v", h.raw, h.d)
		}
		if want := 9 + 0.07 + 900; !costs(h.d, want) {
			t.Errorf("usage %+v, cost %v, want %v", h.d.Usage, *h.d.Cost, want)
		}
	})
}

// What a failed attempt has used does not stand for what the next has not told.
func TestUsageOfAFailedAttemptIsNotThatOfTheNext(t *testing.T) {
	failed := `{"id":"r","object":"response","status":"failed","error":{"code":"server_error","message":"no"},"output":[],"usage":{"input_tokens":1000,"output_tokens":10}}`
	whole := `{"id":"r","object":"response","created_at":1,"status":"completed","model":"m","output":[{"type":"message","id":"i","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}]%s}`
	for usage, want := range map[string]float64{"": unknownCost, `,"usage":{"input_tokens":500,"output_tokens":0}`: 1500 + 10} {
		answers := []string{failed, fmt.Sprintf(whole, usage)}
		base := roundTrip(func(*http.Request) (*http.Response, error) {
			answer := answers[0]
			answers = answers[1:]
			return jsonResponse(200, answer), nil
		})
		channels := []routex.Channel{responsesWire().at("a", "https://a.test"), responsesWire().at("b", "https://b.test")}
		for i := range channels {
			channels[i].Priority = i
			channels[i].Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1e6, Output: 1e6}}}
		}
		tr := newTransport(t, routex.Config{Channels: channels, Base: base})
		req, _ := newCall(t, "https://x.test/v1/responses", responsesWire().unary().body)
		ctx, rec := routex.WithRecord(req.Context())
		resp, err := tr.RoundTrip(req.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		_ = readBody(t, resp)
		d := rec.Decision()
		if !d.Succeeded() || len(d.Attempts) != 2 || d.Usage.Input == 1000 {
			t.Errorf("usage %+v, %+v", d.Usage, d)
		}
		if want == unknownCost {
			if d.UsageKnown {
				t.Errorf("usage %+v is said to be known", d.Usage)
			}
			continue
		}
		if !costs(d, want) {
			t.Errorf("it cost %v, want %v", d.Cost, want)
		}
	}
}

func TestPricesWithMistakesAreRefused(t *testing.T) {
	_, err := routex.New(routex.Config{Channels: []routex.Channel{{
		Name: "a", Type: routex.TypeOpenAI,
		Prices: map[string]prices.Price{"": {}, "m": {Rates: prices.Rates{Input: -1, CacheRead: new(-2.0)}, Long: []prices.Tier{{}}}},
	}}})
	for _, want := range []string{`Channels[0].Prices[""]`, `Channels[0].Prices["m"].input`, `Channels[0].Prices["m"].cacheRead`, `Channels[0].Prices["m"].long[0].above`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named by %v", want, err)
		}
	}
}
