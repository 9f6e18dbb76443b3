package routex

import (
	"net/url"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// asked is what the URL of a call says besides its protocol. Only Gemini's
// says something.
type asked struct {
	model  string // "" when the body names it
	stream bool
	array  bool // a stream is wanted as one JSON array
}

func readURL(d transform.Dialect, u *url.URL) (a asked) {
	if d != transform.Gemini {
		return a
	}
	path, method, _ := cutLast(u.Path, ":")
	if _, model, ok := strings.Cut(path, "/models/"); ok {
		a.model = model
	} else if i := strings.Index(path, "tunedModels/"); i >= 0 {
		a.model = path[i:]
	}
	a.stream = method == "streamGenerateContent"
	a.array = a.stream && !strings.EqualFold(u.Query().Get("alt"), "sse")
	return a
}

// cutLast is strings.Cut around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
