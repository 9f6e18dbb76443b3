package routex_test

import (
	"testing"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// What providers were seen to send, in their own envelopes.
func TestEveryProvidersErrorsAreOfTheRightClass(t *testing.T) {
	const a, c, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	for _, test := range []struct {
		name    string
		dialect transform.Dialect
		status  int
		body    string
		class   breaker.Class
		reason  breaker.Reason
	}{
		{"OpenAI: no money", c, 429, `{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, breaker.Credential, breaker.Quota},
		{"OpenAI: no money, as Responses", r, 429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, breaker.Credential, breaker.Quota},
		{"OpenAI: account not active", c, 429, `{"error":{"message":"Your account is not active, please check your billing details on our website.","type":"billing_not_active","param":null,"code":"billing_not_active"}}`, breaker.Credential, breaker.Quota},
		{"OpenAI: too fast", c, 429, `{"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`, breaker.Rate, ""},
		{"OpenAI: bad key", c, 401, `{"error":{"message":"Incorrect API key provided: sk-x.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`, breaker.Credential, breaker.KeyInvalid},
		{"OpenAI: too long", c, 400, `{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, breaker.Caller, breaker.ContextLength},
		{"OpenAI: too long, no code", r, 400, `{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input","code":null}}`, breaker.Caller, breaker.ContextLength},
		{"OpenAI: too long, amid a stream", r, 200, `{"status":"failed","error":{"code":"context_length_exceeded","message":"Your input exceeds the context window of this model."}}`, breaker.Caller, breaker.ContextLength},
		{"OpenAI: policy", c, 400, `{"error":{"message":"Your request was rejected as a result of our safety system.","type":"invalid_request_error","param":null,"code":"content_policy_violation"}}`, breaker.Caller, breaker.ContentPolicy},
		{"OpenAI: policy, by words", r, 400, `{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}`, breaker.Caller, breaker.ContentPolicy},
		{"OpenAI: unknown model", c, 404, `{"error":{"message":"The model x does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, breaker.Caller, breaker.UnknownModel},
		{"OpenAI: unknown model of the project", c, 403, `{"error":{"message":"Project x does not have access to model y","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, breaker.Caller, breaker.UnknownModel},
		{"OpenAI: country", c, 403, `{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}`, breaker.Credential, breaker.Permission},
		{"OpenAI: a value", c, 400, `{"error":{"message":"Invalid 'temperature'","type":"invalid_request_error","param":"temperature","code":"decimal_above_max_value"}}`, breaker.Caller, ""},
		{"OpenAI: a name too long", c, 400, `{"error":{"message":"Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64","type":"invalid_request_error","param":"tools[0]","code":"string_above_max_length"}}`, breaker.Caller, ""},
		{"OpenAI: unknown previous answer", r, 400, `{"error":{"message":"Previous response with id 'resp_1' not found.","type":"invalid_request_error","param":"previous_response_id","code":"previous_response_not_found"}}`, breaker.Caller, ""},
		{"OpenAI: overloaded, amid a stream", r, 200, `{"status":"failed","error":{"code":"server_is_overloaded","message":"Our servers are currently overloaded. Please try again later."}}`, breaker.Overload, ""},
		{"OpenAI: limited, amid a stream", r, 200, `{"type":"error","code":"rate_limit_exceeded","message":"Rate limit reached","param":null,"sequence_number":3}`, breaker.Rate, ""},
		{"OpenAI: failed, amid a stream", c, 200, `{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}`, breaker.Server, ""},
		{"OpenAI: down", c, 503, `{"error":{"message":"That model is currently overloaded with other requests.","type":"server_error","param":null,"code":null}}`, breaker.Overload, ""},

		{"Anthropic: no money", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}`, breaker.Credential, breaker.Quota},
		{"Anthropic: spending limit", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}`, breaker.Credential, breaker.Quota},
		{"Anthropic: billing", a, 402, `{"type":"error","error":{"type":"billing_error","message":"pay"}}`, breaker.Credential, breaker.Quota},
		{"Anthropic: disabled", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}`, breaker.Credential, breaker.KeyInvalid},
		{"Anthropic: bad key", a, 401, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`, breaker.Credential, breaker.KeyInvalid},
		{"Anthropic: permission", a, 403, `{"type":"error","error":{"type":"permission_error","message":"not for this model"}}`, breaker.Credential, breaker.Permission},
		{"Anthropic: too long", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"}}`, breaker.Caller, breaker.ContextLength},
		{"Anthropic: too long with the answer", a, 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again\"}}", breaker.Caller, breaker.ContextLength},
		{"Anthropic: too many bytes", a, 413, `{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}`, breaker.Caller, ""},
		{"Anthropic: policy", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}`, breaker.Caller, breaker.ContentPolicy},
		{"Anthropic: policy, amid a stream", a, 200, `{"type":"error","error":{"details":null,"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}`, breaker.Caller, breaker.ContentPolicy},
		{"Anthropic: unknown model", a, 404, `{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}`, breaker.Caller, breaker.UnknownModel},
		{"Anthropic: unknown model, amid a stream", a, 200, `{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}`, breaker.Caller, breaker.UnknownModel},
		{"Anthropic: unknown file", a, 404, `{"type":"error","error":{"type":"not_found_error","message":"File not found: file_1"}}`, breaker.Caller, ""},
		{"Anthropic: prefill", a, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"This model does not support assistant message prefill."}}`, breaker.Caller, ""},
		{"Anthropic: too fast", a, 429, `{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's rate limit."}}`, breaker.Rate, ""},
		{"Anthropic: overloaded", a, 529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, breaker.Overload, ""},
		{"Anthropic: overloaded as 500", a, 500, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, breaker.Overload, ""},
		{"Anthropic: overloaded, amid a stream", a, 200, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, breaker.Overload, ""},
		{"Anthropic: limited, amid a stream", a, 200, `{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`, breaker.Rate, ""},
		{"Anthropic: limited as 500", a, 500, `{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`, breaker.Rate, ""},
		{"Anthropic: timed out", a, 504, `{"type":"error","error":{"type":"timeout_error","message":"slow"}}`, breaker.Server, ""},

		{"Gemini: bad key", g, 400, `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`, breaker.Credential, breaker.KeyInvalid},
		{"Gemini: old key", g, 400, `{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}`, breaker.Credential, breaker.KeyInvalid},
		{"Gemini: bad key, as OpenAI", c, 400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, breaker.Credential, breaker.KeyInvalid},
		{"Gemini: country", g, 400, `{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}`, breaker.Credential, breaker.Permission},
		{"Gemini: permission", g, 403, `{"error":{"code":403,"message":"Permission denied on resource project x.","status":"PERMISSION_DENIED"}}`, breaker.Credential, breaker.Permission},
		{"Gemini: too long", g, 400, `{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`, breaker.Caller, breaker.ContextLength},
		{"Gemini: too long, in a stream that is an array", g, 400, `[{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).","errors":[{"message":"x","domain":"global","reason":"badRequest"}],"status":"INVALID_ARGUMENT"}}]`, breaker.Caller, breaker.ContextLength},
		{"Gemini: policy", g, 400, `{"error":{"code":400,"message":"The prompt was blocked: PROHIBITED_CONTENT","status":"INVALID_ARGUMENT"}}`, breaker.Caller, breaker.ContentPolicy},
		{"Gemini: unknown model", g, 404, `{"error":{"code":404,"message":"models/gemini-x is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}`, breaker.Caller, breaker.UnknownModel},
		{"Gemini: too fast", g, 429, `{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.\nPlease retry in 15.002899939s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"15s"}]}}`, breaker.Rate, ""},
		{"Gemini: no money", g, 429, `{"error":{"code":429,"message":"Your prepayment credits are depleted. Please go to AI Studio","status":"RESOURCE_EXHAUSTED"}}`, breaker.Credential, breaker.Quota},
		{"Gemini: overloaded", g, 503, `{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}`, breaker.Overload, ""},
		{"Gemini: overloaded, amid a stream", g, 200, `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`, breaker.Overload, ""},
		{"Gemini: limited, amid a stream", g, 200, `{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}`, breaker.Rate, ""},
		{"Gemini: timed out", g, 504, `{"error":{"code":504,"message":"Deadline expired","status":"DEADLINE_EXCEEDED"}}`, breaker.Server, ""},
		{"Gemini: failed", g, 500, `{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}`, breaker.Server, ""},
		{"Gemini: conflict", g, 409, `{"error":{"code":409,"message":"aborted","status":"ABORTED"}}`, breaker.Conflict, ""},

		{"Azure: unknown deployment", c, 404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, breaker.Caller, breaker.UnknownModel},
		{"Azure: bad key", c, 401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}`, breaker.Credential, breaker.KeyInvalid},
		{"Azure: policy", c, 400, `{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, breaker.Caller, breaker.ContentPolicy},
		{"Azure: policy, inner code only", c, 400, `{"error":{"message":"filtered","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, breaker.Caller, breaker.ContentPolicy},
		{"Azure: too long", c, 400, `{"error":{"message":"This model's maximum context length is 16385 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, breaker.Caller, breaker.ContextLength},
		{"Azure: wrong operation", c, 400, `{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the specified model, x."}}`, breaker.Caller, breaker.UnknownModel},
		{"Azure: too fast", c, 429, `{"error":{"code":"429","message":"Requests have exceeded call rate limit. Please retry after 6 seconds."}}`, breaker.Rate, ""},
		{"Azure: too fast, flat, in a good answer", c, 200, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 9 seconds."}`, breaker.Rate, ""},

		{"Zhipu: bad token", c, 401, `{"error":{"code":"1002","message":"Invalid Authentication Token"}}`, breaker.Credential, breaker.KeyInvalid},
		{"Zhipu: bad token as a bad request", c, 400, `{"error":{"code":"1000","message":"no"}}`, breaker.Credential, breaker.KeyInvalid},
		{"Zhipu: locked", c, 429, `{"error":{"code":"1112","message":"locked"}}`, breaker.Credential, breaker.KeyInvalid},
		{"Zhipu: no money", c, 429, `{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}`, breaker.Credential, breaker.Quota},
		{"Zhipu: the day's calls", c, 429, `{"error":{"code":"1304","message":"daily limit"}}`, breaker.Credential, breaker.Quota},
		{"Zhipu: the plan's hours", c, 429, `{"error":{"code":"1308","message":"Usage limit reached for 5 hour."}}`, breaker.Credential, breaker.Quota},
		{"Zhipu: the plan's week", c, 429, `{"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted"}}`, breaker.Credential, breaker.Quota},
		{"Zhipu: not in the plan", c, 429, `{"error":{"code":"1311","message":"no access to the model"}}`, breaker.Credential, breaker.Permission},
		{"Zhipu: too long", c, 400, `{"error":{"code":"1261","message":"Prompt too long"}}`, breaker.Caller, breaker.ContextLength},
		{"Zhipu: policy", c, 400, `{"error":{"code":"1301","message":"unsafe"}}`, breaker.Caller, breaker.ContentPolicy},
		{"Zhipu: unknown model", c, 400, `{"error":{"code":"1211","message":"Model does not exist"}}`, breaker.Caller, breaker.UnknownModel},
		{"Zhipu: too many at once", c, 429, `{"error":{"code":"1302","message":"High concurrency"}}`, breaker.Rate, ""},
		{"Zhipu: busy", c, 429, `{"error":{"code":"1305","message":"The service may be temporarily overloaded"}}`, breaker.Overload, ""},
		{"Zhipu: failed", c, 400, `{"error":{"code":"1234","message":"Network error"}}`, breaker.Server, ""},

		{"DeepSeek: no money", c, 402, `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`, breaker.Credential, breaker.Quota},
		{"DeepSeek: unknown model", c, 400, `{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`, breaker.Caller, breaker.UnknownModel},
		{"DeepSeek: policy", c, 400, `{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`, breaker.Caller, breaker.ContentPolicy},
		{"DeepSeek: too long", c, 400, `{"error":{"message":"This model's maximum context length is 65536 tokens. However, you requested 70000 tokens","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`, breaker.Caller, breaker.ContextLength},
		{"Mistral: too long", c, 400, `{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_message","param":null,"code":"3051"}`, breaker.Caller, breaker.ContextLength},
		{"Mistral: unknown model", c, 400, `{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}`, breaker.Caller, breaker.UnknownModel},
		{"vLLM: too long", c, 400, `{"object":"error","message":"This model's maximum context length is 16384 tokens. However, you requested 122946 tokens","type":"BadRequestError","param":null,"code":400}`, breaker.Caller, breaker.ContextLength},
		{"vLLM: unknown model", c, 404, `{"object":"error","message":"The model x does not exist.","type":"NotFoundError","param":null,"code":404}`, breaker.Caller, breaker.UnknownModel},
		{"llama.cpp: too long", c, 400, `{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error"}}`, breaker.Caller, breaker.ContextLength},
		{"Ollama: unknown model", c, 404, `{"error":"model 'x' not found, try pulling it first"}`, breaker.Caller, breaker.UnknownModel},
		{"xAI: bad key", c, 400, `{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."}`, breaker.Credential, breaker.KeyInvalid},
		{"xAI: too long", c, 400, `{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}`, breaker.Caller, breaker.ContextLength},
		{"xAI: policy", c, 403, `{"code":"The caller does not have permission","error":"Content violates usage guidelines. Team: x"}`, breaker.Caller, breaker.ContentPolicy},
		{"Moonshot: no money", c, 429, `{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}`, breaker.Credential, breaker.Quota},
		{"Moonshot: busy", c, 429, `{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}`, breaker.Overload, ""},
		{"Moonshot: too long", c, 400, `{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)","type":"invalid_request_error"}}`, breaker.Caller, breaker.ContextLength},
		{"OpenRouter: no credits", c, 402, `{"error":{"message":"Insufficient credits","code":402}}`, breaker.Credential, breaker.Quota},
		{"OpenRouter: policy", c, 403, `{"error":{"message":"openai/x requires moderation. Your input was flagged for \"violence\"","code":403,"metadata":{"reasons":["violence"]}}}`, breaker.Caller, breaker.ContentPolicy},
		{"OpenRouter: unknown model", c, 400, `{"error":{"message":"x is not a valid model ID","code":400}}`, breaker.Caller, breaker.UnknownModel},
		{"OpenRouter: nobody serves it so", c, 404, `{"error":{"message":"No endpoints found that support tool use.","code":404}}`, breaker.Caller, breaker.UnknownModel},
		{"OpenRouter: its provider is limited", c, 429, `{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"slow down"}}}`, breaker.Rate, ""},
		{"Groq: over the limit by itself", c, 413, `{"error":{"message":"Request too large for model x on tokens per minute (TPM): Limit 6000, Requested 9000","type":"tokens","code":"rate_limit_exceeded"}}`, breaker.Rate, ""},

		{"a proxy's page", c, 502, `<html><title>502 Bad Gateway</title>`, breaker.Server, ""},
		{"nothing", a, 403, ``, breaker.Credential, breaker.Permission},
		{"a caller's words quoted", c, 400, `{"error":{"message":"Invalid value: 'your credit balance is too low'","type":"invalid_request_error","code":"invalid_value"}}`, breaker.Caller, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := transform.ReadError(test.dialect, test.status, []byte(test.body))
			class, reason := breaker.Classify(breaker.Report{Status: e.Status, Type: e.Type, Code: e.Code, Message: e.Message})
			if class != test.class || reason != test.reason {
				t.Errorf("%q %q, want %q %q; read as %+v", class, reason, test.class, test.reason, *e)
			}
			// A status made up for an error that came without one is of the same class.
			if got := breaker.ClassOf(e.Status); test.status < 400 && got != test.class {
				t.Errorf("status %d, by which the caller judges it, is of class %q", e.Status, got)
			}
		})
	}
}
