package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
)

// A Digest is what is kept of a token or key: enough to know it again, and
// nothing to find it by. Both are random, so that one round of SHA-256 is as
// good as many.
type Digest [sha256.Size]byte

// DigestOf gives the digest of a token or key.
func DigestOf(text string) Digest { return sha256.Sum256([]byte(text)) }

// ParseDigest reads what String has written.
func ParseDigest(text string) (d Digest, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) {
		return d, errors.New("access: not a digest")
	}
	copy(d[:], raw)
	return d, nil
}

// String gives the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// matches compares in a time that does not depend on the text.
func (d Digest) matches(text string) bool {
	other := DigestOf(text)
	return d != Digest{} && subtle.ConstantTimeCompare(d[:], other[:]) == 1
}

// The beginnings of tokens and keys. Some clients want keys to begin like
// OpenAI's.
const (
	adminPrefix  = "rtx-admin-"
	clientPrefix = "sk-routex-"
)

// NewAdminToken makes an admin token at random.
func NewAdminToken() string { return adminPrefix + rand.Text() }

// NewClientKey makes a client key at random.
func NewClientKey() string { return clientPrefix + rand.Text() }
