package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of the body of a request, in bytes.
const (
	maxBody   = 1 << 20
	maxImport = 32 << 20 // of one that holds many channels
)

// bodyTime is how long a caller may take to send a body.
const bodyTime = 30 * time.Second

// readBody reads the JSON object that a request carries, of at most that many
// bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (*object, error) {
	if err := checkMediaType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	deadline := http.NewResponseController(w)
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTime)) // where that is possible
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	_ = deadline.SetReadDeadline(time.Time{})
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, tooLarge(limit)
	}
	if err != nil {
		return nil, malformed("could not be read to its end")
	}
	return parseObject(body)
}

// checkMediaType accepts JSON, and a caller who does not say.
func checkMediaType(value string) error {
	if value == "" {
		return nil
	}
	media, _, err := mime.ParseMediaType(value)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return wrongMediaType(value)
	}
	return nil
}

// malformed says that the body as a whole cannot be used.
func malformed(format string, args ...any) error {
	var m mistakes
	m.add("body", codeSyntax, fmt.Sprintf(format, args...))
	return m.err()
}

// parseObject takes a JSON object apart without looking into its members.
func parseObject(body []byte) (*object, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, malformed("is empty; send a JSON object")
	}
	if !utf8.Valid(body) {
		return nil, malformed("is not UTF-8")
	}
	if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
		return nil, malformed("is not JSON: %s", describeSyntax(err))
	}
	o := &object{raw: body, members: make(map[string]json.RawMessage)}
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, malformed("must be a JSON object: {...}")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, malformed("is not JSON: %s", describeSyntax(err))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, malformed("is not JSON: %s", describeSyntax(err))
		}
		o.put(fmt.Sprint(key), value)
	}
	return o, nil
}

// describeSyntax says where the text goes wrong.
func describeSyntax(err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("%s at byte %d", syntax.Error(), syntax.Offset)
	}
	return "it cannot be read"
}
