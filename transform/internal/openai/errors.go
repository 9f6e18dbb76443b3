package openai

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// WriteError appends the error's envelope.
func WriteError(dst []byte, e *conv.Error) []byte {
	return append(AppendError(append(dst, `{"error":`...), e), '}')
}

// AppendError appends the error itself, as the envelope holds it.
func AppendError(dst []byte, e *conv.Error) []byte {
	kind, code := errorType(e)
	dst = append(dst, `{"message":`...)
	dst = conv.AppendQuoted(dst, e.Message)
	dst = append(append(dst, `,"type":"`...), kind...)
	dst = append(dst, `","param":`...)
	dst = AppendNullable(dst, e.Param)
	dst = append(dst, `,"code":`...)
	return append(AppendNullable(dst, code), '}')
}

// AppendNullable appends text as a string, and no text as null.
func AppendNullable(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return conv.AppendQuoted(dst, s)
}

// Code returns the error's own code, or the one that usually goes with its
// status; "" when there is none.
func Code(e *conv.Error) string {
	_, code := errorType(e)
	return code
}

// errorType returns the type that fits the status, and the error's own code
// or else the one that usually goes with the type.
func errorType(e *conv.Error) (kind, code string) {
	kind, code = statusType(e)
	if own := ownCode(e); own != "" {
		code = own
	}
	if e.Type == "insufficient_quota" || e.Code == "insufficient_quota" {
		kind = "insufficient_quota"
	}
	return kind, code
}

// ownCode returns the error's own code in the word that callers look for. A
// code that only repeats the status tells them nothing.
func ownCode(e *conv.Error) string {
	if n, err := strconv.Atoi(e.Code); err == nil && n >= 400 && n < 600 {
		return ""
	}
	if e.Type == "" {
		switch e.Code { // of Zhipu's
		case "1113":
			return "insufficient_quota"
		case "1211":
			return "model_not_found"
		case "1261":
			return "context_length_exceeded"
		case "1301":
			return "content_filter"
		}
	}
	return e.Code
}

func statusType(e *conv.Error) (kind, code string) {
	switch e.Status {
	case 401:
		return "invalid_request_error", "invalid_api_key"
	case 402:
		return "insufficient_quota", "insufficient_quota"
	case 403:
		return "permission_error", ""
	case 404:
		return "invalid_request_error", "model_not_found"
	case 408, 504:
		return "timeout", ""
	case 409:
		return "conflict", ""
	case 429:
		return "rate_limit_exceeded", "rate_limit_exceeded"
	case 503, 529:
		return "server_error", "overloaded"
	}
	if e.Status >= 400 && e.Status < 500 {
		return "invalid_request_error", ""
	}
	return "server_error", ""
}
