package admin_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// stranger is a member that nothing has.
const stranger = "zzqqxx"

// TestWhatIsReadIsDescribed puts a member that there is not into every object
// of every body. The refusal says which there are: those must be the ones that
// are described.
func TestWhatIsReadIsDescribed(t *testing.T) {
	h, files := newFullHost(t)
	h.must("POST", "/api/keys", `{"name":"a"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"a","type":"default","targetChannel":"demo"}`, 201)
	h.must("POST", "/api/tee", `{"name":"a","type":"file","filePath":"`+files+`/a.jsonl"}`, 201)
	g := newGenerator(h, files, 1)
	checked := 0
	for i := range g.ops {
		op := &g.ops[i]
		if op.body == nil {
			continue
		}
		for _, place := range objectsIn(op.body) {
			object := map[string]any{stranger: 1}
			for _, name := range place.ignored {
				object[name] = nil
			}
			if op.path == "/api/routing/test" { // what has no request is one
				object["request"] = g.chat()
			}
			body := string(mustJSON(place.put(object)))
			a := h.call(strings.ToUpper(op.method), g.fill(op), body)
			if a.status != 400 {
				t.Errorf("%s %s %s: status %d, want 400 for %s", op.method, op.path, body, a.status, stranger)
				continue
			}
			checked++
			told := ""
			for _, d := range a.Error.Details {
				if strings.HasSuffix(d.Field, stranger) {
					_, told, _ = strings.Cut(d.Message, "there are ")
				} else if d.Code == "unknown_field" {
					t.Errorf("%s %s: %s is described, and not read", op.method, op.path, d.Field)
				}
			}
			var names []string
			if told != "" {
				names = strings.Split(told, ", ")
			}
			slices.Sort(names)
			if !slices.Equal(names, place.names) {
				t.Errorf("%s %s %s: the names that are read are\n%q, those described\n%q", op.method, op.path, body, names, place.names)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d objects were found in the description", checked)
	}
}

// A place is an object in a body that takes no other members than it names.
type place struct {
	names, ignored []string
	put            func(any) any // makes a body with something there
}

// objectsIn finds the objects in a schema.
func objectsIn(schema map[string]any) []place {
	var found []place
	properties, _ := schema["properties"].(map[string]any)
	if schema["additionalProperties"] == false {
		here := place{put: func(v any) any { return v }}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if about, _ := properties[name].(map[string]any)["description"].(string); strings.HasPrefix(about, "Accepted") {
				here.ignored = append(here.ignored, name)
			} else {
				here.names = append(here.names, name)
			}
		}
		found = append(found, here)
	}
	within := func(part any, around func(any) any) {
		inner, ok := part.(map[string]any)
		if !ok { // nothing, or no more members
			return
		}
		for _, p := range objectsIn(inner) {
			put := p.put
			p.put = func(v any) any { return around(put(v)) }
			found = append(found, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		within(properties[name], func(v any) any { return map[string]any{name: v} })
	}
	within(schema["items"], func(v any) any { return []any{v} })
	within(schema["additionalProperties"], func(v any) any { return map[string]any{"m": v} })
	choices, _ := schema["anyOf"].([]any)
	for _, choice := range choices {
		within(choice, func(v any) any { return v })
	}
	return found
}
