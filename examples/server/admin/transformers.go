package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/transform"
)

// transformers reads {"use":[...],"perModel":{model:[...]}} or a plain array.
func transformers(raw json.RawMessage, fail failFunc) *store.Transformers {
	if raw[0] == '[' {
		return &store.Transformers{Use: transformerNames(raw, inside(fail, ".use"))}
	}
	o := parts(raw, fail)
	if o == nil {
		return nil
	}
	t := &store.Transformers{Use: []string{}}
	read(o, "use", &t.Use, []string{}, transformerNames)
	read(o, "perModel", &t.PerModel, nil, transformersPerModel)
	o.finish()
	o.report(fail)
	return t
}

func transformersPerModel(raw json.RawMessage, fail failFunc) map[string][]string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		fail("", codeType, "must be an object: {model: [names]}")
		return nil
	}
	out := make(map[string][]string, len(members))
	for _, model := range slices.Sorted(maps.Keys(members)) {
		here := inside(fail, fmt.Sprintf("[%q]", model))
		value := members[model]
		if value[0] == '{' {
			o := parts(value, here)
			var names []string
			read(o, "use", &names, nil, transformerNames)
			o.finish()
			o.report(here)
			out[model] = names
			continue
		}
		out[model] = transformerNames(value, here)
	}
	return out
}

// transformerNames reads a list of names. A name may come with options, as
// [name, {...}]; the transformers there are have none.
func transformerNames(raw json.RawMessage, fail failFunc) []string {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		fail("", codeType, "must be an array of names")
		return nil
	}
	out := make([]string, 0, len(list))
	for i, item := range list {
		here := inside(fail, fmt.Sprintf("[%d]", i))
		var withOptions []json.RawMessage
		if item[0] == '[' && json.Unmarshal(item, &withOptions) == nil && len(withOptions) > 0 {
			item = withOptions[0]
			if len(withOptions) > 1 {
				here("", codeValue, fmt.Sprintf("%s takes no options; give only the name", item))
			}
		}
		out = append(out, text(item, here))
	}
	return out
}

// translation gives the name of the transformer that stands for what happens
// on every channel of a type: translation to and from its protocol.
func translation(channelType string) string {
	switch (&routex.Channel{Type: routex.ChannelType(channelType)}).Dialect() {
	case transform.Anthropic:
		return "anthropic"
	case transform.OpenAIChat:
		return "openai"
	}
	return ""
}

// checkTransformers accepts the names that say what happens anyway.
func checkTransformers(wrong *mistakes, c *store.Channel) {
	if c.Transformers == nil {
		return
	}
	own := translation(c.Type)
	check := func(place string, names []string) {
		for i, given := range names {
			field := fmt.Sprintf("%s[%d]", place, i)
			switch {
			case given != "anthropic" && given != "openai":
				wrong.add(field, codeValue, fmt.Sprintf("there is no transformer %q; available now: anthropic, openai", given))
			case own != "" && given != own:
				wrong.add(field, codeValue, fmt.Sprintf("%q does not agree with the type %q, whose protocol is %q", given, c.Type, own))
			}
		}
	}
	check("transformers.use", c.Transformers.Use)
	for _, model := range slices.Sorted(maps.Keys(c.Transformers.PerModel)) {
		check(fmt.Sprintf("transformers.perModel[%q]", model), c.Transformers.PerModel[model])
	}
}
