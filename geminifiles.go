package routex

import (
	"net/http"
	"net/url"
	"strings"
)

// Google takes a file in two steps: the call that begins an upload is answered
// with the URL to which the bytes go, and which names the upload.
const (
	uploadURL     = "X-Goog-Upload-Url"
	uploadCommand = "X-Goog-Upload-Command"
)

// takesFile reports that the body is the file itself, even if it is said to be
// JSON, as Google's own clients do of any.
func (e *endpoint) takesFile(r *http.Request) bool {
	return e.files && r.Body != nil && r.Body != http.NoBody && !strings.Contains(r.Header.Get(uploadCommand), "start")
}

// bindUpload notes where an upload has begun.
func (at *attempt) bindUpload(h http.Header) {
	if u, err := url.Parse(h.Get(uploadURL)); at.c.endpoint.files && err == nil {
		at.bindID(u.Query().Get("upload_id"))
	}
}

// throughHere leads a caller that has begun an upload back to where it asked:
// the provider knows neither its key nor, afterwards, who owns the file.
func throughHere(h http.Header, asked *http.Request) {
	u, err := url.Parse(h.Get(uploadURL))
	if err != nil || u.Host == "" {
		return
	}
	own := url.URL{Scheme: "http", Host: asked.Host, Path: asked.URL.Path, RawQuery: withoutKeys(u.RawQuery)}
	if asked.TLS != nil || asked.Header.Get("X-Forwarded-Proto") == "https" {
		own.Scheme = "https"
	}
	h.Set(uploadURL, own.String())
}
