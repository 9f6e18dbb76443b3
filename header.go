package routex

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// ownHop reports headers that belong to one hop and never pass: those of the
// connection, those that name the encoding and length of a body, credentials,
// the trace, which is an affair of the caller's own system, and what Routex says
// itself.
func ownHop(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "Expect",
		"Accept-Encoding", "Content-Encoding", "Content-Length",
		"Authorization", "Proxy-Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Ocp-Apim-Subscription-Key",
		"Cookie", "Set-Cookie", "Set-Cookie2",
		"Traceparent", "Tracestate", "Baggage":
		return true
	}
	return strings.HasPrefix(name, "X-Routex-")
}

// passing copies the headers that pass from one hop to the next. Values are
// shared, but cannot be appended to in place. Names are made canonical: a host
// may have written a credential's in small letters, as it stays on the wire.
func passing(h http.Header, room int) http.Header {
	out := make(http.Header, len(h)+room)
	for name, values := range h {
		switch name = textproto.CanonicalMIMEHeaderKey(name); {
		case ownHop(name):
		case out[name] != nil:
			out[name] = slices.Concat(out[name], values)
		default:
			out[name] = slices.Clip(values)
		}
	}
	dropKeys(out)
	for _, line := range h["Connection"] { // it may name more that ends here
		for name := range strings.SplitSeq(line, ",") {
			delete(out, textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)))
		}
	}
	return out
}

// validHeaderName reports a token of RFC 9110.
func validHeaderName(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// validHeaderValue reports text without control characters.
func validHeaderValue(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// headerText makes any text fit for a header: what is not printable ASCII is
// percent-encoded.
func headerText(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c < 0x7f && c != '%' {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
