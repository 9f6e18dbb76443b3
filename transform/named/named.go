package named

import (
	"context"
	"fmt"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// A Description says what a transformer is for.
type Description struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Options     []Option `json:"options"`
}

// An Error lists every mistake in what [New] was given.
type Error struct {
	Name string // of the transformer
	// Fields name the options. An empty Field is the transformer's own name,
	// or the options as a whole.
	Fields []transform.FieldError
}

// Error lists the mistakes in one line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Fields))
	for i := range e.Fields {
		lines[i] = strings.TrimPrefix(e.Fields[i].Error(), ": ")
	}
	return fmt.Sprintf("transformer %q: %s", e.Name, strings.Join(lines, "; "))
}

// A kind is how a transformer is described and made.
type kind struct {
	Description
	make func(values) (transform.Transformer, []transform.FieldError)
}

func kinds() []kind {
	return append(protocols(), maxTokenKind(), samplingKind(), cleanCacheKind(), reasoningKind(), toolNameKind())
}

// List describes the transformers there are.
func List() []Description {
	all := kinds()
	out := make([]Description, len(all))
	for i := range all {
		out[i] = all[i].Description
		if out[i].Options == nil {
			out[i].Options = []Option{}
		}
	}
	return out
}

// New makes a transformer. Its options are a JSON object; none, or null, means
// the defaults. The error is an [*Error].
func New(name string, options []byte) (transform.Transformer, error) {
	all := kinds()
	names := make([]string, len(all))
	for i, k := range all {
		if k.Name != name {
			names[i] = k.Name
			continue
		}
		v, wrong := readOptions(options, k.Options)
		if len(wrong) > 0 {
			return nil, &Error{Name: name, Fields: wrong}
		}
		t, wrong := k.make(v)
		if len(wrong) > 0 {
			return nil, &Error{Name: name, Fields: wrong}
		}
		return &tagged{name: name, inner: t}, nil
	}
	problem := "there is no such transformer; there are " + strings.Join(names, ", ")
	return nil, &Error{Name: name, Fields: []transform.FieldError{{Problem: problem}}}
}

// tagged names the transformer in its errors.
type tagged struct {
	name  string
	inner transform.Transformer
}

func (t *tagged) Request(ctx context.Context, r *transform.Request) error {
	return t.tag(t.inner.Request(ctx, r))
}

func (t *tagged) Response(ctx context.Context, r *transform.Response) error {
	return t.tag(t.inner.Response(ctx, r))
}

func (t *tagged) Stream(ctx context.Context, r *transform.Response) transform.Stream {
	return t.inner.Stream(ctx, r) // a stream here has no errors of its own
}

func (t *tagged) tag(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("transformer %q: %w", t.name, err)
}

// requestOnly lets answers pass.
type requestOnly struct{}

func (requestOnly) Response(context.Context, *transform.Response) error { return nil }

func (requestOnly) Stream(context.Context, *transform.Response) transform.Stream { return nil }
