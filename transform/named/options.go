package named

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// The types of options.
const (
	typeInteger = "integer"
	typeBoolean = "boolean"
	typeString  = "string"
	typeRule    = "rule" // a number, null, or {"min","max"}
)

// An Option is one setting of a transformer.
type Option struct {
	Name string `json:"name"`
	// Type is integer, boolean, string, or rule: a number that is set, null
	// for a member that is removed, or {"min","max"} for one that is kept
	// within bounds.
	Type        string   `json:"type"`
	Description string   `json:"description"`
	Min         float64  `json:"min"` // of numbers
	Max         float64  `json:"max"`
	Values      []string `json:"values,omitempty"` // of strings
	Default     string   `json:"default,omitempty"`
}

// values are the options that were given, by name. They are valid.
type values map[string]gjson.Result

// integer gives an option's number, or the standard one.
func (v values) integer(name string, standard int64) int64 {
	if r, ok := v[name]; ok {
		return r.Int()
	}
	return standard
}

// readOptions checks options against those that are known, and reports every
// mistake.
func readOptions(text []byte, known []Option) (values, []transform.FieldError) {
	v := make(values)
	if len(text) == 0 || string(text) == "null" {
		return v, nil
	}
	all := gjson.ParseBytes(text)
	if !gjson.ValidBytes(text) || !all.IsObject() {
		return nil, []transform.FieldError{{Problem: "the options must be an object"}}
	}
	var wrong []transform.FieldError
	all.ForEach(func(key, value gjson.Result) bool {
		var problem string
		if i := slices.IndexFunc(known, func(o Option) bool { return o.Name == key.Str }); i < 0 {
			problem = unknownOption(known)
		} else if _, twice := v[key.Str]; twice {
			problem = "is there more than once"
		} else {
			problem = known[i].check(value)
		}
		if problem != "" {
			wrong = append(wrong, transform.FieldError{Field: key.Str, Problem: problem})
		}
		v[key.Str] = value
		return true
	})
	for name, value := range v {
		if value.Type == gjson.Null && !isRule(known, name) {
			delete(v, name) // as good as absent
		}
	}
	return v, wrong
}

func unknownOption(known []Option) string {
	if len(known) == 0 {
		return "there is no such option; this transformer takes none"
	}
	names := make([]string, len(known))
	for i := range known {
		names[i] = known[i].Name
	}
	return "there is no such option; there are " + strings.Join(names, ", ")
}

func isRule(known []Option, name string) bool {
	return slices.ContainsFunc(known, func(o Option) bool { return o.Name == name && o.Type == typeRule })
}

// check says what is wrong with a value; "" for nothing.
func (o *Option) check(value gjson.Result) string {
	switch {
	case value.Type == gjson.Null:
		return ""
	case o.Type == typeInteger:
		if value.Type != gjson.Number || value.Num != math.Trunc(value.Num) || !o.within(value.Num) {
			return fmt.Sprintf("must be a whole number from %s to %s", number(o.Min), number(o.Max))
		}
	case o.Type == typeBoolean:
		if !value.IsBool() {
			return "must be true or false"
		}
	case o.Type == typeString:
		if value.Type != gjson.String || !slices.Contains(o.Values, value.Str) {
			return "must be one of " + strings.Join(o.Values, ", ")
		}
	default:
		return o.checkRule(value)
	}
	return ""
}

func (o *Option) within(n float64) bool { return n >= o.Min && n <= o.Max }

// checkRule checks a number, or bounds for one.
func (o *Option) checkRule(value gjson.Result) string {
	must := fmt.Sprintf(`must be a number from %s to %s, {"min","max"} within these, or null`, number(o.Min), number(o.Max))
	if value.Type == gjson.Number && o.within(value.Num) {
		return ""
	}
	if !value.IsObject() {
		return must
	}
	problem := ""
	value.ForEach(func(key, bound gjson.Result) bool {
		if key.Str != "min" && key.Str != "max" || bound.Type != gjson.Number || !o.within(bound.Num) {
			problem = must
		}
		return problem == ""
	})
	low, high := value.Get("min"), value.Get("max")
	switch {
	case problem != "":
	case !low.Exists() && !high.Exists():
		problem = must
	case low.Exists() && high.Exists() && low.Num > high.Num:
		problem = "min must not be over max"
	}
	return problem
}
