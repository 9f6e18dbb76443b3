package tees

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// A webhook gets batches of so many records, or what has come in so long.
const (
	webhookBatch  = 10
	webhookLinger = time.Second
)

// maxPath bounds the path of a file, in bytes.
const maxPath = 1024

// reserved begin the names of the server's own files, which no tee may write
// to, or be in a directory of that name: SQLite does not open a database beside
// which there is a directory in place of its journal.
var reserved = []string{"routex.", "requests.db", "master.key"}

// Check gives [tee.Mistakes] that name everything that is wrong with a record,
// by the names of the REST API.
func (s *Set) Check(r *store.Tee) error {
	var all tee.Mistakes
	add := func(err error, but ...string) {
		if bad, ok := errors.AsType[tee.Mistakes](err); ok {
			for _, m := range bad {
				if !slices.Contains(but, m.Field) {
					all = append(all, m)
				}
			}
		}
	}
	d := s.destination(r)
	d.Sink = nothing{}
	add(d.Validate(), "id")
	switch r.Type {
	case File:
		if _, err := s.path(r); err != nil {
			all = append(all, tee.Mistake{Field: "filePath", Problem: strings.TrimPrefix(err.Error(), "tee: ")})
		}
	case Webhook:
		w, err := tee.NewWebhook(s.webhook(r))
		if err == nil {
			_ = w.Close()
		}
		add(err)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

type nothing struct{}

func (nothing) WriteBatch(context.Context, []*tee.Record) error { return nil }

// open makes a tee of a record.
func (s *Set) open(r *store.Tee) (*tee.Tee, error) {
	if err := unreadable(r); err != nil {
		return nil, err
	}
	d := s.destination(r)
	sink, err := s.sink(r)
	if err != nil {
		return nil, err
	}
	d.Sink = sink
	if r.Spool && r.Type == Webhook && s.o.Spools != "" {
		if d.Sink, err = tee.OpenSpool(tee.SpoolConfig{Dir: s.spool(r.ID), Sink: sink, Batch: webhookBatch, Wait: true}); err != nil {
			return nil, err
		}
	}
	return tee.Open(d)
}

func (s *Set) destination(r *store.Tee) tee.Destination {
	f := &r.Filter
	d := tee.Destination{
		ID: r.ID, Name: r.Name, Redact: r.Redact, BodyLimit: cmp.Or(r.BodyLimit, -1), OnChange: s.o.OnChange,
		Filter: tee.Filter{
			Channels: f.Channels, Models: f.Models, StatusCodes: f.StatusCodes, SuccessOnly: f.SuccessOnly, FailureOnly: f.FailureOnly,
			SampleRate: f.SampleRate, MinLatency: milliseconds(f.MinLatency), MaxLatency: milliseconds(f.MaxLatency),
		},
	}
	switch r.Type {
	case Webhook:
		d.Batch, d.Linger = webhookBatch, webhookLinger
	case File:
		if r.Retries == 0 {
			d.RetryFor = -1
		}
	}
	return d
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func (s *Set) sink(r *store.Tee) (tee.BatchSink, error) {
	if r.Type == Webhook {
		return tee.NewWebhook(s.webhook(r))
	}
	root, err := s.path(r)
	if err != nil {
		return nil, err
	}
	return tee.NewFile(r.FilePath, tee.FileOptions{
		Root: root, MaxSize: r.Rotation.MaxSizeMB << 20, MaxAge: time.Duration(r.Rotation.MaxAgeDays) * 24 * time.Hour, Keep: int(r.Rotation.Keep),
	}), nil
}

func (s *Set) webhook(r *store.Tee) tee.WebhookConfig {
	c := tee.WebhookConfig{
		URL: r.URL, Method: r.Method, Header: make(http.Header, len(r.Headers)), Secret: r.Secret,
		Timeout: milliseconds(r.Timeout), Retries: cmp.Or(r.Retries, -1), Guard: s.o.Guard,
	}
	for name, value := range r.Headers {
		c.Header[name] = []string{value}
	}
	return c
}

// path gives the directory that the file must stay in.
func (s *Set) path(r *store.Tee) (root string, err error) {
	switch {
	case len(r.FilePath) > maxPath:
		return "", fmt.Errorf("must not be longer than %d bytes", maxPath)
	case strings.ContainsFunc(r.FilePath, unicode.IsControl):
		return "", errors.New("must not hold control characters")
	}
	root, inside, err := tee.Inside(r.FilePath, s.o.Roots...)
	if err != nil {
		return "", err
	}
	for part := range strings.SplitSeq(filepath.ToSlash(inside), "/") {
		if slices.ContainsFunc(reserved, func(own string) bool { return strings.HasPrefix(strings.ToLower(part), own) }) {
			return "", fmt.Errorf("%s is a name of the server's own files", part)
		}
	}
	if s.o.Spools != "" {
		if _, _, err := tee.Inside(r.FilePath, s.o.Spools); err == nil {
			return "", errors.New("is where the server keeps what waits for webhooks; choose another directory")
		}
	}
	return root, nil
}

// SameFile reports that two records write to one file.
func (s *Set) SameFile(a, b *store.Tee) bool {
	if a.Type != File || b.Type != File {
		return false
	}
	rootA, insideA, errA := tee.Inside(a.FilePath, s.o.Roots...)
	rootB, insideB, errB := tee.Inside(b.FilePath, s.o.Roots...)
	return errA == nil && errB == nil && filepath.Join(rootA, insideA) == filepath.Join(rootB, insideB)
}

// Test delivers one record that says that it is a test, now and once, whatever
// the filter says and whether the tee is in use or not.
func (s *Set) Test(ctx context.Context, r *store.Tee) error {
	if err := unreadable(r); err != nil {
		return err
	}
	traceID, spanID := trace.IDs(oteltrace.SpanContext{})
	record := &tee.Record{
		Time: time.Now(), TraceID: traceID.String(), SpanID: spanID.String(), Path: "/api/tee/" + r.ID + "/test",
		Model: "test", Channel: "test", Status: http.StatusOK,
	}
	if t := s.Get(r.ID); t != nil && r.Type == File { // which is open already
		return t.Test(ctx, record)
	}
	once := *r
	once.Retries = 0
	sink, err := s.sink(&once)
	if err != nil {
		return err
	}
	err = sink.WriteBatch(ctx, []*tee.Record{record})
	if c, ok := sink.(interface{ Close() error }); ok {
		err = errors.Join(err, c.Close())
	}
	return err
}
