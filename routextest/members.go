package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// stranger names the first member of an object that is not among the known
// ones, "" when there is none. The known ones stand between spaces.
func stranger(object gjson.Result, known string) (name string) {
	if !object.IsObject() {
		return ""
	}
	object.ForEach(func(key, _ gjson.Result) bool {
		if !strings.Contains(known, " "+key.String()+" ") {
			name = key.String()
		}
		return name == ""
	})
	return name
}

// each gives the first problem that check finds in a list, with the place put
// before it.
func each(items gjson.Result, place func(i int) string, check func(i int, item gjson.Result) string) (problem string) {
	i := 0
	items.ForEach(func(_, item gjson.Result) bool {
		if problem = check(i, item); problem != "" {
			problem = place(i) + problem
		}
		i++
		return problem == ""
	})
	return problem
}

// dotted and bracketed are places in a list as the providers write them.
func dotted(list string) func(int) string {
	return func(i int) string { return list + "." + number(i) + ": " }
}

func bracketed(list string) func(int) string {
	return func(i int) string { return list + "[" + number(i) + "]: " }
}

// outside reports a number that is there and not between the limits.
func outside(v gjson.Result, low, high float64) bool {
	return v.Exists() && v.Type != gjson.Null && (v.Type != gjson.Number || v.Num < low || v.Num > high)
}

// given reports a member that is there and not null.
func given(v gjson.Result) bool { return v.Exists() && v.Type != gjson.Null }

// plainName reports a name of letters, digits, _ and - (or of extra), not
// longer than limit.
func plainName(name string, limit int, extra string) bool {
	return name != "" && len(name) <= limit && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"+extra, r)
	})
}

// closed reports a schema whose objects all say that they take no other
// members, as strict schemas must.
func closed(schema gjson.Result) bool {
	ok := true
	if schema.IsObject() && schema.Get("type").String() == "object" {
		ok = schema.Get("additionalProperties").Raw == "false"
	}
	schema.ForEach(func(_, v gjson.Result) bool {
		ok = ok && (v.Type != gjson.JSON || closed(v))
		return ok
	})
	return ok
}
