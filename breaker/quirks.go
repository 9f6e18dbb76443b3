package breaker

import "slices"

// A verdict is what [Classify] finds.
type verdict struct {
	class  Class
	reason Reason
}

// statuses are those in which some words mean something; none means all.
type statuses []int

func (s statuses) has(status int) bool { return len(s) == 0 || slices.Contains(s, status) }

// A quirk is words of a message, in lower case, and what they mean.
type quirk struct {
	in    statuses
	words string
	verdict
}

// codes are types and codes that mean the same under every status.
var codes = map[string]verdict{
	// The provider has too much to do: Anthropic, OpenAI, Google, Moonshot.
	"overloaded_error":        {Overload, ""},
	"overloaded":              {Overload, ""},
	"server_is_overloaded":    {Overload, ""},
	"slow_down":               {Overload, ""},
	"service_unavailable":     {Overload, ""},
	"engine_overloaded":       {Overload, ""},
	"engine_overloaded_error": {Overload, ""},
	"UNAVAILABLE":             {Overload, ""},

	// A limit that is over soon: Anthropic, OpenAI, Google, Azure, Mistral, AWS.
	"rate_limit":                     {Rate, ""},
	"rate_limit_error":               {Rate, ""},
	"rate_limit_exceeded":            {Rate, ""},
	"rate_limit_reached_error":       {Rate, ""},
	"rate_limited":                   {Rate, ""},
	"too_many_requests":              {Rate, ""},
	"requests":                       {Rate, ""},
	"tokens":                         {Rate, ""},
	"RESOURCE_EXHAUSTED":             {Rate, ""},
	"RateLimitReached":               {Rate, ""},
	"service_tier_capacity_exceeded": {Rate, ""},
	"ThrottlingException":            {Rate, ""},

	// No money or no plan: OpenAI, Anthropic, Moonshot, DashScope, one-api.
	"insufficient_quota":           {Credential, Quota},
	"MALFORMED_FUNCTION_CALL":      {Server, MalformedCall}, // these five: how an answer of Gemini's ended
	"UNEXPECTED_TOOL_CALL":         {Server, MalformedCall},
	"TOO_MANY_TOOL_CALLS":          {Server, MalformedCall},
	"MALFORMED_RESPONSE":           {Server, MalformedCall},
	"MISSING_THOUGHT_SIGNATURE":    {Server, MalformedCall},
	"billing_error":                {Credential, Quota},
	"billing_not_active":           {Credential, Quota},
	"billing_hard_limit_reached":   {Credential, Quota},
	"exceeded_current_quota_error": {Credential, Quota},
	"insufficient_user_quota":      {Credential, Quota},
	"insufficient_balance":         {Credential, Quota},
	"usage_limit_reached":          {Credential, Quota},
	"quota_exceeded":               {Credential, Quota},
	"Arrearage":                    {Credential, Quota},

	// A key that is good for nothing: OpenAI, Anthropic, Google, Moonshot, DashScope.
	"invalid_api_key":              {Credential, KeyInvalid},
	"authentication_error":         {Credential, KeyInvalid},
	"invalid_authentication_error": {Credential, KeyInvalid},
	"incorrect_api_key_error":      {Credential, KeyInvalid},
	"account_deactivated":          {Credential, KeyInvalid},
	"UNAUTHENTICATED":              {Credential, KeyInvalid},
	"API_KEY_INVALID":              {Credential, KeyInvalid},
	"InvalidApiKey":                {Credential, KeyInvalid},

	// A key that is not good for this.
	"permission_error":                     {Credential, Permission},
	"permission_denied":                    {Credential, Permission},
	"permission_denied_error":              {Credential, Permission},
	"PERMISSION_DENIED":                    {Credential, Permission},
	"unsupported_country_region_territory": {Credential, Permission},

	// Too long: OpenAI and Azure, GitHub, llama.cpp.
	"context_length_exceeded":          {Caller, ContextLength},
	"context_window_exceeded":          {Caller, ContextLength},
	"model_max_prompt_tokens_exceeded": {Caller, ContextLength},
	"tokens_limit_reached":             {Caller, ContextLength},
	"exceed_context_size_error":        {Caller, ContextLength},

	// Not allowed there: OpenAI, Azure, Google, DashScope.
	"content_policy_violation":       {Caller, ContentPolicy},
	"image_content_policy_violation": {Caller, ContentPolicy},
	"cyber_policy_violation":         {Caller, ContentPolicy},
	"content_filter":                 {Caller, ContentPolicy},
	"moderation_blocked":             {Caller, ContentPolicy},
	"ResponsibleAIPolicyViolation":   {Caller, ContentPolicy},
	"PROHIBITED_CONTENT":             {Caller, ContentPolicy},
	"SAFETY":                         {Caller, ContentPolicy},
	"data_inspection_failed":         {Caller, ContentPolicy},
	"DataInspectionFailed":           {Caller, ContentPolicy},

	// A model that this channel does not have: OpenAI, Azure, Mistral, GitHub.
	"model_not_found":       {Caller, UnknownModel},
	"model_not_supported":   {Caller, UnknownModel},
	"invalid_model":         {Caller, UnknownModel},
	"unknown_model":         {Caller, UnknownModel},
	"ModelNotFound":         {Caller, UnknownModel},
	"DeploymentNotFound":    {Caller, UnknownModel},
	"OperationNotSupported": {Caller, UnknownModel},
}

// zhipu are the numbers by which Zhipu names its errors, most of them under the
// status 400 or 429.
var zhipu = map[string]verdict{
	"1000": {Credential, KeyInvalid}, "1001": {Credential, KeyInvalid}, "1002": {Credential, KeyInvalid},
	"1003": {Credential, KeyInvalid}, "1004": {Credential, KeyInvalid},
	"1110": {Credential, KeyInvalid}, "1111": {Credential, KeyInvalid}, // no active account
	"1112": {Credential, KeyInvalid}, "1121": {Credential, KeyInvalid}, // a locked one
	"1113": {Credential, Quota}, "1309": {Credential, Quota}, // no money, no plan
	"1304": {Credential, Quota}, "1308": {Credential, Quota}, "1310": {Credential, Quota}, // of the day, of hours, of the week
	"1220": {Credential, Permission}, "1311": {Credential, Permission},
	"1261": {Caller, ContextLength},
	"1300": {Caller, ContentPolicy}, "1301": {Caller, ContentPolicy},
	"1211": {Caller, UnknownModel},
	"1302": {Rate, ""}, "1303": {Rate, ""}, "1313": {Rate, ""},
	"1305": {Overload, ""}, "1312": {Overload, ""},
	"1120": {Server, ""}, "1200": {Server, ""}, "1230": {Server, ""}, "1234": {Server, ""},
	"1231": {Conflict, ""},
}

// inAnswer are the statuses of types that come inside of good answers and say
// no more than a status would.
var inAnswer = map[string]int{
	"invalid_request_error": 400, "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400,
	"invalid_prompt": 400, "string_above_max_length": 400,
	"not_found_error": 404, "NOT_FOUND": 404,
	"conflict_error": 409, "conflict": 409, "ABORTED": 409,
	"request_too_large": 413,
	"timeout_error":     504, "timeout": 504, "DEADLINE_EXCEEDED": 504,
}

// Where the words of messages are looked for: a bad request in the widest
// sense, and the status that an error without any gets.
var (
	tooLong = statuses{400, 413, 422, 500}
	refused = statuses{400, 422, 500}
	missing = statuses{400, 404, 422, 500}
	keyless = statuses{400, 403, 429, 500}
)

// openings are beginnings of messages. Only there are words believed that blame
// the key: a message may quote what the caller wrote, and no caller may have
// the keys of a channel withdrawn.
var openings = []quirk{
	// Anthropic and xAI send these as bad requests, Google as a rate limit.
	{keyless, "your credit balance is too low", verdict{Credential, Quota}},
	{keyless, "you have reached your specified api usage limits", verdict{Credential, Quota}},
	{keyless, "you have reached your specified workspace api usage limits", verdict{Credential, Quota}},
	{keyless, "your prepayment credits are depleted", verdict{Credential, Quota}},
	{keyless, "your project has exceeded its monthly spending cap", verdict{Credential, Quota}},
	{keyless, "your team has either used all available credits", verdict{Credential, Quota}},
	{keyless, "your account is not active, please check your billing", verdict{Credential, Quota}},
	{keyless, "insufficient balance", verdict{Credential, Quota}},
	{keyless, "sorry, your account balance is insufficient", verdict{Credential, Quota}},
	{keyless, "api key not valid", verdict{Credential, KeyInvalid}},
	{keyless, "api key expired", verdict{Credential, KeyInvalid}},
	{keyless, "api key not found", verdict{Credential, KeyInvalid}},
	{keyless, "incorrect api key provided", verdict{Credential, KeyInvalid}},
	{keyless, "invalid api key", verdict{Credential, KeyInvalid}},
	{keyless, "this organization has been disabled", verdict{Credential, KeyInvalid}},
	{keyless, "user location is not supported", verdict{Credential, Permission}},

	{statuses{403, 500, 502}, "rate limit", verdict{Rate, ""}},
	{statuses{500, 502}, "too many requests", verdict{Rate, ""}},
	{statuses{429, 500, 502}, "overloaded", verdict{Overload, ""}},
	{statuses{429, 500, 502}, "the engine is currently overloaded", verdict{Overload, ""}},
	{statuses{404}, "no endpoints found", verdict{Caller, UnknownModel}}, // OpenRouter
}

// phrases are words anywhere in a message. They only ever blame the call.
var phrases = []quirk{
	{tooLong, "context_length_exceeded", verdict{Caller, ContextLength}},
	{tooLong, "context length exceeded", verdict{Caller, ContextLength}},
	{tooLong, "maximum context length", verdict{Caller, ContextLength}},                       // OpenAI, DeepSeek, Mistral, vLLM, OpenRouter
	{tooLong, "maximum context limit", verdict{Caller, ContextLength}},                        // DashScope
	{tooLong, "exceeds the context window", verdict{Caller, ContextLength}},                   // OpenAI
	{tooLong, "input tokens exceed the configured limit", verdict{Caller, ContextLength}},     // OpenAI
	{tooLong, "prompt is too long", verdict{Caller, ContextLength}},                           // Anthropic
	{tooLong, "exceed context limit", verdict{Caller, ContextLength}},                         // Anthropic, with max_tokens
	{tooLong, "long context beta is not yet available", verdict{Caller, ContextLength}},       // Anthropic
	{tooLong, "input is too long for requested model", verdict{Caller, ContextLength}},        // Bedrock
	{tooLong, "exceeds the maximum number of tokens allowed", verdict{Caller, ContextLength}}, // Google
	{tooLong, "but model only supports up to", verdict{Caller, ContextLength}},                // Vertex
	{tooLong, "prompt exceeds max length", verdict{Caller, ContextLength}},                    // Zhipu
	{tooLong, "maximum prompt length is", verdict{Caller, ContextLength}},                     // xAI
	{tooLong, "reduce the length of the messages", verdict{Caller, ContextLength}},            // Groq
	{tooLong, "while limit is", verdict{Caller, ContextLength}},                               // Cerebras
	{tooLong, "context window exceeds limit", verdict{Caller, ContextLength}},                 // MiniMax
	{tooLong, "exceeded model token limit", verdict{Caller, ContextLength}},                   // Moonshot
	{tooLong, "range of input length should be", verdict{Caller, ContextLength}},              // DashScope
	{tooLong, "prompt token count of", verdict{Caller, ContextLength}},                        // GitHub
	{tooLong, "too many tokens", verdict{Caller, ContextLength}},                              // Cohere
	{tooLong, "exceeds the available context size", verdict{Caller, ContextLength}},           // llama.cpp
	{tooLong, "greater than the context length", verdict{Caller, ContextLength}},              // LM Studio
	{tooLong, "is longer than the model's context length", verdict{Caller, ContextLength}},    // SGLang
	{tooLong, "`inputs` tokens + `max_new_tokens` must be", verdict{Caller, ContextLength}},   // TGI

	{refused, "content filtering policy", verdict{Caller, ContentPolicy}},                     // Anthropic
	{refused, "content management policy", verdict{Caller, ContentPolicy}},                    // Azure
	{refused, "content_policy_violation", verdict{Caller, ContentPolicy}},                     // what others tell of OpenAI
	{refused, "our usage policy", verdict{Caller, ContentPolicy}},                             // OpenAI, Anthropic
	{refused, "our safety system", verdict{Caller, ContentPolicy}},                            // OpenAI's images
	{refused, "prohibited_content", verdict{Caller, ContentPolicy}},                           // Google
	{refused, "prohibited use policy", verdict{Caller, ContentPolicy}},                        // Google
	{refused, "content exists risk", verdict{Caller, ContentPolicy}},                          // DeepSeek
	{refused, "may contain inappropriate content", verdict{Caller, ContentPolicy}},            // DashScope
	{statuses{403}, "your input was flagged", verdict{Caller, ContentPolicy}},                 // OpenRouter
	{statuses{400, 403}, "content violates usage guidelines", verdict{Caller, ContentPolicy}}, // xAI

	{missing, "is not found for api version", verdict{Caller, UnknownModel}}, // Google
	{missing, "model not exist", verdict{Caller, UnknownModel}},              // DeepSeek, DashScope
	{missing, "not a valid model id", verdict{Caller, UnknownModel}},         // OpenRouter
	{statuses{404}, "model", verdict{Caller, UnknownModel}},                  // everybody
	{statuses{404}, "deployment", verdict{Caller, UnknownModel}},             // Azure
}
