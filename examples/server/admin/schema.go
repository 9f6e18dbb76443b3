package admin

import (
	"encoding/json"
	"slices"
)

// A schema describes a JSON value, as JSON Schema 2020-12 does. The zero value
// takes everything.
type schema struct {
	Ref                  string             `json:"$ref,omitempty"`
	Type                 typeNames          `json:"type,omitempty"`
	Description          string             `json:"description,omitempty"`
	Format               string             `json:"format,omitempty"`
	Const                any                `json:"const,omitempty"`
	Enum                 []any              `json:"enum,omitempty"`
	Minimum              *float64           `json:"minimum,omitempty"`
	Maximum              *float64           `json:"maximum,omitempty"`
	MaxLength            int                `json:"maxLength,omitempty"`
	PrefixItems          []*schema          `json:"prefixItems,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	MinItems             int                `json:"minItems,omitempty"`
	MaxItems             int                `json:"maxItems,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *additional        `json:"additionalProperties,omitempty"`
	AnyOf                []*schema          `json:"anyOf,omitempty"`

	ignored bool // what it is does not matter
}

// typeNames are the types of JSON that a value can have. One stands alone.
type typeNames []string

// MarshalJSON implements json.Marshaler.
func (t typeNames) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// additional describes the members of an object that are not named; nil means
// that there are none.
type additional struct{ of *schema }

// MarshalJSON implements json.Marshaler.
func (a additional) MarshalJSON() ([]byte, error) {
	if a.of == nil {
		return []byte("false"), nil
	}
	return json.Marshal(a.of)
}

func typed(name string) *schema { return &schema{Type: typeNames{name}} }

func stringSchema() *schema { return typed("string") }

func anySchema() *schema { return new(schema) }

func objectSchema() *schema { return typed("object") }

func namesSchema(names []string) *schema {
	s := stringSchema()
	for _, name := range names {
		s.Enum = append(s.Enum, name)
	}
	return s
}

func rangeSchema(kind string, least, most float64) *schema {
	return &schema{Type: typeNames{kind}, Minimum: &least, Maximum: &most}
}

func listSchema(item *schema) *schema { return &schema{Type: typeNames{"array"}, Items: item} }

func mapSchema(value *schema) *schema {
	return &schema{Type: typeNames{"object"}, AdditionalProperties: &additional{value}}
}

func eitherSchema(of ...*schema) *schema { return &schema{AnyOf: of} }

// orNull takes null too.
func (s *schema) orNull() *schema {
	if s.Type == nil {
		switch {
		case s.AnyOf != nil:
			return eitherSchema(append(slices.Clone(s.AnyOf), typed("null"))...)
		case s.Ref != "":
			return eitherSchema(s, typed("null"))
		}
		return s // which takes everything
	}
	out := *s
	out.Type = append(slices.Clone(s.Type), "null")
	if s.Enum != nil {
		out.Enum = append(slices.Clone(s.Enum), nil)
	}
	return &out
}

// describe tells what a reader of an object takes: the reader is run on an
// empty object, which notes what it asks for, and what it misses.
func describe(reads func(*object)) *schema {
	o := &object{raw: []byte("{}"), shape: objectSchema()}
	o.shape.Properties = make(map[string]*schema)
	reads(o)
	for _, m := range o.wrong {
		if _, known := o.shape.Properties[m.Field]; known && m.Code == codeRequired {
			o.shape.Required = append(o.shape.Required, m.Field)
		}
	}
	slices.Sort(o.shape.Required)
	return o.shape
}
