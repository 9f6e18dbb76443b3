package tee_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/tee"
)

const exampleSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A receiver checks the signature before it believes what it is told.
func ExampleVerify() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 10<<20))
		if err == nil {
			err = tee.Verify(exampleSecret, r.Header, body)
		}
		if err != nil {
			fmt.Println(err)
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		fmt.Println("calls of", gjson.GetBytes(body, "records.#.model"))
	}))
	defer receiver.Close()
	for _, secret := range []string{exampleSecret, "another text that is long enough"} {
		webhook, err := tee.NewWebhook(tee.WebhookConfig{
			URL:    receiver.URL,
			Secret: secret,
			Guard:  tee.Guard{AllowPrivate: true}, // the receiver is on this machine
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = webhook.WriteBatch(context.Background(), []*tee.Record{{Model: "gpt-4o"}, {Model: "claude-opus-4"}})
		_ = webhook.Close()
	}
	// Output:
	// calls of ["gpt-4o","claude-opus-4"]
	// tee: bad signature: none fits
}

// Records go to a webhook ten at a time, or after a second.
func ExampleNewWebhook() {
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.Header.Get("Authorization"), gjson.GetBytes(body, "records.#"), "records")
	}))
	defer receiver.Close()
	webhook, err := tee.NewWebhook(tee.WebhookConfig{
		URL:     receiver.URL,
		Header:  http.Header{"Authorization": {"Bearer token"}},
		Retries: 5,
		Timeout: 10 * time.Second,
		Guard:   tee.Guard{AllowPrivate: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := tee.Open(tee.Destination{ID: "analytics", Batch: 10, Linger: time.Second, Sink: webhook})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 12 {
		_ = t.Write(context.Background(), &tee.Record{Model: "gpt-4o", Status: 200})
	}
	_ = t.Close(context.Background())
	fmt.Println(t.Stats().Sent, "sent")
	// Output:
	// POST Bearer token 10 records
	// POST Bearer token 2 records
	// 12 sent
}

// Nobody's URL leads to the services of the machine's own network.
func ExampleGuard() {
	_, err := tee.NewWebhook(tee.WebhookConfig{URL: "http://169.254.169.254/latest/meta-data/"})
	fmt.Println(err)
	guard, _ := tee.ParseGuard("private, 169.254.10.0/24")
	_, err = tee.NewWebhook(tee.WebhookConfig{URL: "http://10.0.0.7:8080/events", Guard: guard})
	fmt.Println(err)
	// Output:
	// tee: invalid:
	// 	url: 169.254.169.254 is not a public address (link-local): webhooks go there only if its network is allowed
	// <nil>
}
