package tee

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of the Standard Webhooks scheme, https://www.standardwebhooks.com.
// The id is sent with every batch, the other two when there is a secret.
const (
	HeaderID        = "Webhook-Id"        // the same whenever the same batch is sent
	HeaderTimestamp = "Webhook-Timestamp" // of the attempt, in seconds since 1970
	HeaderSignature = "Webhook-Signature" // "v1," and the HMAC-SHA256 of id.timestamp.body in base64
)

const (
	secretPrefix = "whsec_" // what follows is base64
	minKey       = 16       // bytes
	tolerance    = 5 * time.Minute
)

// ErrSignature is given by [Verify] for a request that nobody with the secret
// has just sent. The reason is in the text.
var ErrSignature = errors.New("tee: bad signature")

// Verify tells a receiver whether a request comes from a [Webhook] with this
// secret: whether one of its signatures fits id, timestamp and body, which has
// to be the bytes as they came, and whether it was sent less than five minutes
// ago. Two requests with one id are the same batch. The error is
// [ErrSignature], or says what is wrong with the secret.
func Verify(secret string, h http.Header, body []byte) error {
	key, err := signingKey(secret)
	if err != nil {
		return fmt.Errorf("tee: the secret: %w", err)
	}
	id, stamp := h.Get(HeaderID), h.Get(HeaderTimestamp)
	if id == "" || stamp == "" || h.Get(HeaderSignature) == "" {
		return fmt.Errorf("%w: %s, %s or %s is missing", ErrSignature, HeaderID, HeaderTimestamp, HeaderSignature)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number", ErrSignature)
	}
	want := []byte(sign(key, id, seconds, body))
	for one := range strings.FieldsSeq(h.Get(HeaderSignature)) {
		if !hmac.Equal([]byte(one), want) {
			continue
		}
		if age := time.Since(time.Unix(seconds, 0)); age.Abs() > tolerance {
			return fmt.Errorf("%w: sent %v ago", ErrSignature, age.Round(time.Second))
		}
		return nil
	}
	return fmt.Errorf("%w: none fits", ErrSignature)
}

// sign gives one signature of the scheme.
func sign(key []byte, id string, seconds int64, body []byte) string {
	mac := hmac.New(sha256.New, key)
	head := append(make([]byte, 0, len(id)+24), id...)
	head = strconv.AppendInt(append(head, '.'), seconds, 10)
	mac.Write(append(head, '.'))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signingKey is the key that a secret stands for: what the scheme's prefix is
// followed by, decoded, or the bytes of a secret without it.
func signingKey(secret string) ([]byte, error) {
	key := []byte(secret)
	if text, ok := strings.CutPrefix(secret, secretPrefix); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, errors.New("what follows " + secretPrefix + " must be base64")
		}
	}
	if len(key) < minKey {
		return nil, fmt.Errorf("must have at least %d bytes", minKey)
	}
	return key, nil
}
