package sdktest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// An array asks for Gemini's streams as one JSON array, and gives them to the
// SDK, which only reads server-sent events, as those.
type array struct{ inner http.RoundTripper }

func (a array) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	query := r.URL.Query()
	query.Del("alt")
	r.URL.RawQuery = query.Encode()
	resp, err := a.inner.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	var events bytes.Buffer
	err = elements(resp.Body, &events)
	resp.Body = io.NopCloser(io.MultiReader(&events, broken{err}))
	return resp, nil
}

// elements writes the elements of an array as events.
func elements(r io.Reader, events *bytes.Buffer) error {
	d := json.NewDecoder(r)
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			return err
		}
		events.WriteString("data: ")
		if err := json.Compact(events, element); err != nil {
			return err
		}
		events.WriteString("\n\n")
	}
	_, err := d.Token() // the end of the array, without which it is cut
	return err
}

// broken is a body that ends with an error, or as it should.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

func askGeminiArray(ctx context.Context, h *http.Client, q question, stream bool) reading {
	return askGemini(ctx, &http.Client{Transport: array{h.Transport}}, q, stream)
}

func TestEveryFeatureInAStreamThatIsOneArray(t *testing.T) {
	c := client{"genai by array", "gemini", askGeminiArray}
	for _, f := range features() {
		for _, u := range upstreams() {
			if !u.own || f.only == "unary" || f.cannot != nil && f.cannot(c, u) {
				continue
			}
			inBubble(t, f.column+" from "+u.name, func(t *testing.T) {
				s := newSetting(t, c, u, true, f.answer)
				if carried := f.try(t, s); s.cell(carried) == "" {
					t.Errorf("something was lost in silence\nsent %s\ngot %s", s.sent().Raw, s.got.text())
				}
				if got := s.got.text(); got != "" && !strings.HasPrefix(strings.TrimSpace(got), "[") && !strings.HasPrefix(got, `{"error"`) {
					t.Errorf("no array: %s", got)
				}
			})
		}
	}
}
