package conv

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
)

// StateKind says what an opaque State is, and so which protocol minted it.
type StateKind byte

// The kinds of states. Their values stand in tokens.
const (
	NoState   StateKind = 0
	Signature StateKind = 'S' // Anthropic: the signature of the thinking in Text
	Redacted  StateKind = 'R' // Anthropic: the data of redacted_thinking
	Item      StateKind = 'I' // Responses: a reasoning item's id, a space, its encrypted_content
	Thought   StateKind = 'T' // Gemini: the thoughtSignature of this very part
	Unsigned  StateKind = 'U' // none: only the token tells that the reasoning is not of the caller's own protocol
)

// A State is what a provider gave along with its answer and wants back
// unchanged: signatures and encrypted reasoning. Only the provider that minted
// it can read it.
//
// A caller who speaks another protocol gets it as a token, a string of
// base64's alphabet that names kind and provider, in the place where that
// protocol keeps such things of its own; the caller sends it back with the
// conversation, and the writer for the provider that minted it unwraps it.
type State struct {
	Kind     StateKind
	Provider string // key of the one that minted it; "" while that is not known
	Value    Str    // as the provider wrote it
}

// tokenMark begins every token. With the kind and the provider's key it is 16
// characters long, so that the whole is base64 when the rest is.
const tokenMark = "RtxState"

const (
	providerKeySize = 7
	tokenHead       = len(tokenMark) + 1 + providerKeySize
)

// ProviderKey returns the key by which tokens name a provider.
func ProviderKey(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprintf("%08x", h.Sum32())[1:]
}

// HasToken reports that a body may hold a token.
func HasToken(body []byte) bool { return bytes.Contains(body, []byte(tokenMark)) }

// Token returns the token for a state of the provider that answers. A state of
// the caller's own stream is no other provider's: it is told as it was.
func (o *EncoderOptions) Token(s *State) Str {
	switch {
	case !o.Own:
	case s.Provider != "": // it came as a token
		return s.Token(s.Provider)
	case s.Kind == Signature || s.Kind == Thought:
		return Str(strings.Clone(string(s.Value)))
	}
	return s.Token(o.Provider)
}

// For reports that the state is one of the kind which the provider minted.
func (s *State) For(kind StateKind, provider string) bool {
	return s.Kind == kind && s.Provider == provider
}

// Token returns the token for a state that provider minted, as a literal.
func (s *State) Token(provider string) Str {
	return Concat(s.head(provider), base64.StdEncoding.EncodeToString([]byte(s.Value.String())))
}

func (s *State) head(provider string) string {
	key := []byte("0000000")
	copy(key, provider)
	return tokenMark + string(rune(s.Kind)) + string(key)
}

// ReadToken returns the state in a token. It reports false for any other text,
// such as a state that a provider of the caller's own protocol minted.
func ReadToken(text Str) (State, bool) {
	return readToken(Base64(text).String(), base64.StdEncoding)
}

// IsToken reports that the inside of a literal is a token.
func IsToken(inner string) bool { return strings.HasPrefix(inner, tokenMark) }

func readToken(token string, enc *base64.Encoding) (s State, ok bool) {
	if len(token) < tokenHead || !strings.HasPrefix(token, tokenMark) {
		return s, false
	}
	kind := StateKind(token[len(tokenMark)])
	switch kind {
	case Signature, Redacted, Item, Thought, Unsigned:
	default:
		return s, false
	}
	value, err := enc.DecodeString(token[tokenHead:])
	if err != nil {
		return s, false
	}
	return State{Kind: kind, Provider: token[len(tokenMark)+1 : tokenHead], Value: Quote(View(value))}, true
}

// WithState returns the id of a tool call with its state in it. An id is what
// every caller sends back.
func WithState(id Str, s *State, provider string) Str {
	if s.Kind == NoState {
		return id
	}
	return Concat(id.Inner(), "_", s.head(provider), base64.RawURLEncoding.EncodeToString([]byte(s.Value.String())))
}

// CutState parts an id from the state in it.
func CutState(id Str) (Str, State) {
	inner := id.Inner()
	i := strings.Index(inner, "_"+tokenMark)
	if i < 0 {
		return id, State{}
	}
	s, ok := readToken(inner[i+1:], base64.RawURLEncoding)
	if !ok {
		return id, State{}
	}
	return Str(`"` + inner[:i] + `"`), s
}
