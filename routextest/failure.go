package routextest

import (
	"net/http"
	"time"
)

// Codes of a [Fault] that every protocol tells in its own way: with the status,
// the type, the code and the words of its real provider.
const (
	ContextTooLong = "the context is too long"
	// ContentBlocked is told by Gemini in an answer with status 200 that has no
	// content but a block reason, unless the fault has a status.
	ContentBlocked = "the content is blocked"
	QuotaExhausted = "the quota is exhausted" // what was paid for, or is free, is used up
	KeyInvalid     = "the key is invalid"
	RateLimited    = "the rate is limited"
	Overloaded     = "the provider is overloaded"
)

// A failure is why a call has no answer, in the words of one protocol.
type failure struct {
	status  int
	kind    string // Anthropic's and OpenAI's type; "" follows from the status
	code    string // OpenAI's and Zhipu's code, Gemini's reason; "" follows from the status
	param   string // OpenAI's
	message string
	inner   string        // Azure's inner error, as JSON
	detail  string        // one of Gemini's details, as JSON
	wait    time.Duration // until another try, where the envelope tells it
}

// bad is a request that cannot be served as it is.
func bad(message string) failure {
	return failure{status: http.StatusBadRequest, message: message}
}

// failure is what the fault tells, with the usual status where it gives none.
func (f *Fault) failure(d dialect, c *Call, status, usual int) failure {
	out := d.known(f.Code, c)
	if out.message == "" {
		out.code = f.Code
	}
	out.message = firstOf(f.Message, out.message)
	switch {
	case status != 0:
		out.status = status
	case out.status == 0:
		out.status = usual
	}
	if out.message == "" {
		out.message = "the provider was told to fail with " + number(out.status)
	}
	out.wait = f.RetryAfter
	return out
}

func (anthropic) known(code string, c *Call) failure {
	switch code {
	case ContextTooLong:
		return bad("prompt is too long: 214315 tokens > 200000 maximum")
	case ContentBlocked:
		return bad("Output blocked by content filtering policy")
	case QuotaExhausted:
		if c.Header.Get("Anthropic-Version") == version2026 {
			return failure{status: http.StatusPaymentRequired, message: "Your credit balance is too low to access the Anthropic API."}
		}
		return bad("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.")
	case KeyInvalid:
		return anthropic{}.badKey("")
	case RateLimited:
		return failure{status: http.StatusTooManyRequests, message: "This request would exceed the rate limit for your organization of 50 requests per minute."}
	case Overloaded:
		return failure{status: 529, message: "Overloaded"}
	}
	return failure{}
}

func (d chat) known(code string, c *Call) failure {
	switch code {
	case ContextTooLong:
		return d.bad(failure{
			code: "context_length_exceeded", param: "messages",
			message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 214315 tokens. Please reduce the length of the messages.",
		}, "1261", "Prompt exceeds max length")
	case ContentBlocked:
		return d.blocked()
	case QuotaExhausted:
		f := d.bad(failure{
			kind: "insufficient_quota", code: "insufficient_quota",
			message: "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
		}, "1113", "Insufficient balance or no resource package. Please recharge.")
		f.status = http.StatusTooManyRequests
		return f
	case KeyInvalid:
		return d.badKey("")
	case RateLimited:
		f := d.bad(failure{
			kind: "requests", code: "rate_limit_exceeded",
			message: "Rate limit reached for " + c.Model + " in organization org-test on requests per min (RPM): Limit 500, Used 500, Requested 1.",
		}, "1302", "High concurrency usage of this API, please reduce concurrency or contact customer service to increase limits")
		f.status = http.StatusTooManyRequests
		return f
	case Overloaded:
		if d.flavor == zhipu {
			return failure{status: http.StatusTooManyRequests, code: "1305", message: "The API has triggered a rate limit: too many requests to this model at the moment"}
		}
		return failure{status: http.StatusServiceUnavailable, message: "The engine is currently overloaded, please try again later"}
	}
	return failure{}
}

// bad is what OpenAI says, or Zhipu with another code and other words.
func (f flavor) bad(of failure, zhipuCode, zhipuWords string) failure {
	of.status = http.StatusBadRequest
	if f == zhipu {
		of = failure{status: of.status, code: zhipuCode, message: zhipuWords}
	}
	return of
}

// blocked is how OpenAI, Azure and Zhipu refuse a content.
func (d chat) blocked() failure {
	if d.flavor == azure {
		return failure{
			status: http.StatusBadRequest, code: "content_filter", param: "prompt",
			message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
			inner:   `{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"}}}`,
		}
	}
	return d.bad(failure{
		code:    "content_policy_violation",
		message: "Your request was rejected as a result of our safety system. Your prompt may contain text that is not allowed by our safety system.",
	}, "1301", "System detected potentially unsafe or sensitive content in input or generation")
}

func (d responses) known(code string, c *Call) failure {
	f := chat{d.flavor}.known(code, c)
	switch {
	case code == ContextTooLong && d.flavor != zhipu:
		f.param, f.message = "input", "Your input exceeds the context window of this model. Please adjust your input and try again."
	case code == Overloaded && d.flavor != zhipu:
		f.code, f.message = "server_is_overloaded", "Our servers are currently overloaded. Please try again later."
	}
	return f
}

func (d gemini) known(code string, c *Call) failure {
	switch code {
	case ContextTooLong:
		return bad("The input token count (1214315) exceeds the maximum number of tokens allowed (1048576).")
	case ContentBlocked:
		return failure{status: http.StatusOK, message: "The prompt could not be submitted. It contains words that violate the policies on prohibited use."}
	case QuotaExhausted:
		return failure{
			status:  http.StatusTooManyRequests,
			message: "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
			detail:  d.quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", c),
		}
	case KeyInvalid:
		return d.badKey("wrong")
	case RateLimited:
		return failure{
			status:  http.StatusTooManyRequests,
			message: "Resource has been exhausted (e.g. check quota).",
			detail:  d.quota("GenerateRequestsPerMinutePerProjectPerModel", c),
		}
	case Overloaded:
		return failure{status: http.StatusServiceUnavailable, message: "The model is overloaded. Please try again later."}
	}
	return failure{}
}

// quota tells which limit was hit.
func (gemini) quota(id string, c *Call) string {
	return `{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_requests","quotaId":"` + id +
		`","quotaDimensions":{"location":"global","model":` + text(c.Model) + `}}]}`
}
