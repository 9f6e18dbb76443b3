package ruletest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A recorder takes the place of all providers. It keeps the first request of
// one call, and refuses everything as wrong, so that nobody else is asked.
type recorder struct {
	call context.Context // with a deadline, which no copy of the call has

	mu    sync.Mutex
	first string // under mu
}

func (rec *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	own, _ := rec.call.Deadline()
	if limit, _ := req.Context().Deadline(); limit.Equal(own) {
		rec.mu.Lock()
		if rec.first == "" {
			rec.first = requestText(req, body)
		}
		rec.mu.Unlock()
	}
	const answer = `{"type":"error","error":{"type":"invalid_request_error","message":"nobody is asked"}}`
	return &http.Response{
		StatusCode: http.StatusBadRequest, Request: req, ContentLength: int64(len(answer)),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)),
	}, nil
}

func (rec *recorder) text() string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.first
}

// credentials are the headers that hold the key of a channel.
var credentials = [...]string{"Authorization", "Api-Key", "X-Api-Key", "X-Goog-Api-Key"}

// requestText writes a request as [Read] reads it, but for what is secret or
// long.
func requestText(req *http.Request, body []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", req.Method, req.URL)
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		if slices.Contains(credentials[:], name) {
			continue // nobody's test depends on which key there is
		}
		for _, value := range req.Header[name] {
			if value != "" { // the sign that there is none
				fmt.Fprintf(&b, "%s: %s\n", name, value)
			}
		}
	}
	fmt.Fprintf(&b, "\n%s\n", bodyText(body))
	return b.String()
}

// bodyText indents JSON and cuts its long texts short.
func bodyText(body []byte) string {
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		return fmt.Sprintf("(%s)", measure(body))
	}
	var b strings.Builder
	for rest := indented.String(); rest != ""; {
		start := strings.IndexByte(rest, '"')
		if start < 0 {
			b.WriteString(rest)
			break
		}
		end := start + 1
		for ; rest[end] != '"'; end++ {
			if rest[end] == '\\' {
				end++
			}
		}
		b.WriteString(rest[:start+1])
		b.WriteString(short(rest[start+1:end]) + `"`)
		rest = rest[end+1:]
	}
	return b.String()
}

// short cuts the inside of a text of JSON, and not in the middle of a character.
func short(s string) string {
	const most, kept = 200, 120 // bytes
	if len(s) <= most {
		return s
	}
	cut := kept
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	if i := strings.LastIndexByte(s[:cut], '\\'); i >= 0 && cut-i < len(`\u0000`) {
		cut = i
		for cut > 0 && s[cut-1] == '\\' { // which of them escapes which
			cut--
		}
	}
	return fmt.Sprintf("%s... (%s)", s[:cut], measure([]byte(s)))
}

// measure tells texts apart that are not shown.
func measure(b []byte) string {
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%d bytes, sha256 %x", len(b), sum[:6])
}
