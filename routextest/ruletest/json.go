package ruletest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// quoted writes a text as JSON, without the escapes that are for HTML.
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// object writes names and values of JSON in turn, in that order. Names whose
// value is empty are left out.
func object(pairs ...string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(pairs[i]) + ":" + pairs[i+1])
	}
	b.WriteByte('}')
	return b.String()
}

func array(items ...string) string { return "[" + strings.Join(items, ",") + "]" }

// list is an array, or nothing for no items.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return array(items...)
}

func flag(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// some is a text as JSON, or nothing for none.
func some(s string) string {
	if s == "" {
		return ""
	}
	return quoted(s)
}
