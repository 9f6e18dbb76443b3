package admin

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// openAPI serves the description of what is served.
func (a *API) openAPI(w http.ResponseWriter, r *http.Request) {
	a.writeJSON(w, r, http.StatusOK, a.describe())
}

// describe makes the description of the table of operations, and of the calls
// that the Transport takes.
func (a *API) describe() *document {
	refs := &reflector{components: make(map[string]*schema), types: make(map[string]reflect.Type)}
	d := &document{
		OpenAPI: "3.1.0",
		Info: documentInfo{"Routex", "The management API of a Routex server, and the calls to models that it takes. HEAD is answered wherever GET is; " +
			"a method that a path does not have gets the answer MethodNotAllowed.", a.version},
		Servers: []documentServer{{"/"}},
		Paths:   make(map[string]map[string]*described),
		Components: components{
			Responses: make(map[string]*documented),
			SecuritySchemes: map[string]securityScheme{
				"adminToken": {Type: "http", Scheme: "bearer", Description: "The admin token. Callers on the server's own machine need none unless it says otherwise."},
				"clientKey":  {Type: "http", Scheme: "bearer", Description: "A client key, once there is one."},
				"xApiKey":    {Type: "apiKey", In: "header", Name: "X-Api-Key", Description: "A client key, as clients of Anthropic send it."},
				"googApiKey": {Type: "apiKey", In: "header", Name: "X-Goog-Api-Key", Description: "A client key, as clients of Gemini send it."},
			},
		},
	}
	table := a.operations()
	for i := range table {
		d.add(table[i].path, table[i].method, table[i].describe(refs))
	}
	for _, c := range calls() {
		d.add(c.path, c.method, c.describe())
	}
	for _, p := range refusals() {
		d.Components.Responses[p.name] = p.describe(refs)
	}
	d.Components.Schemas = refs.components
	return d
}

func (d *document) add(path, method string, op *described) {
	if d.Paths[path] == nil {
		d.Paths[path] = make(map[string]*described)
	}
	d.Paths[path][strings.ToLower(method)] = op
	if tag := op.Tags[0]; !slices.ContainsFunc(d.Tags, func(t documentTag) bool { return t.Name == tag }) {
		d.Tags = append(d.Tags, documentTag{tag, "What is at " + firstParts(path)})
	}
}

// describe describes an operation.
func (o *operation) describe(refs *reflector) *described {
	out := &described{
		OperationID: operationID(o.method, o.path), Tags: []string{tagOf(o.path)}, Summary: o.summary,
		Security: []map[string][]string{{"adminToken": {}}, {}}, // {}: who need not show any
		Responses: map[string]*documented{
			strconv.Itoa(cmp.Or(o.status, http.StatusOK)): o.succeeds(refs),
		},
	}
	if o.open() {
		out.Security = []map[string][]string{}
	}
	out.Parameters = append(pathParameters(o.path), parameter{
		Name: "X-Request-Id", In: "header", Description: "A name for the request, which the answer repeats", Schema: stringSchema(),
	})
	if o.query != nil {
		out.Parameters = append(out.Parameters, describeParams(o.query)...)
	}
	if o.hasBody() {
		out.RequestBody = &content{
			Description: "A type that ends in +json is as good, and so is none.",
			Required:    !o.bodyOptional, Content: mediaOf(mediaJSON, o.takes()),
		}
	}
	for status, answer := range o.others {
		out.Responses[strconv.Itoa(status)] = answered(http.StatusText(status), mediaJSON, refs.of(reflect.TypeOf(answer)))
	}
	for _, p := range refusals() {
		if slices.Contains(o.refuses(), p.status) {
			out.Responses[strconv.Itoa(p.status)] = &documented{Ref: "#/components/responses/" + p.name}
		}
	}
	return out
}

// open reports what is answered to everybody.
func (o *operation) open() bool { return tagOf(o.path) == "health" }

// succeeds describes the answer of an operation that has done what it was asked
// for.
func (o *operation) succeeds(refs *reflector) *documented {
	var data *schema
	if o.answer != nil {
		data = refs.of(reflect.TypeOf(o.answer))
	}
	if o.serve == nil {
		return answered("Success", cmp.Or(o.media, mediaJSON), data)
	}
	envelope := objectSchema()
	envelope.Properties = map[string]*schema{"success": {Const: true}, "message": stringSchema()}
	envelope.Required = []string{"success"}
	if data != nil {
		envelope.Properties["data"] = data
		envelope.Required = append(envelope.Required, "data")
	}
	if o.meta != nil {
		envelope.Properties["meta"] = refs.of(reflect.TypeOf(o.meta))
		envelope.Required = append(envelope.Required, "meta")
	}
	out := answered("Success", mediaJSON, envelope)
	if o.status == http.StatusCreated {
		out.Headers["Location"] = header{"The path of what was made", stringSchema()}
	}
	return out
}

func answered(what, media string, s *schema) *documented {
	if s == nil {
		s = stringSchema()
	}
	return &documented{
		Description: what,
		Headers:     map[string]header{"X-Request-Id": {"The name of the request", stringSchema()}},
		Content:     mediaOf(media, s),
	}
}

func mediaOf(name string, s *schema) map[string]media { return map[string]media{name: {s}} }

// pathParameters are those in the braces of a path.
func pathParameters(path string) []parameter {
	var out []parameter
	for part := range strings.SplitSeq(path, "{") {
		name, _, found := strings.Cut(part, "}")
		if !found {
			continue
		}
		p := parameter{Name: name, In: "path", Required: true, Schema: stringSchema()}
		if name == "id" {
			p.Description = "The ID, or the exact name of what has one"
		}
		out = append(out, p)
	}
	return out
}

// operationID makes getChannelsById of GET /api/channels/{id}.
func operationID(method, path string) string {
	var b bytes.Buffer
	b.WriteString(strings.ToLower(method))
	for part := range strings.FieldsFuncSeq(strings.TrimPrefix(path, "/api"), func(c rune) bool { return c == '/' || c == ':' || c == '-' || c == '_' || c == '.' }) {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			part = "By" + strings.ToUpper(name[:1]) + strings.TrimSuffix(name[1:], "}")
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// tagOf is the part of the API that a path belongs to.
func tagOf(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) > 2 && parts[1] == "api":
		return parts[2]
	case strings.HasPrefix(parts[1], "v1"):
		return "calls"
	}
	return parts[1]
}

func firstParts(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) > 3 {
		parts = parts[:3]
	}
	return strings.Join(parts, "/")
}

// valid says what is wrong with the table, which tests ask.
func (o *operation) valid() error {
	switch {
	case (o.serve == nil) == (o.plain == nil):
		return fmt.Errorf("%s %s: either serve or plain", o.method, o.path)
	case o.hasBody() && o.takes == nil:
		return fmt.Errorf("%s %s: takes is missing", o.method, o.path)
	case o.summary == "":
		return fmt.Errorf("%s %s: summary is missing", o.method, o.path)
	}
	return nil
}
