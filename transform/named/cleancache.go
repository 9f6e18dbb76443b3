package named

import (
	"bytes"
	"context"
	"strings"

	"github.com/dctx-team/routex/transform"
)

const cacheControl = "cache_control"

// maxDepth bounds how deep a body is looked into. Protocols nest far less.
const maxDepth = 16

// cleanCache takes out cache breakpoints, for servers that refuse them.
type cleanCache struct{ requestOnly }

func cleanCacheKind() kind {
	return kind{
		Description: Description{
			Name:        "cleancache",
			Description: "removes cache_control from the system prompt, messages and tools, for servers that refuse it",
		},
		make: func(values) (transform.Transformer, []transform.FieldError) { return cleanCache{}, nil },
	}
}

func (cleanCache) Request(_ context.Context, r *transform.Request) error {
	if r.Dialect != transform.Anthropic && r.Dialect != transform.OpenAIChat {
		return nil // the others have none
	}
	if !bytes.Contains(r.Body, []byte(cacheControl)) {
		return nil
	}
	e := newEdit(r.Body)
	for i := range e.top {
		e.cleanMember(e.top[i], 1)
	}
	r.Body = e.body()
	return nil
}

// clean removes the member from what is in a value.
func (e *edit) clean(s span, depth int) {
	if depth == maxDepth || !strings.Contains(e.text[s.from:s.to], cacheControl) {
		return
	}
	for c := e.walk(s); c.next(); {
		e.cleanMember(c, depth+1)
	}
}

func (e *edit) cleanMember(c cursor, depth int) {
	switch {
	case c.object && c.key == cacheControl:
		e.remove(c)
	case !c.object || !foreign(c.key):
		e.clean(c.value, depth)
	}
}

// foreign reports a member that holds what the caller made up: a member
// cache_control in there is of the caller's own, such as an argument of a tool.
func foreign(key string) bool {
	switch key {
	case "input", "input_schema", "parameters", "schema", "json_schema", "metadata",
		"output_config", "output_format", "response_format":
		return true
	}
	return false
}
