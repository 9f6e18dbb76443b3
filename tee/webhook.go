package tee

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// A WebhookConfig says where a [Webhook] sends records, and how. It prints as
// the host alone, for the rest may hold credentials.
type WebhookConfig struct {
	// URL is where batches go, by http or https. Its user and password, if it
	// has them, are sent as basic authentication.
	URL string
	// Method is POST, which "" stands for, or PUT.
	Method string
	// Header is sent with every batch. Those that HTTP or the signature needs
	// cannot be set. It is copied.
	Header http.Header
	// Secret signs every batch so that the receiver can [Verify] it: "whsec_"
	// and 16 bytes or more in base64, or a text of that length; "" signs none.
	Secret string
	// Timeout is the longest that one attempt may take; 0 means 10 seconds.
	Timeout time.Duration
	// Retries is how often a batch is sent again at most; 0 means 3 times, a
	// negative number never.
	Retries int
	// Backoff is the pause before the first retry, less up to a half by
	// chance, and doubles up to MaxBackoff; 0 means half a second and half a
	// minute. A receiver's Retry-After can prolong a pause up to MaxBackoff.
	Backoff, MaxBackoff time.Duration
	// Guard decides which addresses may be reached.
	Guard Guard
	// Transport is used instead of one that keeps to Guard and goes through no
	// proxy; nil is that one. Redirects are not followed in any case.
	Transport http.RoundTripper
}

// A Webhook is a [BatchSink] that sends each batch by HTTP, as
// {"records":[...]} with a record as [Record.AppendJSON] writes it. Whatever
// status from 200 to 299 comes back means that the batch was taken. After
// errors of the network and 408, 425, 429 and 5xx the same batch is sent again,
// under the same Webhook-Id, and after 413 in two halves; any other answer is
// final. It is safe for
// concurrent use.
type Webhook struct {
	url      string // without user and password
	host     string
	method   string
	header   http.Header
	key      []byte // to sign with; nil for no signature
	timeout  time.Duration
	attempts int
	backoff  backoff
	rt       http.RoundTripper
	own      *http.Transport // rt, if it is the webhook's own
	hidden   *strings.Replacer
}

// NewWebhook makes a webhook, or gives the [Mistakes] in the configuration.
// [Webhook.Close] lets its connections go.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	u, err := c.validate()
	if err != nil {
		return nil, err
	}
	w := &Webhook{
		host: u.Host, method: c.Method, timeout: c.Timeout, attempts: 1 + max(c.Retries, 0),
		backoff: backoff{min: c.Backoff, max: c.MaxBackoff}, rt: c.Transport, header: make(http.Header, len(c.Header)+2),
		hidden: c.hiding(u),
	}
	if c.Secret != "" {
		w.key, _ = signingKey(c.Secret) // validated
	}
	w.header.Set("Content-Type", "application/json")
	w.header.Set("User-Agent", "Routex")
	if u.User != nil {
		password, _ := u.User.Password()
		w.header.Set("Authorization", basic(u.User.Username(), password))
		u.User = nil
	}
	for name, values := range c.Header {
		w.header[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}
	w.url = u.String()
	if w.rt == nil {
		w.own = &http.Transport{
			DialContext:            c.Guard.DialContext, // and no Proxy, which would connect instead
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        90 * time.Second,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
		}
		w.rt = w.own
	}
	return w, nil
}

// Close lets idle connections go. A webhook can be used after it.
func (w *Webhook) Close() error {
	if w.own != nil {
		w.own.CloseIdleConnections()
	}
	return nil
}

// Format prints the host alone, whatever the verb.
func (w *Webhook) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "webhook at "+w.host) }

// WriteBatch sends the records and, if need be, sends them again until they are
// taken, ctx ends, or it has been tried often enough. A batch that was given up
// has a final [*PartialError] around its [*WebhookError]; one that ctx has cut
// short can be offered again.
func (w *Webhook) WriteBatch(ctx context.Context, records []*Record) error {
	if len(records) == 0 {
		return nil
	}
	body := appendBatch(nil, records)
	id := batchID(records)
	for n := 1; ; n++ {
		status, wait, err := w.send(ctx, id, body)
		if err == nil {
			return nil
		}
		failed := &WebhookError{Host: w.host, Status: status, Attempts: n, Err: err}
		if ctx.Err() != nil {
			failed.Err = ctx.Err()
			return failed
		}
		if status == http.StatusRequestEntityTooLarge && len(records) > 1 {
			return w.halve(ctx, records)
		}
		if n >= w.attempts || !failed.again() {
			return &PartialError{Final: true, Err: failed}
		}
		if rest(ctx, max(wait, w.backoff.pause(n))) != nil {
			return failed // with what went wrong: it says more than that time is up
		}
	}
}

// halve sends a batch that is too large for the receiver as two. When a record
// is too large alone, the others arrive all the same.
func (w *Webhook) halve(ctx context.Context, records []*Record) error {
	half := len(records) / 2
	first := w.WriteBatch(ctx, records[:half])
	taken, final := result(first, half)
	if first != nil && !final {
		return first
	}
	second := w.WriteBatch(ctx, records[half:])
	more, last := result(second, len(records)-half)
	if first == nil && second == nil {
		return nil
	}
	return &PartialError{Taken: taken + more, Final: last || first != nil, Err: cmp.Or(second, first)}
}

// errAnswered is the reason of a failure that the status tells all about.
var errAnswered = errors.New("answered")

// send makes one attempt. The status is 0 if there was no answer, and wait is
// what the receiver asks for.
func (w *Webhook) send(ctx context.Context, id string, body []byte) (status int, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, w.method, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	req.Header = w.header.Clone()
	req.Header.Set(HeaderID, id)
	if w.key != nil {
		now := time.Now().Unix()
		req.Header.Set(HeaderTimestamp, strconv.FormatInt(now, 10))
		req.Header.Set(HeaderSignature, sign(w.key, id, now, body))
	}
	resp, err := w.rt.RoundTrip(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no answer within %v", w.timeout)
		}
		return 0, 0, w.clean(err)
	}
	defer func() { _ = resp.Body.Close() }()
	// What it says is of no interest, but a connection is only used again when
	// the answer was read.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 == 2 {
		return resp.StatusCode, 0, nil
	}
	wait, _ = retryAfter(resp.Header.Get("Retry-After"), time.Now(), w.backoff.max)
	return resp.StatusCode, wait, errAnswered
}

// clean bounds what an error says, and takes out what it may say of
// credentials.
func (w *Webhook) clean(err error) error {
	if refused, ok := errors.AsType[*AddressError](err); ok {
		return refused
	}
	text := w.hidden.Replace(err.Error())
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return errors.New(text)
}

// batchID tells a batch from others by the calls that it is about, so that one
// that a spool sends once more after a restart has the id that it had. It does
// not look at the bodies, which can be long.
func batchID(records []*Record) string {
	h := sha256.New()
	var b []byte
	for _, r := range records {
		b = binary.BigEndian.AppendUint64(b[:0], uint64(r.Time.UnixNano()))
		b = binary.BigEndian.AppendUint64(b, uint64(r.Duration.Microseconds())) // as JSON has it
		b = jsonscan.AppendString(jsonscan.AppendString(b, r.TraceID), r.SpanID)
		h.Write(b)
	}
	return "msg_" + base64.RawURLEncoding.EncodeToString(h.Sum(b[:0])[:18])
}

// appendBatch is the body of a batch.
func appendBatch(b []byte, records []*Record) []byte {
	size := 16
	for _, r := range records {
		size += 1024 + len(r.Request) + len(r.Response)
	}
	if b == nil {
		b = make([]byte, 0, size)
	}
	b = append(b, `{"records":[`...)
	for i, r := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.AppendJSON(b)
	}
	return append(b, "]}"...)
}
