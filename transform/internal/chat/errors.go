package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// ReadError reads the body of an error answer, whatever it is. A status below
// 400 means that the error came inside of a good answer.
func ReadError(status int, body []byte) *conv.Error { return conv.ReadError(status, body) }

// WriteError appends the error's envelope in this protocol.
func WriteError(dst []byte, e *conv.Error) []byte { return openai.WriteError(dst, e) }
