package trace

// Names of attributes that OpenTelemetry's semantic conventions for generative
// AI define. They are those of spans and of metrics.
const (
	OperationName  = "gen_ai.operation.name"
	ProviderName   = "gen_ai.provider.name"
	ConversationID = "gen_ai.conversation.id"
	OutputType     = "gen_ai.output.type"

	RequestModel            = "gen_ai.request.model"
	RequestStream           = "gen_ai.request.stream"
	RequestChoiceCount      = "gen_ai.request.choice.count"
	RequestSeed             = "gen_ai.request.seed"
	RequestMaxTokens        = "gen_ai.request.max_tokens"
	RequestTemperature      = "gen_ai.request.temperature"
	RequestTopP             = "gen_ai.request.top_p"
	RequestTopK             = "gen_ai.request.top_k"
	RequestFrequencyPenalty = "gen_ai.request.frequency_penalty"
	RequestPresencePenalty  = "gen_ai.request.presence_penalty"
	RequestStopSequences    = "gen_ai.request.stop_sequences"

	ResponseID            = "gen_ai.response.id"
	ResponseModel         = "gen_ai.response.model"
	ResponseFinishReasons = "gen_ai.response.finish_reasons"
	TimeToFirstChunk      = "gen_ai.response.time_to_first_chunk" // seconds; of streams only

	InputTokens      = "gen_ai.usage.input_tokens" // those of the cache included
	OutputTokens     = "gen_ai.usage.output_tokens"
	CacheReadTokens  = "gen_ai.usage.cache_read.input_tokens"
	CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens"
	ReasoningTokens  = "gen_ai.usage.reasoning.output_tokens"

	// What was asked and answered, which a span has only where that is wanted.
	InputMessages      = "gen_ai.input.messages"
	OutputMessages     = "gen_ai.output.messages"
	SystemInstructions = "gen_ai.system_instructions"
	ToolDefinitions    = "gen_ai.tool.definitions"
)

// Names of attributes that OpenTelemetry's general conventions define.
const (
	ErrorType     = "error.type"
	ServerAddress = "server.address"
	ServerPort    = "server.port"
	HTTPStatus    = "http.response.status_code"
)

// Names of attributes for what the conventions lack.
const (
	Channel       = "routex.channel"       // its name
	ChannelID     = "routex.channel.id"    // of the same
	Rule          = "routex.rule"          // that chose the channel
	RuleID        = "routex.rule.id"       // of the same
	Attempts      = "routex.attempts"      // of a call, in all
	AttemptNumber = "routex.attempt"       // of an attempt, from 1 on; no other span has it
	Class         = "routex.class"         // of a failure
	Reason        = "routex.reason"        // which narrows the class
	FallbackFrom  = "routex.fallback_from" // the channel that was asked before
	Key           = "routex.key"           // of the channel, masked
	Hedge         = "routex.hedge"         // the attempt was made beside another that was late
	Resumes       = "routex.resumes"       // the attempt went on with an answer that had broken off
	Commit        = "routex.commit"        // seconds until the answer was handed over, and no other could come
	Losses        = "routex.losses"        // of translation: the fields
	LossCount     = "routex.losses.count"
	Session       = "routex.session"     // what named the session
	SessionHit    = "routex.session.hit" // its channel was asked first
	Cost          = "routex.cost"
	Wait          = "routex.wait" // seconds until a channel had rested
	Estimated     = "routex.usage.estimated"
)
