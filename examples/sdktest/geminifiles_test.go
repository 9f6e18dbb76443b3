package sdktest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"google.golang.org/genai"

	"github.com/dctx-team/routex"
)

// A shelf is as much of Google's storage of files as one upload needs.
type shelf struct {
	mu    sync.Mutex
	calls []string // under mu
	file  string   // under mu
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
	w.Header().Set("Content-Type", "application/json")
	switch command := r.Header.Get("X-Goog-Upload-Command"); {
	case command == "start":
		w.Header().Set("X-Goog-Upload-Url", "http://"+r.Host+"/upload/v1beta/files?upload_id=u1&upload_protocol=resumable")
		_, _ = io.WriteString(w, "{}")
	case strings.Contains(command, "finalize"):
		s.file += string(body)
		w.Header().Set("X-Goog-Upload-Status", "final")
		_, _ = io.WriteString(w, `{"file":{"name":"files/f1","uri":"http://`+r.Host+`/v1beta/files/f1","mimeType":"application/json"}}`)
	default:
		_, _ = fmt.Fprintf(w, `{"name":"files/f1","sizeBytes":"%d"}`, len(s.file))
	}
}

func TestAFileIsUploadedToGoogleThroughHere(t *testing.T) {
	var idle, used shelf
	channels := make([]routex.Channel, 2)
	for i, s := range []*shelf{&idle, &used} {
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		channels[i] = routex.Channel{Name: fmt.Sprint("g", i), Type: routex.TypeGoogle, BaseURL: server.URL, APIKey: "the-channel's", Models: []string{"m"}, ModelMap: map[string]string{"m": "other"}}
	}
	transport, err := routex.New(routex.Config{Channels: channels})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(transport.Handler())
	t.Cleanup(server.Close)
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: "the-caller's", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"model":"m","previous_response_id":"resp_1"}` // a file, not a call
	file, err := c.Files.Upload(t.Context(), strings.NewReader(text), &genai.UploadFileConfig{
		MIMEType: "application/json", HTTPOptions: &genai.HTTPOptions{Headers: http.Header{"X-Routex-Channel": {"g1"}}},
	})
	if err != nil || file.Name != "files/f1" {
		t.Fatalf("%+v %v", file, err)
	}
	file, err = c.Files.Get(t.Context(), "files/f1", nil)
	if err != nil || file.SizeBytes == nil || *file.SizeBytes != int64(len(text)) {
		t.Errorf("%+v %v", file, err)
	}
	if used.file != text || len(used.calls) != 3 || len(idle.calls) != 0 {
		t.Errorf("%q, asked for %q, the other channel for %q", used.file, used.calls, idle.calls)
	}
}
