package conv

import (
	"crypto/rand"
	"hash/fnv"
	"strconv"
	"strings"
)

// AppendID appends the id of an answer with the prefix that its protocol
// gives to ids. An answer without an id gets a random one.
func AppendID(dst []byte, prefix string, id Str) []byte {
	inner := id.Inner()
	if inner == "" {
		inner = rand.Text()
	}
	dst = append(dst, '"')
	if !strings.HasPrefix(inner, prefix) {
		dst = append(dst, prefix...)
	}
	return append(append(dst, inner...), '"')
}

// AppendToolID appends the id of a tool call in the characters that every
// protocol takes, [a-zA-Z0-9_-]. An id with others is changed, always in the
// same way, so that a call and its result still meet. A state in it stays.
func AppendToolID(dst []byte, id Str) []byte {
	inner := id.Inner()
	if i := strings.Index(inner, "_"+tokenMark); i >= 0 && safeID(inner[i:]) {
		dst = AppendToolID(dst, Concat(inner[:i]))
		return append(append(dst[:len(dst)-1], inner[i:]...), '"')
	}
	if safeID(inner) {
		return append(append(append(dst, '"'), inner...), '"')
	}
	text := id.String()
	h := fnv.New32a()
	h.Write([]byte(text))
	dst = append(dst, '"')
	for _, c := range []byte(text) {
		if !safeIDByte(c) {
			c = '_'
		}
		dst = append(dst, c)
	}
	return append(strconv.AppendUint(append(dst, '_'), uint64(h.Sum32()), 36), '"')
}

// NewToolID returns a random id for a call that came without one.
func NewToolID(prefix string) Str { return Concat(prefix, rand.Text()) }

func safeID(id string) bool {
	for i := range len(id) {
		if !safeIDByte(id[i]) {
			return false
		}
	}
	return id != ""
}

func safeIDByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}
