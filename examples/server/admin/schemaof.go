package admin

import (
	"encoding"
	"encoding/json"
	"log/slog"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform/named"
)

// schemaOf describes values of a Go type as encoding/json writes them.
func schemaOf[T any]() *schema { return new(reflector).of(reflect.TypeFor[T]()) }

// A reflector describes Go types. With components, structs are described once
// and referred to by their names.
type reflector struct {
	components map[string]*schema
	types      map[string]reflect.Type // of the components
}

// written describes the types that write themselves in a way of their own.
func written(t reflect.Type) *schema {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return anySchema()
	case reflect.TypeFor[time.Time]():
		return &schema{Type: typeNames{"string"}, Format: "date-time"}
	case reflect.TypeFor[slog.Level]():
		return namesSchema(logs.LevelNames())
	case reflect.TypeFor[router.OneOf]():
		return eitherSchema(stringSchema(), listSchema(stringSchema()))
	case reflect.TypeFor[store.Windows]():
		return eitherSchema(typed("integer"), mapSchema(typed("integer")), typed("null"))
	case reflect.TypeFor[store.Transformer]():
		var names []string
		for _, d := range named.List() {
			names = append(names, d.Name)
		}
		pair := &schema{Type: typeNames{"array"}, MinItems: 1, MaxItems: 2}
		pair.PrefixItems = []*schema{namesSchema(names), objectSchema().orNull()}
		return eitherSchema(namesSchema(names), pair)
	}
	if t.Implements(reflect.TypeFor[json.Marshaler]()) {
		panic("admin: no schema for " + t.String()) // a test describes all there are
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return stringSchema()
	}
	return nil
}

func (r *reflector) of(t reflect.Type) *schema {
	if s := written(t); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return r.of(t.Elem()).orNull()
	case reflect.String:
		return stringSchema()
	case reflect.Bool:
		return typed("boolean")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return typed("integer")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &schema{Type: typeNames{"integer"}, Minimum: new(float64)}
	case reflect.Float32, reflect.Float64:
		return typed("number")
	case reflect.Interface:
		return anySchema()
	case reflect.Slice, reflect.Array:
		return listSchema(r.of(t.Elem()))
	case reflect.Map:
		return mapSchema(r.of(t.Elem()))
	case reflect.Struct:
		return r.component(t)
	}
	panic("admin: no schema for " + t.String())
}

// component describes a struct, once.
func (r *reflector) component(t reflect.Type) *schema {
	name := componentName(t)
	if r.components == nil || name == "" {
		return r.object(t)
	}
	if known, ok := r.types[name]; ok && known != t { // another package has one too
		pkg := path.Base(t.PkgPath())
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	if r.types[name] != t {
		r.types[name] = t
		r.components[name] = r.object(t)
	}
	return &schema{Ref: "#/components/schemas/" + name}
}

// componentName is the name of the type without what only Go needs.
func componentName(t reflect.Type) string {
	name := strings.TrimSuffix(t.Name(), "View")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func (r *reflector) object(t reflect.Type) *schema {
	s := objectSchema()
	s.Properties = make(map[string]*schema)
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case f.Anonymous && name == "": // its members are members of this one
			part := r.object(f.Type)
			maps.Copy(s.Properties, part.Properties)
			s.Required = append(s.Required, part.Required...)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		optional := strings.HasPrefix(options, "omit")
		if optional && f.Type.Kind() == reflect.Pointer {
			s.Properties[name] = r.of(f.Type.Elem())
		} else {
			s.Properties[name] = r.of(f.Type)
		}
		if !optional {
			s.Required = append(s.Required, name)
		}
	}
	slices.Sort(s.Required)
	return s
}
