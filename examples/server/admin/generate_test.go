package admin_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// A generator makes requests of a description. The same seed gives the same
// ones.
type generator struct {
	*rand.Rand
	ops []operation
	// known are the values that may stand in a path, by the path of the list
	// that they are in.
	known map[string][]string
	names int    // given so far
	files string // the directory of what tees write
}

// An operation is one of a description.
type operation struct {
	method, path string
	query        []string
	body         map[string]any // its schema; nil for none
	optional     bool           // the body
	stream       bool           // the answer does not end by itself
}

// A generated request. Broken says how it was spoiled; "" when it must succeed.
type generated struct {
	method, target, media string
	body                  []byte
	broken                string
	op                    *operation
}

func (g generated) String() string {
	body := g.body
	if len(body) > 2000 {
		body = append(slices.Clone(body[:2000]), "..."...)
	}
	return fmt.Sprintf("%s %s (%s) [%s] %s", g.method, g.target, g.media, g.broken, body)
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// next makes a request: one in three must succeed, and of the others one thing
// or more is wrong, or odd.
func (g *generator) next() generated {
	op := &g.ops[g.IntN(len(g.ops))]
	for g.full(op) || strings.Contains(op.path, "/metrics") && g.IntN(60) > 0 { // whose answers are long
		op = &g.ops[g.IntN(len(g.ops))]
	}
	r, value := g.request(op)
	if r.broken == "" && g.IntN(3) == 0 {
		return r
	}
	for range 1 + g.IntN(2) {
		g.spoil(&r, value)
	}
	return r
}

// enough is how many of a kind there may be.
const enough = 30

// full reports an operation that makes more of what there is enough of.
func (g *generator) full(op *operation) bool {
	return op.method == "post" && (len(g.known[op.path]) > enough || op.path == "/api/channels/import" && len(g.known["/api/channels"]) > enough)
}

// request makes a good request, or one that is said to be broken where that is
// not possible.
func (g *generator) request(op *operation) (r generated, value any) {
	r = generated{method: strings.ToUpper(op.method), target: g.fill(op), media: "application/json", op: op}
	value, known := g.good(op)
	if op.body != nil {
		r.body = mustJSON(value)
	}
	if strings.Contains(r.target, nothingThere) || !known {
		r.broken = "not known"
	}
	return r, value
}

// nothingThere stands for what does not exist.
const nothingThere = "nothing-there"

// fill puts values into the path.
func (g *generator) fill(op *operation) string {
	path := op.path
	if path == "/api/prices/{model}" && op.method == "put" { // which need not be there
		return "/api/prices/" + pick(g, "gpt-4o", "made-up", "a%2Fb")
	}
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		values := g.known[strings.TrimSuffix(before, "/")]
		value := nothingThere
		if len(values) > 0 {
			value = pick(g, values...)
		}
		path = before + url.PathEscape(value) + after
	}
	return path
}

// spoil makes something of a request wrong, or odd.
func (g *generator) spoil(r *generated, value any) {
	kinds := []func(*generated, any) string{g.spoilPath, g.spoilMethod, g.spoilQuery, g.spoilQuery}
	if r.op.body != nil {
		kinds = append(kinds, g.spoilMedia, g.spoilText, g.spoilText)
		for range 8 {
			kinds = append(kinds, g.spoilValue)
		}
	}
	r.broken = strings.TrimPrefix(r.broken+", "+pick(g, kinds...)(r, value), ", ")
}

func (g *generator) spoilPath(r *generated, _ any) string {
	odd := pick(g, "nobody", "%00", "%2F", "a%2Fb", "..", ".", "%2e%2e", "%20", "%FF%FE", "%E2%82%AC", "%25", "~", strings.Repeat("x", 3000),
		"%22%27%3B--", "test", "import", "export", "all", "enabled", "0", "-1", "null")
	parts := strings.Split(r.op.path, "/")
	at := g.IntN(len(parts))
	path, query, _ := strings.Cut(r.target, "?")
	filled := strings.Split(path, "/")
	if len(filled) != len(parts) || at == 0 {
		at = len(filled) - 1
	}
	filled[at] = odd
	r.target = strings.Join(filled, "/")
	if query != "" {
		r.target += "?" + query
	}
	return "path"
}

func (g *generator) spoilMethod(r *generated, _ any) string {
	r.method = pick(g, "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get")
	return "method"
}

func (g *generator) spoilMedia(r *generated, _ any) string {
	r.media = pick(g, "text/plain", "application/x-www-form-urlencoded", ";", "application/json; charset=utf-16; charset=utf-8", "multipart/form-data", "application/xml", "*/*", strings.Repeat("a", 1000))
	return "media"
}

func (g *generator) spoilQuery(r *generated, _ any) string {
	name := pick(g, append(slices.Clone(r.op.query), "nothing")...)
	value := pick(g, "", "0", "1", "-1", "99999999999999999999", "1e9", "0x10", "NaN", "true", "false", "yes", "null", "%00", "%ff", "a%20b", "2026-01-31T12:00:00Z",
		"2026-13-41T99:00:00Z", "4xx", "success", "day", "channel", "%27%20OR%201%3D1", strings.Repeat("9", 400), "%zz", "[]", "1.5", "+1", "%201")
	separator := "?"
	if strings.Contains(r.target, "?") {
		separator = "&"
	}
	r.target += separator + name + "=" + value
	return "query"
}

// spoilText breaks the text of a body.
func (g *generator) spoilText(r *generated, value any) string {
	text := string(mustJSON(value))
	at := 0
	if len(text) > 1 {
		at = 1 + g.IntN(len(text)-1)
	}
	switch g.IntN(12) {
	case 0:
		text = ""
	case 1:
		text = text[:at] // cut off
	case 2:
		text = pick(g, "null", "[]", "0", `"text"`, "true", "{", "[", "{}", "{}{}", "\ufeff{}", "// {}", "{'a':1}", `{"a":}`, `{"a":1,}`, "\x00", " ")
	case 3:
		text += pick(g, "x", "{}", ",", "\x00", "]")
	case 4:
		text = text[:at] + pick(g, "\xff", "\x00", "\n", "\"", "\\", "}", ",", "\xed\xa0\x80") + text[at:]
	case 5:
		depth := pick(g, 10, 1000, 9_000, 12_000)
		text = `{"deep":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
	case 6:
		depth := pick(g, 10, 1000, 9_000)
		text = strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
	case 7: // a member twice
		if object, ok := value.(map[string]any); ok && len(object) > 0 {
			name := pick(g, slices.Sorted(maps.Keys(object))...)
			text = fmt.Sprintf("{%s:%s,%s", mustJSON(name), mustJSON(object[name]), text[1:])
		}
	case 8:
		text = fmt.Sprintf(`{"%s":1}`, strings.Repeat("n", pick(g, 100, 10_000)))
	case 9:
		if g.IntN(20) == 0 {
			text = `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
		}
	default:
		swap := g.IntN(len(text) + 1)
		text = text[:swap] + string(rune(g.IntN(0x250))) + text[min(swap+1, len(text)):]
	}
	r.body = []byte(text)
	return "text"
}

// spoilValue puts a value somewhere into the body where another should be, or
// a member that there is not, or takes one away.
func (g *generator) spoilValue(r *generated, value any) string {
	tree := clone(value)
	g.spoilTree(&tree, 0)
	r.body = mustJSON(tree)
	return "value"
}

func (g *generator) spoilTree(at *any, depth int) {
	switch v := (*at).(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		switch n := g.IntN(6); {
		case n == 0 || len(names) == 0:
			v[pick(g, "nothing", "", "ID", "Name", "__proto__", "a.b", "a[0]", "\u20ac", "keys", "status", "regex", strings.Repeat("k", 500))] = g.odd()
		case n == 1:
			delete(v, pick(g, names...))
		default:
			name := pick(g, names...)
			inner := v[name]
			g.spoilTree(&inner, depth+1)
			v[name] = inner
		}
	case []any:
		if len(v) == 0 || g.IntN(4) == 0 {
			*at = pick(g, any(append(v, g.odd())), g.odd())
			return
		}
		g.spoilTree(&v[g.IntN(len(v))], depth+1)
	default:
		*at = g.odd()
	}
	if depth > 0 && g.IntN(3) == 0 {
		*at = g.odd()
	}
}

// odd is a value that is hardly ever right.
func (g *generator) odd() any {
	raw := func(text string) any { return json.RawMessage(text) }
	return pick[any](g,
		nil, true, false, 0, 1, -1, 1.5, "", " ", "x", "nobody", "null", "0", "*", "**", "(", "[a-", "(?-i)x", "(?=x)", "\x00", "a\x00b", "\u202e", "\u2028", " leading", "line\nbreak",
		raw("1e400"), raw("-1e400"), raw("1e-400"), raw("99999999999999999999999999"), raw("-0"), raw("1E2"), raw("0.1e1"), raw("9007199254740993"), raw("9223372036854775808"),
		raw(`"\ud800"`), raw(`"\udc00\ud800"`), raw(`"\u0000"`), raw("\"\xff\xfe\""), raw(`"\u00e9"`),
		strings.Repeat("x", 101), strings.Repeat("x", 5000), strings.Repeat("\U0001f600", 200), strings.Repeat("a*", 200), strings.Repeat("(a*)*", 50),
		"http://", "http://[::1", "https://user:pw@host/?key=secret", "ftp://x", "//x", "http://a b", "/v1/messages", "%zz", "javascript:alert(1)", "sk-a****1234", "****",
		"enabled", "rate_limited", "openai", "default", "response", "25:00", "Mars/Olympus",
		[]any{}, []any{nil}, []any{""}, []any{1, "a", nil}, []any{[]any{[]any{}}}, []any{map[string]any{}}, []any{"maxtoken", map[string]any{"max_tokens": "x"}},
		map[string]any{}, map[string]any{"": ""}, map[string]any{"*": -1}, map[string]any{"x": nil}, map[string]any{"a": map[string]any{"b": map[string]any{}}}, map[string]any{"X-A\n": "b\r\n"}, map[string]any{"from": "1", "to": ""},
	)
}

func clone(value any) any {
	var out any
	if err := json.Unmarshal(mustJSON(value), &out); err != nil {
		panic(err)
	}
	return out
}

func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
