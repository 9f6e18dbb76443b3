package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex/routextest"
)

// The secrets of TestSecretsNeverLeave. Nothing else begins like them.
const (
	plantedKey    = "sk-planted-0123456789-key"
	plantedSecond = "sk-planted-0123456789-second"
	plantedHeader = "planted-0123456789-header"
	plantedQuery  = "planted-0123456789-query"
	plantedProxy  = "planted-0123456789-proxy"
	plantedToken  = "planted-0123456789-token"
	plantedCaller = "sk-planted-0123456789-caller"
	plantedHook   = "planted-0123456789-hook"
	plantedSigner = "planted-0123456789-signer"
	// plantedSaid is in a message. The provider may repeat it to the caller,
	// but no tee may.
	plantedSaid = "planted-0123456789-said"
)

// An answered is all that a server has told somebody.
type answered struct {
	what string
	text string
}

// A spy asks a server and remembers the answers.
type spy struct {
	*process
	heard []answered
}

func (s *spy) ask(method, path, body string, header ...string) (int, string) {
	s.t.Helper()
	resp, text := s.do(method, path, body, header...)
	s.heard = append(s.heard, answered{method + " " + path, fmt.Sprint(resp.Header) + text})
	return resp.StatusCode, text
}

// moody is a provider that fails as its path says.
func moody(t *testing.T) *httptest.Server {
	good := routextest.NewProvider(routextest.Options{Name: "good", Lenient: true})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/unauthorized"):
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"wrong key: %s","type":"invalid_request_error","code":"invalid_api_key"}}`, r.Header.Get("Authorization"))
		case strings.HasPrefix(r.URL.Path, "/broken"):
			w.WriteHeader(http.StatusInternalServerError)
		case strings.HasPrefix(r.URL.Path, "/cut"):
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		default:
			good.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Calls that succeed and fail, and everything that the management API can say,
// leave no secret in an answer, an output, a log or a file.
func TestSecretsNeverLeave(t *testing.T) {
	master := randomKey()
	t.Setenv("ROUTEX_MASTER_KEY", master)
	t.Setenv("ROUTEX_ADMIN_TOKEN", plantedToken)
	dir := t.TempDir()
	upstream := moody(t)
	s := &spy{process: start(t, "-data", filepath.Join(dir, "data"), "-logs", filepath.Join(dir, "logs"), "-tee-networks", "private")}
	hook := tapped(t)
	for _, body := range []string{
		fmt.Sprintf(`{"name":"file","type":"file","filePath":%q}`, filepath.Join(dir, "data", "requests.jsonl")),
		fmt.Sprintf(`{"name":"hook","type":"webhook","url":"%s/in?token=%s","headers":{"Authorization":"Bearer %s"},"secret":%q,"spool":true}`, hook.URL, plantedQuery, plantedHook, plantedSigner),
		fmt.Sprintf(`{"name":"gone","type":"webhook","url":"http://u:%s@no.such.host.invalid/?token=%s","headers":{"X-Api-Key":%q},"retries":0}`, plantedHook, plantedQuery, plantedHook),
	} {
		if status, answer := s.ask("POST", "/api/tee", body); status != http.StatusCreated {
			t.Fatalf("tee: %d %s", status, answer)
		}
	}
	for _, name := range []string{"file", "hook", "gone"} {
		s.ask("POST", "/api/tee/"+name+"/test", "")
		s.ask("GET", "/api/tee/"+name, "")
	}
	s.ask("POST", "/api/tee", fmt.Sprintf(`{"name":"x","type":"webhook","url":"ftp://u:%s@x.test","headers":{"Host":%q},"secret":"%[1]s\u0001","redact":["a|%[1]s"]}`, plantedHook, plantedHook))
	bases := map[string]string{
		"good": upstream.URL + "/v1", "unauthorized": upstream.URL + "/unauthorized/v1", "broken": upstream.URL + "/broken/v1",
		"cut": upstream.URL + "/cut/v1", "gone": "http://127.0.0.1:1/v1", "nameless": "http://no.such.host.invalid/v1",
	}
	for name, base := range bases {
		status, body := s.ask("POST", "/api/channels", fmt.Sprintf(
			`{"name":%q,"type":"openai","baseUrl":"%s?key=%s","apiKey":%q,"apiKeys":[%q],"headers":{"X-Secret":%q},"models":["m-%[1]s"]}`,
			name, base, plantedQuery, plantedKey, plantedSecond, plantedHeader))
		if status != http.StatusCreated {
			t.Fatalf("channel %s: %d %s", name, status, body)
		}
	}
	for name, base := range map[string]string{"proxied": "http://provider.invalid/unauthorized/v1", "tunneled": "https://provider.invalid/v1"} {
		bases[name] = base
		status, body := s.ask("POST", "/api/channels", fmt.Sprintf(`{"name":%q,"type":"openai","baseUrl":%q,"proxyUrl":%q,"apiKey":%q,"models":["m-%[1]s"]}`,
			name, base, strings.Replace(upstream.URL, "//", "//u:"+plantedProxy+"@", 1)+"/", plantedKey))
		if status != http.StatusCreated {
			t.Fatalf("channel %s: %d %s", name, status, body)
		}
	}
	s.ask("POST", "/api/channels", fmt.Sprintf(`{"name":"x","type":"openai","proxyUrl":"http://u:%s@x.test:port"}`, plantedProxy))
	s.ask("POST", "/api/channels", fmt.Sprintf(`{"name":"x","type":"openai","proxyUrl":"ftp://u:%s@x.test/x"}`, plantedProxy))
	// Mistakes are told without what was sent.
	s.ask("POST", "/api/channels", fmt.Sprintf(`{"name":"x","type":"openai","baseUrl":"http://user:%s@x.test","apiKey":"%s\u0001","headers":{"X Secret":%q}}`, plantedQuery, plantedKey, plantedHeader))
	s.ask("POST", "/api/channels", fmt.Sprintf(`{"name":"x","type":"openai","baseUrl":"http://x.test:%s/?key=%[1]s"}`, plantedQuery))
	s.ask("POST", "/api/channels/import", fmt.Sprintf(`{"channels":[{"name":"x","type":"nothing","apiKey":%q}]}`, plantedKey))
	s.ask("POST", "/api/routing/rules", `{"name":"r","type":"default","targetChannel":"good"}`)
	s.ask("POST", "/api/routing/rules/r/disable", "")

	status, body := s.do("POST", "/api/keys", `{"name":"laptop"}`) // which shows the key this once
	if status.StatusCode != http.StatusCreated {
		t.Fatalf("client key: %s", body)
	}
	client := decode[struct{ Data struct{ Key string } }](t, body).Data.Key
	for name := range bases {
		for _, stream := range []string{"false", "true"} {
			for _, path := range []string{"/v1/chat/completions", "/v1/responses", "/v1/messages"} {
				call := fmt.Sprintf(`{"model":"m-%s","stream":%s,"max_tokens":9,"input":"the log says Authorization: Bearer %s","messages":[{"role":"user","content":"the log says {\"api_key\": \"%[3]s\"}"}]}`, name, stream, plantedSaid)
				status := s.partly("POST", path, call, "Authorization", "Bearer "+client)
				if succeeds := name == "good"; succeeds != (status == 200) && name != "cut" {
					t.Errorf("%s for channel %s gets status %d", path, name, status)
				}
			}
		}
		s.partly("POST", "/v1beta/models/m-"+name+":generateContent?key="+client, `{"contents":[{"parts":[{"text":"hi"}]}]}`)
		s.ask("POST", "/api/channels/"+name+"/test", "")
		s.ask("PUT", "/api/channels/"+name, `{"priority":3}`)
	}
	s.ask("POST", "/v1/chat/completions", chatCall, "Authorization", "Bearer "+plantedCaller) // unknown: 401
	s.ask("POST", "/v1beta/models/m:generateContent?key="+plantedCaller, `{}`)
	s.ask("GET", "/api/channels", "", "X-Forwarded-For", "1.2.3.4", "Authorization", "Bearer "+plantedCaller)
	s.ask("POST", "/api/routing/test", `{"model":"m-good","messages":[{"role":"user","content":"hi"}]}`)
	for _, path := range []string{
		"/", "/api", "/api/channels", "/api/channels/good", "/api/channels/export", "/api/channels/export?secrets=true", "/api/keys", "/api/keys/laptop",
		"/api/routing/rules", "/api/strategy", "/api/config", "/api/config/export", "/api/logging/config", "/api/requests", "/api/requests?limit=100", "/api/analytics?groupBy=channel,model,key",
		"/api/tee", "/api/prices", "/api/tracing/traces", "/api/metrics", "/api/metrics/all", "/api/analytics",
		"/health", "/health/ready", "/health/detailed", "/metrics", "/api/tracing/traces?limit=1000", "/api/tracing/stats", "/v1/models", "/api/openapi.json",
	} {
		s.ask("GET", path, "")
	}
	s.ask("POST", "/api/channels/test/all", "")
	s.ask("DELETE", "/api/keys/laptop", "")
	s.stop()
	s.heard = append(s.heard, hook.heard()...)
	s.heard = append(s.heard, answered{"standard output", s.stdout.String()}, answered{"standard error", s.stderr.String()})
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files = append(files, d.Name())
		b, err := os.ReadFile(path)
		s.heard = append(s.heard, answered{path, string(b)})
		return err
	})
	if err != nil || !slices.Contains(files, "routex.db") || !slices.Contains(files, "routex.log") {
		t.Fatalf("there are the files %q: %v", files, err)
	}
	if told := len(hook.heard()); told == 0 {
		t.Error("the webhook was told of nothing")
	}
	if copied, err := os.ReadFile(filepath.Join(dir, "data", "requests.jsonl")); err != nil || !strings.Contains(string(copied), `"request":{"model":"m-good"`) || !strings.Contains(string(copied), "the log says") {
		t.Errorf("the file of the tee has not what was said: %v: %.500s", err, copied)
	}
	for _, secret := range []string{plantedKey, plantedSecond, plantedHeader, plantedQuery, plantedProxy, plantedToken, plantedCaller, plantedHook, plantedSigner, plantedSaid, client, master} {
		for _, h := range s.heard {
			if secret == plantedSaid && strings.HasPrefix(h.what, "POST /v1/") { // to who has said it
				continue
			}
			if strings.Contains(h.text, secret) {
				at := strings.Index(h.text, secret)
				t.Errorf("%s holds %s: ...%s...", h.what, secret, h.text[max(0, at-80):min(len(h.text), at+80)])
			}
		}
	}
}

// A tap is a receiver of webhooks that remembers what it was told.
type tap struct {
	*httptest.Server
	mu   sync.Mutex
	told []answered
}

func tapped(t *testing.T) *tap {
	h := new(tap)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+plantedHook {
			t.Error("the webhook comes without its header")
		}
		h.told = append(h.told, answered{"the webhook", string(body)})
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *tap) heard() []answered {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.told)
}

// partly is ask for an answer that may break off, and gives the status.
func (s *spy) partly(method, path, body string, header ...string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body) // as much as there is
	s.heard = append(s.heard, answered{method + " " + strings.SplitN(path, "?", 2)[0], fmt.Sprint(resp.Header) + string(b)})
	return resp.StatusCode
}
