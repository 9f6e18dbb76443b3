package routex_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// A recording is what a provider answered.
type recording struct {
	name   string
	wire   wire // the provider's
	stream bool
	body   string
}

// replay gives the recording to a caller.
func (r recording) replay(t *testing.T, caller wire) *routex.Decision {
	t.Helper()
	if !r.stream && !strings.HasSuffix(r.wire.path, "/embeddings") {
		caller = caller.unary()
	}
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		kind := "application/json"
		if r.stream {
			kind = "text/event-stream"
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(r.body)), ContentLength: -1, Request: req}, nil
	})
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{r.wire.at("a", "https://a.test")}, Base: base, Rescue: routex.RescueOff, MaxAttempts: 1,
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://caller.test"+caller.path, strings.NewReader(caller.body))
	if err != nil {
		t.Fatal(err)
	}
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return rec.Decision()
}

// sse makes a stream of events. Those of Chat end with a mark.
func sse(w wire, events ...string) recording {
	var b strings.Builder
	for _, data := range events {
		b.WriteString("data: " + data + "\n\n")
	}
	if w.name == "chat" {
		b.WriteString("data: [DONE]\n\n")
	}
	return recording{wire: w, stream: true, body: b.String()}
}

func unaryAnswer(w wire, body string) recording { return recording{wire: w, body: body} }

// Each provider counts in its own way. All of them are told in one, for callers
// of every protocol.
func TestUsageOfEveryConvention(t *testing.T) {
	const (
		chatChunk = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}`
		chatStop  = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
		deltas    = `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`
		text      = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}`
		blockStop = `{"type":"content_block_stop","index":0}`
		stop      = `{"type":"message_stop"}`
	)
	start := func(usage string) string {
		return `{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":` + usage + `}}`
	}
	end := func(usage string) string {
		return `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":` + usage + `}`
	}
	message := func(usage string) recording {
		return unaryAnswer(anthropicWire(), `{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":`+usage+`}`)
	}
	completion := func(usage string) recording {
		return unaryAnswer(chatWire(), `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":`+usage+`}`)
	}
	chunkWith := func(usage string) string {
		return `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":` + usage + `}`
	}
	response := func(usage string) string {
		return `{"id":"r","object":"response","created_at":1,"status":"completed","model":"m","output":[{"type":"message","id":"i","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":` + usage + `}`
	}
	gemini := func(stop, usage string) string {
		return `{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]}` + stop + `}],"usageMetadata":` + usage + `,"modelVersion":"m","responseId":"g"}`
	}
	const geminiStop = `,"finishReason":"STOP"`

	tests := map[string]struct {
		answer recording
		want   transform.Usage
	}{
		"Anthropic: caches are told apart": {
			message(`{"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":2000,"output_tokens":7}`),
			transform.Usage{Input: 10, CacheRead: 2000, CacheWrite: 300, Output: 7},
		},
		"Anthropic: five minutes and an hour": {
			message(`{"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":7}`),
			transform.Usage{Input: 10, CacheWrite: 300, CacheWriteHour: 200, Output: 7},
		},
		"Anthropic: only the parts of what was written": {
			message(`{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":7}`),
			transform.Usage{Input: 10, CacheWrite: 300, CacheWriteHour: 200, Output: 7},
		},
		"Anthropic: thinking is a part of the output": {
			message(`{"input_tokens":10,"output_tokens":70,"output_tokens_details":{"thinking_tokens":60}}`),
			transform.Usage{Input: 10, Output: 70, Reasoning: 60},
		},
		"Anthropic: the end supersedes the start, and adds nothing to it": {
			sse(anthropicWire(), start(`{"input_tokens":43,"cache_creation_input_tokens":5,"cache_read_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":5},"output_tokens":1}`), deltas, text, blockStop, end(`{"input_tokens":61,"output_tokens":9}`), stop),
			transform.Usage{Input: 61, CacheRead: 6, CacheWrite: 5, CacheWriteHour: 5, Output: 9},
		},
		"Anthropic: null at the end says nothing": {
			sse(anthropicWire(), start(`{"input_tokens":43,"cache_read_input_tokens":6,"output_tokens":1}`), deltas, text, blockStop, end(`{"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":9}`), stop),
			transform.Usage{Input: 43, CacheRead: 6, Output: 9},
		},
		"Anthropic: nothing at the start, all at the end": {
			sse(anthropicWire(), start(`{"input_tokens":0,"output_tokens":0}`), deltas, text, blockStop, end(`{"input_tokens":70,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,"output_tokens":9}`), stop),
			transform.Usage{Input: 70, CacheRead: 20, CacheWrite: 30, Output: 9},
		},
		"Chat: the prompt includes the cache, the completion the reasoning": {
			completion(`{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":900,"audio_tokens":20},"completion_tokens_details":{"reasoning_tokens":40,"audio_tokens":3,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`),
			transform.Usage{Input: 100, CacheRead: 900, Output: 50, Reasoning: 40},
		},
		"Chat: what was written to a cache": {
			completion(`{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":200,"cache_write_tokens":700}}`),
			transform.Usage{Input: 100, CacheRead: 200, CacheWrite: 700, Output: 50},
		},
		"Chat: more read from the cache than there was": {
			completion(`{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":99}}`),
			transform.Usage{CacheRead: 10, Output: 5},
		},
		"Chat: in a last chunk without choices": {
			sse(chatWire(), chatChunk, chatStop, chunkWith(`{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}`)),
			transform.Usage{Input: 11, Output: 3},
		},
		"Chat: null in every chunk before": {
			sse(chatWire(), strings.Replace(chatChunk, `"model":"m"`, `"model":"m","usage":null`, 1), chatStop, chunkWith(`{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}`)),
			transform.Usage{Input: 11, Output: 3},
		},
		"Chat: cumulative in every chunk, as xAI has it": {
			sse(chatWire(), strings.Replace(chatChunk, `"model":"m"`, `"model":"m","usage":{"prompt_tokens":11,"completion_tokens":1,"total_tokens":12}`, 1), chatStop, chunkWith(`{"prompt_tokens":11,"completion_tokens":3,"total_tokens":24,"completion_tokens_details":{"reasoning_tokens":10}}`)),
			transform.Usage{Input: 11, Output: 13, Reasoning: 10},
		},
		"Chat: on the chunk that finishes, as DeepSeek has it": {
			sse(chatWire(), chatChunk, strings.Replace(chatStop, `"model":"m"`, `"model":"m","usage":{"prompt_tokens":30,"completion_tokens":3,"total_tokens":33,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":10}`, 1)),
			transform.Usage{Input: 10, CacheRead: 20, Output: 3},
		},
		"Chat: in a place of its own, as Groq has it": {
			sse(chatWire(), chatChunk, strings.Replace(chatStop, `"model":"m"`, `"model":"m","x_groq":{"usage":{"prompt_tokens":30,"completion_tokens":3,"total_tokens":33}}`, 1)),
			transform.Usage{Input: 30, Output: 3},
		},
		"Responses: caches and reasoning": {
			unaryAnswer(responsesWire(), response(`{"input_tokens":1000,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":100},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":40},"total_tokens":1050}`)),
			transform.Usage{Input: 300, CacheRead: 600, CacheWrite: 100, Output: 50, Reasoning: 40},
		},
		"Responses: in the event that completes": {
			sse(responsesWire(), `{"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","status":"in_progress","model":"m","output":[],"usage":null}}`,
				`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"i","role":"assistant","status":"in_progress","content":[]}}`,
				`{"type":"response.output_text.delta","sequence_number":2,"item_id":"i","output_index":0,"content_index":0,"delta":"hi"}`,
				`{"type":"response.completed","sequence_number":3,"response":`+response(`{"input_tokens":1000,"input_tokens_details":{"cached_tokens":600},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":40},"total_tokens":1050}`)+`}`),
			transform.Usage{Input: 400, CacheRead: 600, Output: 50, Reasoning: 40},
		},
		"Gemini: thoughts beside the answer, the cache in the prompt": {
			unaryAnswer(geminiWire(), gemini(geminiStop, `{"promptTokenCount":1000,"cachedContentTokenCount":900,"candidatesTokenCount":10,"thoughtsTokenCount":40,"totalTokenCount":1050,"promptTokensDetails":[{"modality":"TEXT","tokenCount":980},{"modality":"AUDIO","tokenCount":20}],"cacheTokensDetails":[{"modality":"TEXT","tokenCount":900}]}`)),
			transform.Usage{Input: 100, CacheRead: 900, Output: 50, Reasoning: 40},
		},
		"Gemini: what tools have put into the prompt": {
			unaryAnswer(geminiWire(), gemini(geminiStop, `{"promptTokenCount":100,"toolUsePromptTokenCount":30,"candidatesTokenCount":10,"totalTokenCount":140}`)),
			transform.Usage{Input: 130, Output: 10},
		},
		"Gemini: cumulative in every chunk": {
			sse(geminiWire(), gemini("", `{"promptTokenCount":100,"candidatesTokenCount":2,"totalTokenCount":102}`), gemini("", `{"trafficType":"ON_DEMAND"}`), gemini(geminiStop, `{"promptTokenCount":100,"candidatesTokenCount":9,"thoughtsTokenCount":4,"totalTokenCount":113}`)),
			transform.Usage{Input: 100, Output: 13, Reasoning: 4},
		},
	}
	for name, tt := range tests {
		for _, caller := range wires() {
			t.Run(name+", for "+caller.name, func(t *testing.T) {
				d := tt.answer.replay(t, caller)
				if !d.Succeeded() || !d.UsageKnown || d.UsageEstimated || d.Usage != tt.want {
					t.Errorf("usage %+v (known: %v, estimated: %v), want %+v; %s", d.Usage, d.UsageKnown, d.UsageEstimated, tt.want, d.Error)
				}
			})
		}
	}
}

// A provider that tells nothing is not taken for one that tells of nothing.
func TestUsageThatNobodyTells(t *testing.T) {
	d := unaryAnswer(chatWire(), `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`).replay(t, chatWire())
	if !d.Succeeded() || d.UsageKnown || d.Usage != (transform.Usage{}) || d.Cost != nil {
		t.Errorf("usage %+v (known: %v), cost %v", d.Usage, d.UsageKnown, d.Cost)
	}
}

// The end of an answer that is not read tells what completions of old have used.
func TestUsageOfCompletionsOfOld(t *testing.T) {
	w := chatWire()
	w.path, w.body = "/v1/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":"count","stream":true}`
	long := `{"id":"c","object":"text_completion","choices":[{"text":"` + strings.Repeat(`\"usage\": {} `, 2000) + `","index":0,"finish_reason":null}],"usage":null}`
	last := `{"id":"c","object":"text_completion","choices":[],"usage" : {"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}`
	for name, r := range map[string]recording{
		"a stream":     sse(w, long, last),
		"whole":        {wire: w, stream: true, body: strings.Replace(long, `"usage":null}`, `"usage":{"prompt_tokens":1000,"completion_tokens":100},"system_fingerprint":"f"}`, 1)},
		"and no usage": {wire: w, stream: true, body: long},
	} {
		d := r.replay(t, w)
		if name == "and no usage" {
			if d.UsageKnown || d.Cost != nil {
				t.Errorf("%s: usage %+v, cost %v", name, d.Usage, d.Cost)
			}
			continue
		}
		if want := (transform.Usage{Input: 1000, Output: 100}); !d.Succeeded() || !d.UsageKnown || d.Usage != want || d.Cost == nil || *d.Cost != 0.0017 {
			t.Errorf("%s: usage %+v (known: %v), cost %v, want %+v", name, d.Usage, d.UsageKnown, d.Cost, want)
		}
	}
}
