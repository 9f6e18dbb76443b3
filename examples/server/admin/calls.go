package admin

import "net/http"

// A call is an endpoint that the Transport serves and not this package: its
// bodies are those of the protocol that the caller speaks.
type call struct{ method, path, protocol, summary string }

func calls() []call {
	const get, post = http.MethodGet, http.MethodPost
	const anthropic, openai, gemini = "Anthropic", "OpenAI", "Gemini"
	return []call{
		{post, "/v1/messages", anthropic, "Ask a model"},
		{post, "/v1/messages/count_tokens", anthropic, "Count the tokens of a call"},
		{post, "/v1/chat/completions", openai, "Ask a model"},
		{post, "/v1/responses", openai, "Ask a model"},
		{post, "/v1/completions", openai, "Let a model continue a text"},
		{post, "/v1/embeddings", openai, "Turn texts into vectors"},
		{get, "/v1/models", openai, "List the models"},
		{get, "/v1/models/{id}", openai, "Show a model"},
		{get, "/v1beta/models", gemini, "List the models"},
		{post, "/v1beta/models/{model}:generateContent", gemini, "Ask a model"},
		{post, "/v1beta/models/{model}:streamGenerateContent", gemini, "Ask a model, and get the answer as it is written"},
		{post, "/v1beta/models/{model}:countTokens", gemini, "Count the tokens of a call"},
		{post, "/v1beta/models/{model}:embedContent", gemini, "Turn a text into a vector"},
	}
}

// describe describes the call as far as this server knows it.
func (c *call) describe() *described {
	answers := map[string]media{mediaJSON: {objectSchema()}}
	out := &described{
		OperationID: operationID(c.method, c.path), Tags: []string{tagOf(c.path)}, Summary: c.summary + ", in " + c.protocol + "'s protocol",
		Security:   []map[string][]string{{"clientKey": {}}, {"xApiKey": {}}, {"googApiKey": {}}, {}},
		Parameters: pathParameters(c.path),
		Responses: map[string]*documented{
			"200": {Description: "The answer, in " + c.protocol + "'s protocol", Content: answers},
		},
	}
	for _, failed := range []struct{ status, what string }{
		{"400", "The call cannot be understood, or translated for the channel"},
		{"401", "A client key is required"},
		{"403", "The client key is not for this model"},
		{"404", "No channel has the model"},
		{"413", "The body is larger than is taken"},
		{"429", "A limit of the client key, or of the provider, is reached; the header Retry-After says for how many seconds"},
		{"503", "A channel has the model, but none is available now"},
		{"default", "What the provider answered"},
	} {
		out.Responses[failed.status] = &documented{Description: failed.what + "; in " + c.protocol + "'s protocol", Content: answers}
	}
	if c.method == http.MethodPost {
		answers["text/event-stream"] = media{stringSchema()}
		out.RequestBody = &content{Required: true, Content: mediaOf(mediaJSON, objectSchema())}
	}
	return out
}
