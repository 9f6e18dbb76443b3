package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/tee"
)

// The bounds of what a tee may say.
const (
	maxRetries    = 100
	maxTeeTimeout = 600_000 // milliseconds
	maxBodyLimit  = 64 << 20
	maxRotation   = 1_000_000 // MiB, days, files
)

// defaultRetries is how often a batch is offered again.
const defaultRetries = 3

func newTee() store.Tee {
	return store.Tee{Retries: defaultRetries, BodyLimit: tee.DefaultBodyLimit}
}

// readTee reads the members of a request over a tee, and reports every mistake
// in the outcome.
func (a *API) readTee(o *object, t *store.Tee, isNew bool) error {
	old := *t
	readID(o, t.ID, isNew)
	read(o, "name", &t.Name, "", name())
	read(o, "type", &t.Type, "", text().among(tees.File, tees.Webhook))
	enabled := !t.Disabled
	if read(o, "enabled", &enabled, true, boolean()) {
		t.Disabled = !enabled
	}
	read(o, "filePath", &t.FilePath, "", text())
	read(o, "rotation", &t.Rotation, store.Rotation{}, rotation())
	if read(o, "url", &t.URL, "", text()) {
		var ok bool
		if t.URL, ok = unmaskTeeURL(t.URL, old.URL); !ok {
			o.wrong.add("url", codeValue, "is masked, and not as the URL of this tee; send the whole URL, or leave it out")
		}
	}
	read(o, "method", &t.Method, "", text().among(http.MethodPost, http.MethodPut))
	if read(o, "headers", &t.Headers, nil, textMap()) {
		for header, value := range t.Headers {
			clear, ok := unmask(value, old.Headers[header])
			if !ok {
				o.wrong.add(fmt.Sprintf("headers[%q]", header), codeValue, "is masked, and not as this header of this tee; send the whole value")
			}
			t.Headers[header] = clear
		}
	}
	if read(o, "secret", &t.Secret, "", text()) {
		var ok bool
		if t.Secret, ok = unmask(t.Secret, old.Secret); !ok {
			o.wrong.add("secret", codeValue, "is masked, and not as the secret of this tee; send the whole secret")
		}
	}
	read(o, "timeout", &t.Timeout, 0, integer(0, maxTeeTimeout))
	read(o, "spool", &t.Spool, false, boolean())
	retries := int64(t.Retries)
	if read(o, "retries", &retries, defaultRetries, integer(0, maxRetries)) {
		t.Retries = int(retries)
	}
	read(o, "filter", &t.Filter, store.TeeFilter{}, teeFilter())
	read(o, "redact", &t.Redact, nil, texts())
	read(o, "bodyLimit", &t.BodyLimit, tee.DefaultBodyLimit, integer(0, maxBodyLimit))
	o.ignore("createdAt", "updatedAt", "queued", "sent", "failed", "dropped", "failing", "lastError", "lastErrorAt")
	o.finish()
	return a.checkTee(o, t)
}

func rotation() parser[store.Rotation] {
	return nested(func(o *object, r *store.Rotation) {
		read(o, "maxSizeMB", &r.MaxSizeMB, 0, integer(0, maxRotation))
		read(o, "maxAgeDays", &r.MaxAgeDays, 0, integer(0, maxRotation/100))
		read(o, "keep", &r.Keep, 0, integer(0, maxRotation))
	})
}

func teeFilter() parser[store.TeeFilter] {
	return nested(func(o *object, f *store.TeeFilter) {
		read(o, "channels", &f.Channels, nil, texts())
		read(o, "models", &f.Models, nil, texts())
		read(o, "statusCodes", &f.StatusCodes, nil, statusCodes())
		read(o, "successOnly", &f.SuccessOnly, false, boolean())
		read(o, "failureOnly", &f.FailureOnly, false, boolean())
		read(o, "sampleRate", &f.SampleRate, nil, share())
		read(o, "minLatency", &f.MinLatency, 0, integer(0, maxTimeout))
		read(o, "maxLatency", &f.MaxLatency, 0, integer(0, maxTimeout))
		whole := tee.Filter{
			SuccessOnly: f.SuccessOnly, FailureOnly: f.FailureOnly,
			MinLatency: time.Duration(f.MinLatency) * time.Millisecond, MaxLatency: time.Duration(f.MaxLatency) * time.Millisecond,
		}
		if bad, ok := errors.AsType[tee.Mistakes](whole.Validate()); ok { // whatever else is wrong
			for _, m := range bad {
				o.wrong.add(m.Field, codeValue, m.Problem)
			}
		}
	})
}

func statusCodes() parser[[]int] {
	code := integer(0, 599)
	return listOf(parser[int]{code.takes, func(raw json.RawMessage, fail failFunc) int { return int(code.parse(raw, fail)) }}, "must be an array of numbers")
}

// share reads a number from 0 to 1.
func share() parser[*float64] {
	takes := func() *schema { return rangeSchema("number", 0, 1) }
	return parser[*float64]{takes, func(raw json.RawMessage, fail failFunc) *float64 {
		var n *float64
		if json.Unmarshal(raw, &n) != nil || n == nil {
			fail("", codeType, "must be a number")
			return nil
		}
		if !(*n >= 0 && *n <= 1) {
			fail("", codeValue, "must be from 0 to 1")
		}
		return n
	}}
}

// checkTee adds what is wrong with a tee as a whole.
func (a *API) checkTee(o *object, t *store.Tee) error {
	if t.Name == "" {
		o.wrong.add("name", codeRequired, "required")
	}
	switch t.Type {
	case tees.File:
		for field, set := range map[string]bool{
			"url": t.URL != "", "method": t.Method != "", "headers": len(t.Headers) > 0, "secret": t.Secret != "",
			"timeout": t.Timeout != 0, "spool": t.Spool,
		} {
			if set {
				o.wrong.add(field, codeValue, "is for tees of the type webhook; leave it out")
			}
		}
		if t.FilePath == "" {
			o.wrong.add("filePath", codeRequired, "required")
		}
	case tees.Webhook:
		if t.FilePath != "" {
			o.wrong.add("filePath", codeValue, "is for tees of the type file; leave it out")
		}
		if t.Rotation != (store.Rotation{}) {
			o.wrong.add("rotation", codeValue, "is for tees of the type file; leave it out")
		}
		if t.URL == "" {
			o.wrong.add("url", codeRequired, "required")
		}
	case "":
		o.wrong.add("type", codeRequired, "required; there are file, webhook")
	default:
		o.wrong.add("type", codeValue, fmt.Sprintf("there is no type of tees %q; there are file, webhook", t.Type))
	}
	look := *t
	if len(secret.UnreadableTee(t)) > 0 { // of which nothing can be said
		look.Headers, look.Secret = nil, ""
		if secret.Sealed(look.URL) {
			look.URL = "http://example.com"
		}
	}
	if bad, ok := errors.AsType[tee.Mistakes](a.tees.Check(&look)); ok {
		for _, m := range bad {
			if !o.wrong.within(m.Field) {
				o.wrong.add(m.Field, codeValue, m.Problem)
			}
		}
	}
	return o.wrong.err()
}
