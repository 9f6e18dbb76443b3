package embed

import "github.com/dctx-team/routex/transform/internal/conv"

// A Request asks for the embeddings of some texts.
type Request struct {
	Model      string
	Inputs     []conv.Str
	Dimensions string // raw JSON number; "" for the model's own
	Answer     Answer
}

// An Answer says in which form the caller wants the embeddings.
type Answer struct {
	Single bool   // one, not a list: Gemini's embedContent
	Base64 bool   // as base64 of little-endian 32-bit floats: OpenAI only
	Model  string // to name in the answer; the provider's own name of it wins
	Inputs int    // how many embeddings there are to be
}

// A Response holds the embeddings, in the order of the inputs.
type Response struct {
	Model    conv.Str
	Vectors  []conv.Raw // each an array of numbers, or a string of base64
	Tokens   int64      // of the inputs
	HasUsage bool
}
