package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A Key seals secrets and opens them: 256 bits for AES-GCM. [NewKey] and
// [ParseKey] make one.
type Key struct {
	text string
	id   string
	aead cipher.AEAD
}

// keySize is that of AES-256, in bytes.
const keySize = 32

// NewKey makes a key at random.
func NewKey() Key {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw) // it never fails
	key, err := newKey(raw)
	if err != nil {
		panic(err) // the size is right
	}
	return key
}

// ParseKey reads a key: 32 bytes in base64 or hexadecimal. It takes no
// password, which could be guessed by whoever has a copy of the database. The
// error does not repeat the text.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.URLEncoding.DecodeString,
		base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if raw, err := decode(text); err == nil && len(raw) == keySize {
			return newKey(raw)
		}
	}
	return Key{}, errors.New("a master key is 32 bytes in base64 or hexadecimal; make one with: openssl rand -base64 32")
}

func newKey(raw []byte) (Key, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Key{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Key{}, err
	}
	sum := sha256.Sum256(append([]byte("routex key id\x00"), raw...))
	return Key{text: base64.StdEncoding.EncodeToString(raw), id: hex.EncodeToString(sum[:4]), aead: aead}, nil
}

// ID tells keys apart, and nothing else about them.
func (k Key) ID() string { return k.id }

// String gives the ID, so that a key which is printed by mistake stays secret.
func (k Key) String() string { return "key " + k.id }

// GoString is String.
func (k Key) GoString() string { return k.String() }

// prefix begins every sealed text; the ID of its key and the rest follow.
const prefix = "sealed:v1:"

// Sealed reports that a text is a sealed secret, and not one in clear.
func Sealed(text string) bool { return strings.HasPrefix(text, prefix) }

// seal hides a secret. What it is for, the place, has to be named again to
// open it, so that nobody can move it to another channel in the database.
func (k Key) seal(secret, place string) string {
	return prefix + k.id + ":" + base64.RawURLEncoding.EncodeToString(k.aead.Seal(nil, nil, []byte(secret), []byte(place)))
}

var errForeign = errors.New("sealed with another master key")

func (k Key) open(text, place string) (string, error) {
	id, body, _ := strings.Cut(strings.TrimPrefix(text, prefix), ":")
	if id != k.id {
		return "", errForeign
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return "", fmt.Errorf("sealed text: %w", err)
	}
	secret, err := k.aead.Open(nil, nil, raw, []byte(place))
	return string(secret), err
}

// sealedBy reports that the text was sealed with the key.
func (k Key) sealedBy(text string) bool { return strings.HasPrefix(text, prefix+k.id+":") }
