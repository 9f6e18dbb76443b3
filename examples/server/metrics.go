package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/metric"

	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/trace/prom"
)

// openMetrics gives what counts calls, and tells of the process and of the
// request log too.
func openMetrics(calls *requests.Log) (*prom.Exporter, error) {
	p, err := prom.New()
	if err != nil {
		return nil, fmt.Errorf("cannot count calls: %w", err)
	}
	err = errors.Join(
		p.Register(collectors.NewGoCollector()),
		p.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		tellOfRequests(p.Meter(), calls),
	)
	if err != nil {
		return nil, fmt.Errorf("cannot count calls: %w", err)
	}
	return p, nil
}

// tellOfRequests tells how the request log is doing, as long as there is a
// meter to tell.
func tellOfRequests(m metric.Meter, calls *requests.Log) error {
	waiting, err := m.Int64ObservableUpDownCounter("routex.request_log.waiting",
		metric.WithDescription("Calls that are not in the request log yet."))
	if err != nil {
		return err
	}
	dropped, err := m.Int64ObservableCounter("routex.request_log.dropped",
		metric.WithDescription("Calls that were not logged, because too many waited."))
	if err != nil {
		return err
	}
	_, err = m.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		s := calls.Stats()
		to.ObserveInt64(waiting, int64(s.Waiting))
		to.ObserveInt64(dropped, s.Dropped)
		return nil
	}, waiting, dropped)
	return err
}
