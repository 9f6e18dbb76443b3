package responses

import (
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// An outcome is how far an answer has come.
type outcome struct {
	status    string // as the protocol has it
	reason    string // of an incomplete one
	usage     *conv.Usage
	estimated bool        // the usage is no more than that
	err       *conv.Error // of a failed one
}

func outcomeOf(stop conv.StopReason, refused bool) outcome {
	switch {
	case stop == conv.StopLength:
		return outcome{status: "incomplete", reason: "max_output_tokens"}
	case stop == conv.StopRefusal && !refused:
		return outcome{status: "incomplete", reason: "content_filter"}
	}
	return outcome{status: "completed"}
}

func (o *outcome) appendError(dst []byte) []byte {
	if o.err == nil {
		return append(dst, "null"...)
	}
	return openai.AppendError(dst, o.err)
}

func (o *outcome) appendDetails(dst []byte) []byte {
	if o.reason == "" {
		return append(dst, "null"...)
	}
	return append(append(append(dst, `{"reason":"`...), o.reason...), `"}`...)
}

func (o *outcome) appendUsage(dst []byte) []byte {
	if o.usage == nil {
		return append(dst, "null"...)
	}
	dst = appendUsage(dst, o.usage)
	if o.estimated {
		dst = append(dst[:len(dst)-1], `,"estimated":true}`...)
	}
	return dst
}

// appendTold appends the answer as it was told at its start, with what has
// changed since.
func (h *head) appendTold(dst []byte, o outcome, output []byte) []byte {
	dst = append(dst, '{')
	gjson.ParseBytes(h.told).ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "status", "output", "error", "incomplete_details", "usage", "completed_at", "output_text":
		default:
			dst = append(append(append(append(dst, key.Raw...), ':'), value.Raw...), ',')
		}
		return true
	})
	dst = append(append(append(dst, `"status":"`...), o.status...), `","error":`...)
	dst = o.appendError(dst)
	dst = o.appendDetails(append(dst, `,"incomplete_details":`...))
	dst = append(append(append(dst, `,"output":[`...), output...), `],"usage":`...)
	return append(o.appendUsage(dst), '}')
}
