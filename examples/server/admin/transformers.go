package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
func transformers(raw json.RawMessage, fail failFunc) *store.Transformers {
	if raw[0] == '[' {
		return &store.Transformers{Use: transformerList(raw, inside(fail, ".use"))}
	}
	o := parts(raw, fail)
	if o == nil {
		return nil
	}
	t := &store.Transformers{Use: []store.Transformer{}}
	read(o, "use", &t.Use, []store.Transformer{}, transformerList)
	read(o, "perModel", &t.PerModel, nil, transformersPerModel)
	o.finish()
	o.report(fail)
	return t
}

func transformersPerModel(raw json.RawMessage, fail failFunc) map[string][]store.Transformer {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		fail("", codeType, "must be an object: {model: [transformers]}")
		return nil
	}
	out := make(map[string][]store.Transformer, len(members))
	for _, model := range slices.Sorted(maps.Keys(members)) {
		here := inside(fail, fmt.Sprintf("[%q]", model))
		value := members[model]
		if value[0] == '{' {
			o := parts(value, here)
			var list []store.Transformer
			read(o, "use", &list, nil, transformerList)
			o.finish()
			o.report(here)
			out[model] = list
			continue
		}
		out[model] = transformerList(value, here)
	}
	return out
}

func transformerList(raw json.RawMessage, fail failFunc) []store.Transformer {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		fail("", codeType, "must be an array of names, or of [name, options]")
		return nil
	}
	out := make([]store.Transformer, 0, len(list))
	for i, item := range list {
		out = append(out, transformer(item, inside(fail, fmt.Sprintf("[%d]", i))))
	}
	return out
}

// transformer reads a name, or a name with options, and checks both.
func transformer(raw json.RawMessage, fail failFunc) store.Transformer {
	if raw[0] != '[' {
		t := store.Transformer{Name: text(raw, fail)}
		checkTransformer(t, fail, fail)
		return t
	}
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil || len(pair) == 0 || len(pair) > 2 {
		fail("", codeType, "must be a name, or [name, options]")
		return store.Transformer{}
	}
	t := store.Transformer{Name: text(pair[0], inside(fail, "[0]"))}
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
