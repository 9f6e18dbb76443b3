package routex_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

func TestAFileForGeminiGoesWhereItsUploadBegan(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		name, _, _ := strings.Cut(r.URL.Host, ".")
		resp := respond(200, "application/json", `{"file":{"name":"files/f`+name+`"}}`)
		if r.Header.Get("X-Goog-Upload-Command") == "start" {
			resp.Header.Set("X-Goog-Upload-Url", "https://"+r.URL.Host+"/upload/v1beta/files?upload_id=u"+name+"&upload_protocol=resumable")
		}
		return resp
	}}
	list := three(googleChannel)
	for i := range list {
		list[i].Models, list[i].ModelMap = []string{"m"}, map[string]string{"m": "gemini"}
	}
	h := newTransport(t, routex.Config{Channels: list, Base: up}).Handler()
	const command = "X-Goog-Upload-Command"
	w := serve(t, h, "POST", "/upload/v1beta/files", `{"file":{}}`, command, "start", "X-Routex-Channel", "b", "Content-Type", "application/json")
	const to = "http://example.com/upload/v1beta/files?upload_id=ub&upload_protocol=resumable"
	if got := w.Header().Get("X-Goog-Upload-Url"); w.Code != 200 || got != to {
		t.Errorf("%d, the bytes go to %s", w.Code, got)
	}
	// A file may look like a call to a model.
	for _, file := range []string{`{"model":"m","previous_response_id":"x"}`, `{"model":"nobody's"}`, "\x00"} {
		w = serve(t, h, "POST", to, file, command, "upload, finalize", "Content-Type", "application/json")
		if got := up.last(); w.Code != 200 || got.url != "https://b.test/upload/v1beta/files?upload_id=ub&upload_protocol=resumable" || got.body != file {
			t.Errorf("%s: %d %s, sent to %s: %s", file, w.Code, w.Body, got.url, got.body)
		}
	}
	if w = serve(t, h, "GET", "/v1beta/files/fb", ""); w.Code != 200 || !strings.HasPrefix(up.last().url, "https://b.test/") {
		t.Errorf("the file: %d %s, asked of %s", w.Code, w.Body, up.last().url)
	}
}
