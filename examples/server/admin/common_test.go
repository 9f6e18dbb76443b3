package admin_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/dctx-team/routex/balance"
)

func TestErrorsOfEveryKind(t *testing.T) {
	tests := map[string]struct {
		method, path, media, body string
		status                    int
		kind, code                string
		message                   string // part of it
	}{
		"unknown path":           {"GET", "/api/nothing", "", "", 404, "NotFoundError", "NOT_FOUND", "/api/nothing"},
		"below the root":         {"GET", "/api/", "", "", 404, "NotFoundError", "NOT_FOUND", "/api"},
		"unknown health":         {"GET", "/health/nothing", "", "", 404, "NotFoundError", "NOT_FOUND", "/health/nothing"},
		"unknown channel":        {"GET", "/api/channels/nobody", "", "", 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"put unknown channel":    {"PUT", "/api/channels/nobody", "application/json", `{}`, 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"delete unknown channel": {"DELETE", "/api/channels/nobody", "", "", 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"unknown rule":           {"GET", "/api/routing/rules/nobody", "", "", 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"put unknown rule":       {"PUT", "/api/routing/rules/nobody", "application/json", `{}`, 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"delete unknown rule":    {"DELETE", "/api/routing/rules/nobody", "", "", 404, "NotFoundError", "NOT_FOUND", `"nobody"`},
		"wrong method":           {"PATCH", "/api/channels", "", "", 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED", "GET, HEAD, POST"},
		"wrong method of one":    {"POST", "/api/channels/x", "", "", 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED", "DELETE, GET, HEAD, PUT"},
		"wrong method, alias":    {"PATCH", "/api/strategy", "", "", 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED", "GET, HEAD, PUT"},
		"wrong method, aliased":  {"PATCH", "/api/load-balancer/strategy", "", "", 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED", "GET, HEAD, PUT"},
		"wrong method of health": {"POST", "/health", "", "", 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED", "GET, HEAD"},
		"name taken":             {"POST", "/api/channels", "application/json", `{"name":"taken","type":"openai"}`, 409, "ConflictError", "CONFLICT", `"taken"`},
		"renamed to taken":       {"PUT", "/api/channels/other", "application/json", `{"name":"taken"}`, 409, "ConflictError", "CONFLICT", `"taken"`},
		"body too large":         {"POST", "/api/channels", "application/json", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "PayloadTooLargeError", "PAYLOAD_TOO_LARGE", "1048576"},
		"curl without -H":        {"POST", "/api/channels", "application/x-www-form-urlencoded", `{}`, 415, "UnsupportedMediaTypeError", "UNSUPPORTED_MEDIA_TYPE", "-H 'Content-Type: application/json'"},
		"text":                   {"PUT", "/api/strategy", "text/plain", `{}`, 415, "UnsupportedMediaTypeError", "UNSUPPORTED_MEDIA_TYPE", "text/plain"},
		"no media type at all":   {"POST", "/api/channels", ";", `{}`, 415, "UnsupportedMediaTypeError", "UNSUPPORTED_MEDIA_TYPE", ";"},
		"empty body":             {"POST", "/api/channels", "application/json", ``, 400, "ValidationError", "VALIDATION_ERROR", "is empty"},
		"cut off":                {"POST", "/api/channels", "application/json", `{"name":"x"`, 400, "ValidationError", "VALIDATION_ERROR", "is not JSON"},
		"quotes lost":            {"POST", "/api/channels", "application/json", `{name: x}`, 400, "ValidationError", "VALIDATION_ERROR", "at byte 2"},
		"two values":             {"POST", "/api/channels", "application/json", `{} {}`, 400, "ValidationError", "VALIDATION_ERROR", "is not JSON"},
		"an array":               {"POST", "/api/channels", "application/json", `[]`, 400, "ValidationError", "VALIDATION_ERROR", "must be a JSON object"},
		"null":                   {"PUT", "/api/strategy", "application/json", `null`, 400, "ValidationError", "VALIDATION_ERROR", "must be a JSON object"},
		"not UTF-8":              {"POST", "/api/channels", "application/json", "{\"name\":\"\xff\"}", 400, "ValidationError", "VALIDATION_ERROR", "UTF-8"},
	}
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"taken","type":"openai"}`, 201)
	h.must("POST", "/api/channels", `{"name":"other","type":"openai"}`, 201)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := *h
			h.t = t
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			if tt.media != "" {
				r.Header.Set("Content-Type", tt.media)
			}
			a := h.send(r)
			if a.status != tt.status || a.Success {
				t.Errorf("status %d, success %v; want %d and false: %s", a.status, a.Success, tt.status, a.body)
			}
			if a.Error.Type != tt.kind || a.Error.Code != tt.code || !strings.Contains(a.Error.Message, tt.message) {
				t.Errorf("the error is %+v, want %s %s with %q", a.Error, tt.kind, tt.code, tt.message)
			}
			if tt.status == 405 && a.header.Get("Allow") != tt.message {
				t.Errorf("Allow is %q, want %q", a.header.Get("Allow"), tt.message)
			}
		})
	}
}

func TestJSONIsAcceptedByItsNames(t *testing.T) {
	h := newHost(t)
	for _, media := range []string{"", "application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"} {
		r := httptest.NewRequest("PUT", "/api/strategy", strings.NewReader(` { "strategy" : "weighted" } `))
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		if a := h.send(r); a.status != 200 {
			t.Errorf("Content-Type %q: status %d: %s", media, a.status, a.body)
		}
	}
}

func TestRequestID(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	h := newHost(t)
	for _, id := range []string{"abc-123", "with space", strings.Repeat("x", 128)} {
		r := httptest.NewRequest("GET", "/api/channels", nil)
		r.Header.Set("X-Request-Id", id)
		if got := h.send(r).header.Get("X-Request-Id"); got != id {
			t.Errorf("X-Request-Id %q comes back as %q", id, got)
		}
	}
	for _, id := range []string{"", strings.Repeat("x", 129), "line\nbreak", "ключ"} {
		r := httptest.NewRequest("GET", "/api/nothing", nil)
		r.Header["X-Request-Id"] = []string{id}
		if got := h.send(r).header.Get("X-Request-Id"); !uuid.MatchString(got) {
			t.Errorf("instead of X-Request-Id %q comes %q, want a new UUID", id, got)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	h := newHost(t)
	server := httptest.NewServer(h.api)
	defer server.Close()
	for _, path := range []string{"/api/channels", "/api/strategy", "/health", "/health/live"} {
		resp, err := http.Head(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || resp.ContentLength <= 0 {
			t.Errorf("HEAD %s: status %d, length %d", path, resp.StatusCode, resp.ContentLength)
		}
	}
}

func TestPagesOfOtherOriginsCannotWrite(t *testing.T) {
	h := newHost(t)
	r := httptest.NewRequest("POST", "/api/channels", strings.NewReader(`{"name":"evil","type":"openai"}`))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := h.send(r); a.status != http.StatusForbidden || a.Error.Code != "FORBIDDEN" {
		t.Errorf("a cross-site POST gets %d: %s", a.status, a.body)
	}
	if a := h.must("GET", "/api/channels", "", 200); string(a.Data) != "[]" {
		t.Errorf("it made %s", a.Data)
	}
}

func TestStrategy(t *testing.T) {
	h := newHost(t)
	if a := h.must("GET", "/api/load-balancer/strategy", "", 200); a.body != `{"success":true,"data":{"strategy":"priority"}}` {
		t.Errorf("the strategy of a new store is %s", a.body)
	}
	for _, path := range []string{"/api/load-balancer/strategy", "/api/strategy"} {
		for _, name := range append(balance.Names(), "priority") {
			a := h.must("PUT", path, `{"strategy":"`+name+`"}`, 200)
			b := newHostOn(t, h.store).must("GET", "/api/strategy", "", 200)
			if want := `{"success":true,"data":{"strategy":"` + name + `"}}`; a.body != want || b.body != want {
				t.Errorf("PUT %s gives %s, and a new start %s, want %s", path, a.body, b.body, want)
			}
		}
	}
	for body, field := range map[string]string{`{}`: "strategy", `{"strategy":"random"}`: "strategy", `{"strategy":1}`: "strategy", `{"strategy":"weighted","x":1}`: "x"} {
		a := h.call("PUT", "/api/strategy", body)
		if a.status != 400 || len(a.fields()) != 1 || a.fields()[0] != field {
			t.Errorf("PUT %s: %s, want one mistake in %s", body, a.body, field)
		}
	}
}

func TestHealth(t *testing.T) {
	h := newHost(t)
	stamp := `"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`
	check := func(path string, status int, pattern string) {
		t.Helper()
		a := h.call("GET", path, "")
		if a.status != status || !regexp.MustCompile("^"+pattern+"$").MatchString(a.body) {
			t.Errorf("GET %s: %d %s, want %d %s", path, a.status, a.body, status, pattern)
		}
	}
	check("/health", 200, `{"status":"healthy","version":"1\.2\.3","uptime":[0-9.]+,`+stamp+`}`)
	check("/health/live", 200, `{"status":"alive",`+stamp+`}`)
	check("/health/ready", 503, `{"status":"not_ready","reason":"no channel is enabled[^"]*",`+stamp+`}`)
	h.must("POST", "/api/channels", `{"name":"a","type":"openai","status":"disabled"}`, 201)
	check("/health/ready", 503, `{"status":"not_ready",.*`)
	h.must("PUT", "/api/channels/a", `{"status":"enabled"}`, 200)
	check("/health/ready", 200, `{"status":"ready","enabledChannels":1,`+stamp+`}`)
}
