package named_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

// newNamed makes a transformer that must be right.
func newNamed(t testing.TB, name, options string) transform.Transformer {
	t.Helper()
	made, err := named.New(name, []byte(options))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// request makes a call to a channel.
func request(d transform.Dialect, body string) *transform.Request {
	return &transform.Request{Dialect: d, Header: http.Header{}, Body: []byte(body)}
}

// sent gives what is sent for a request.
func sent(t testing.TB, change transform.Transformer, r *transform.Request) string {
	t.Helper()
	before := string(r.Body)
	shared := r.Body
	if err := change.Request(context.Background(), r); err != nil {
		t.Fatalf("%s: %v", before, err)
	}
	if string(shared) != before {
		t.Errorf("the caller's own bytes were changed: %s", shared)
	}
	return string(r.Body)
}

// A row is a request before and after a transformer.
type row struct {
	dialect    transform.Dialect
	on         string // the flavor and the model, with a space between
	body, want string
}

func testRequests(t *testing.T, name, options string, rows map[string]row) {
	t.Helper()
	for what, test := range rows {
		t.Run(what, func(t *testing.T) {
			r := request(test.dialect, test.body)
			r.Target.Flavor, r.Model, _ = strings.Cut(test.on, " ")
			if got := sent(t, newNamed(t, name, options), r); got != test.want {
				t.Errorf("sent is\n%s, want\n%s", got, test.want)
			}
		})
	}
}
