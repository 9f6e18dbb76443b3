// Package otlp sends the spans of a program to a collector, as the variables of
// the environment that OpenTelemetry defines say: OTEL_EXPORTER_OTLP_ENDPOINT
// and those beside it, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
// OTEL_TRACES_SAMPLER, OTEL_SDK_DISABLED and the others.
package otlp

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The variables that this package reads by itself. All others are read by
// OpenTelemetry's own packages.
const (
	envDisabled       = "OTEL_SDK_DISABLED"
	envExporter       = "OTEL_TRACES_EXPORTER"
	envEndpoint       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	envTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	envProtocol       = "OTEL_EXPORTER_OTLP_PROTOCOL"
	envTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	envHeaders        = "OTEL_EXPORTER_OTLP_HEADERS"
	envTracesHeaders  = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
)

// The protocols of OTLP that are spoken.
const (
	protocolHTTP = "http/protobuf"
	protocolGRPC = "grpc"
)

// Spans are on their way to a collector.
type Spans struct {
	provider *sdktrace.TracerProvider
	Tracer   trace.Tracer // nil when none are wanted
}

// Open begins to send spans, if an endpoint is named. What goes wrong on the way
// is told to the logger, without what the environment says of credentials; no
// call is delayed by it. Service and version are who sends, if the environment
// does not say so. An error names the variable that cannot be used.
func Open(ctx context.Context, env func(string) string, service, version string, logger *slog.Logger) (*Spans, error) {
	s := new(Spans)
	on, err := wanted(env)
	if err != nil || !on {
		return s, err
	}
	if err := check(env); err != nil {
		return s, err
	}
	client, err := clientOf(env)
	if err != nil {
		return s, err
	}
	otel.SetLogger(logr.Discard()) // it would print headers that it cannot read
	otel.SetErrorHandler(newReporter(env, logger))
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return s, fmt.Errorf("%s: %w", envEndpoint, err)
	}
	s.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(who(ctx, service, version)))
	s.Tracer = s.provider.Tracer("github.com/dctx-team/routex", trace.WithInstrumentationVersion(version))
	return s, nil
}

// Close sends what is left, until ctx ends.
func (s *Spans) Close(ctx context.Context) error {
	if s.provider == nil {
		return nil
	}
	return s.provider.Shutdown(ctx)
}

// wanted reports that spans are to be sent.
func wanted(env func(string) string) (bool, error) {
	if strings.EqualFold(strings.TrimSpace(env(envDisabled)), "true") || first(env, envTracesEndpoint, envEndpoint) == "" {
		return false, nil
	}
	switch exporter := strings.TrimSpace(env(envExporter)); exporter {
	case "", "otlp":
		return true, nil
	case "none":
		return false, nil
	default:
		return false, fmt.Errorf("%s: there is no exporter %q; there are otlp and none", envExporter, exporter)
	}
}

// check looks at what could not be used, and may hold credentials.
func check(env func(string) string) error {
	for _, name := range []string{envEndpoint, envTracesEndpoint} {
		text := strings.TrimSpace(env(name))
		u, err := url.Parse(text)
		if text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return fmt.Errorf("%s: it is no URL of a collector; write it as http://localhost:4318", name)
		}
	}
	for _, name := range []string{envHeaders, envTracesHeaders} {
		for pair := range strings.SplitSeq(env(name), ",") {
			if strings.TrimSpace(pair) != "" && !strings.Contains(pair, "=") {
				return fmt.Errorf("%s: a header is missing its =; write them as name=value,name=value", name)
			}
		}
	}
	return nil
}

func clientOf(env func(string) string) (otlptrace.Client, error) {
	switch protocol := first(env, envTracesProtocol, envProtocol); protocol {
	case "", protocolHTTP:
		return otlptracehttp.NewClient(), nil
	case protocolGRPC:
		return otlptracegrpc.NewClient(), nil
	default:
		return nil, fmt.Errorf("%s: there is no protocol %q; there are %s and %s", envProtocol, protocol, protocolHTTP, protocolGRPC)
	}
}

// first gives the first variable that is set.
func first(env func(string) string, names ...string) string {
	for _, name := range names {
		if value := strings.TrimSpace(env(name)); value != "" {
			return value
		}
	}
	return ""
}

// who describes the program. What of the environment cannot be read is left out,
// and the error handler is told.
func who(ctx context.Context, service, version string) *resource.Resource {
	r, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)),
		resource.WithFromEnv(),
	)
	if err != nil {
		otel.Handle(err)
	}
	return r
}
