package routex

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// decompress undoes an encoding that nobody asked for: the request said
// identity.
func decompress(up *http.Response) error {
	switch enc := strings.ToLower(up.Header.Get("Content-Encoding")); enc {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(up.Body)
		if err != nil {
			return fmt.Errorf("%w: gzip: %w", errNoAnswer, err)
		}
		up.Body, up.ContentLength = gunzipped{z, up.Body}, -1
		return nil
	default:
		return fmt.Errorf("%w: content encoding %q", errNoAnswer, enc)
	}
}

type gunzipped struct {
	io.Reader
	io.Closer
}
