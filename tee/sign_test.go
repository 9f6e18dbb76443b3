package tee

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// The vector is the one that the scheme's libraries are tested with.
func TestSignatureIsThatOfTheScheme(t *testing.T) {
	key, err := signingKey(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	got := sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("the signature is %s", got)
	}
}

func TestVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = `{"records":[]}`
		signed := func(age time.Duration) http.Header {
			key, _ := signingKey(testSecret)
			seconds := time.Now().Add(-age).Unix()
			h := http.Header{}
			h.Set(HeaderID, "msg_1")
			h.Set(HeaderTimestamp, strconv.FormatInt(seconds, 10))
			h.Set(HeaderSignature, sign(key, "msg_1", seconds, []byte(body)))
			return h
		}
		for _, c := range []struct {
			name   string
			age    time.Duration
			change func(http.Header)
			body   string
			secret string
			fails  string // a part of the reason; "" for none
		}{
			{name: "as it was sent"},
			{name: "one of several", change: func(h http.Header) { h.Set(HeaderSignature, "v1,bm9wZQ== v2,x  "+h.Get(HeaderSignature)) }},
			{name: "nearly old", age: 5 * time.Minute},
			{name: "old", age: 5*time.Minute + time.Second, fails: "5m1s ago"},
			{name: "from the future", age: -6 * time.Minute, fails: "-6m0s ago"},
			{name: "another body", body: body + " ", fails: "none fits"},
			{name: "another id", change: func(h http.Header) { h.Set(HeaderID, "msg_2") }, fails: "none fits"},
			{name: "another time", change: func(h http.Header) { h.Set(HeaderTimestamp, strconv.FormatInt(time.Now().Unix()+1, 10)) }, fails: "none fits"},
			{name: "another secret", secret: "whsec_" + strings.Repeat("QUFB", 8), fails: "none fits"},
			{name: "no time", change: func(h http.Header) { h.Set(HeaderTimestamp, "now") }, fails: "no number"},
			{name: "no id", change: func(h http.Header) { h.Del(HeaderID) }, fails: "missing"},
			{name: "no signature", change: func(h http.Header) { h.Del(HeaderSignature) }, fails: "missing"},
			{name: "without a scheme", change: func(h http.Header) { h.Set(HeaderSignature, h.Get(HeaderSignature)[3:]) }, fails: "none fits"},
		} {
			h := signed(c.age)
			if c.change != nil {
				c.change(h)
			}
			text, secret := body, testSecret
			if c.body != "" {
				text = c.body
			}
			if c.secret != "" {
				secret = c.secret
			}
			err := Verify(secret, h, []byte(text))
			switch {
			case c.fails == "" && err != nil:
				t.Errorf("%s: %v", c.name, err)
			case c.fails != "" && (!errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("%s: %v, want %q", c.name, err, c.fails)
			}
		}
	})
}

func TestSecrets(t *testing.T) {
	for secret, good := range map[string]bool{
		testSecret: true, "a text of sixteen": true, "": false, "short": false,
		"whsec_": false, "whsec_QUFB": false, "whsec_not base64 but long enough": false,
	} {
		_, err := signingKey(secret)
		if (err == nil) != good {
			t.Errorf("%q gives %v", secret, err)
		}
		if err != nil && len(secret) > 6 && strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the secret: %v", err)
		}
		if !good {
			if err := Verify(secret, http.Header{}, nil); err == nil || errors.Is(err, ErrSignature) {
				t.Errorf("Verify with %q gives %v, which blames the sender", secret, err)
			}
		}
	}
}
