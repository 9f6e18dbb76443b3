package transform_test

import (
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestBodiesNameTheModelOfThePath(t *testing.T) {
	for in, want := range map[string]string{
		`{"model":"models/asked", "content":{"model":1.0}}`:                  `{"model":"models/served", "content":{"model":1.0}}`,
		`{"requests":[{"model":"models/asked","content":{}},{"content":2}]}`: `{"requests":[{"model":"models/served","content":{}},{"content":2}]}`,
		`{"generateContentRequest":{"model":"models/asked","contents":[]}}`:  `{"generateContentRequest":{"model":"models/served","contents":[]}}`,
		`{"contents":[{"parts":[]}]}`:                                        `{"contents":[{"parts":[]}]}`,
		`{"model":`:                                                          `{"model":`,
	} {
		r := transform.Request{Body: []byte(in), Model: "served"}
		if err := transform.NameModel().Request(t.Context(), &r); err != nil || string(r.Body) != want {
			t.Errorf("%s became %s, %v", in, r.Body, err)
		}
	}
}

func TestANameThatSaysWhereTheModelIsStays(t *testing.T) {
	for _, model := range []string{"models/served", "tunedModels/served"} {
		r := transform.Request{Body: []byte(`{"model":"models/asked"}`), Model: model}
		if err := transform.NameModel().Request(t.Context(), &r); err != nil || string(r.Body) != `{"model":"`+model+`"}` {
			t.Errorf("%s: %s, %v", model, r.Body, err)
		}
	}
}
