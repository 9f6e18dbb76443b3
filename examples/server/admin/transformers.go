package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

func (a *API) listTransformers(*http.Request, *object) (reply, error) {
	return reply{data: named.List()}, nil
}

// transformers reads {"use":[...],"perModel":{model:[...]}} or a plain array.
func transformers() parser[*store.Transformers] {
	use := transformerList()
	all := nested(func(o *object, t *store.Transformers) {
		t.Use = []store.Transformer{}
		read(o, "use", &t.Use, []store.Transformer{}, use)
		read(o, "perModel", &t.PerModel, nil, mapOf(transformersOfModel(), "must be an object: {model: [transformers]}"))
	})
	return parser[*store.Transformers]{
		takes: func() *schema { return eitherSchema(use.takes(), all.takes()) },
		parse: func(raw json.RawMessage, fail failFunc) *store.Transformers {
			if raw[0] == '[' {
				return &store.Transformers{Use: use.parse(raw, inside(fail, ".use"))}
			}
			t := all.parse(raw, fail)
			return &t
		},
	}
}

// transformersOfModel reads a list, also as {"use":[...]}.
func transformersOfModel() parser[[]store.Transformer] {
	list := transformerList()
	wrapped := nested(func(o *object, t *store.Transformers) { read(o, "use", &t.Use, nil, list) })
	return parser[[]store.Transformer]{
		takes: func() *schema { return eitherSchema(list.takes(), wrapped.takes()) },
		parse: func(raw json.RawMessage, fail failFunc) []store.Transformer {
			if raw[0] == '{' {
				return wrapped.parse(raw, fail).Use
			}
			return list.parse(raw, fail)
		},
	}
}

func transformerList() parser[[]store.Transformer] {
	return listOf(transformer(), "must be an array of names, or of [name, options]")
}

// transformer reads a name, or a name with options, and checks both.
func transformer() parser[store.Transformer] {
	return parser[store.Transformer]{schemaOf[store.Transformer], parseTransformer}
}

func parseTransformer(raw json.RawMessage, fail failFunc) store.Transformer {
	if raw[0] != '[' {
		t := store.Transformer{Name: parseText(raw, fail)}
		checkTransformer(t, fail, fail)
		return t
	}
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil || len(pair) == 0 || len(pair) > 2 {
		fail("", codeType, "must be a name, or [name, options]")
		return store.Transformer{}
	}
	t := store.Transformer{Name: parseText(pair[0], inside(fail, "[0]"))}
	if len(pair) == 2 && !isNull(pair[1]) {
		t.Options = pair[1]
	}
	checkTransformer(t, inside(fail, "[0]"), inside(fail, "[1]"))
	return t
}

// checkTransformer reports what is wrong with a name and with the options.
func checkTransformer(t store.Transformer, name, options failFunc) {
	if t.Name == "" {
		name("", codeValue, "must be the name of a transformer: "+strings.Join(transformerNames(), ", "))
		return
	}
	_, err := named.New(t.Name, t.Options)
	bad, ok := errors.AsType[*named.Error](err)
	if !ok {
		return
	}
	for _, f := range bad.Fields {
		switch {
		case f.Field != "":
			options("."+f.Field, codeValue, f.Problem)
		case slices.Contains(transformerNames(), t.Name):
			options("", codeType, f.Problem)
		default:
			name("", codeValue, fmt.Sprintf("%q: %s", t.Name, f.Problem))
		}
	}
}

func transformerNames() []string {
	var names []string
	for _, d := range named.List() {
		names = append(names, d.Name)
	}
	return names
}

// libraryTransformers makes what was checked when it was written.
func libraryTransformers(list []store.Transformer) ([]transform.Transformer, error) {
	out := make([]transform.Transformer, 0, len(list))
	for _, t := range list {
		made, err := named.New(t.Name, t.Options)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	return out, nil
}
