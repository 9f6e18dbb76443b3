package gemini

import (
	"encoding/base64"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// camel returns the name of a member as the documentation writes it: the API
// takes system_instruction for systemInstruction, and many callers send that.
func camel(key string) string {
	if strings.IndexByte(key, '_') < 0 {
		return key
	}
	out := make([]byte, 0, len(key))
	up := false
	for i := range len(key) {
		c := key[i]
		switch {
		case c == '_':
			up = true
			continue
		case up && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		up = false
		out = append(out, c)
	}
	return string(out)
}

// get returns a member of an object by its name in either writing.
func get(v conv.Raw, name string) conv.Raw {
	if !v.IsObject() {
		return ""
	}
	for c := v.Walk(); c.Next(); {
		if camel(c.Key) == name {
			return c.Value
		}
	}
	return ""
}

// decode64 returns the text in base64.
func decode64(data conv.Str) (string, bool) {
	text, err := base64.StdEncoding.DecodeString(conv.Base64(data).String())
	return string(text), err == nil
}
