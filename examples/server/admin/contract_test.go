package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	wrong "github.com/pb33f/libopenapi-validator/errors"

	"github.com/dctx-team/routex/examples/server/admin"
)

// A contract is the description of an API, to which its answers are held.
type contract struct{ v validator.Validator }

// contracts are kept by the text of the description, as compiling one takes a
// while.
var contracts sync.Map

func contractOf(t *testing.T, api *admin.API) *contract {
	t.Helper()
	text := api.Describe()
	made, _ := contracts.LoadOrStore(string(text), sync.OnceValues(func() (*contract, error) { return newContract(text) }))
	c, err := made.(func() (*contract, error))()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newContract(text []byte) (*contract, error) {
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	closeObjects(tree)
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		return nil, fmt.Errorf("the description cannot be used: %v", errs)
	}
	return &contract{v}, nil
}

// closeObjects makes every schema that names members refuse others. Clients
// must bear with more than is described; in tests it is a mistake.
func closeObjects(tree any) {
	switch v := tree.(type) {
	case []any:
		for _, item := range v {
			closeObjects(item)
		}
	case map[string]any:
		_, named := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; named && v["type"] != nil && !said {
			v["additionalProperties"] = false
		}
		for _, item := range v {
			closeObjects(item)
		}
	}
}

// check holds an answer to the description, and a request that was answered
// with success, too. It gives what is wrong.
func (c *contract) check(r *http.Request, body []byte, status int, header http.Header, answer []byte) []string {
	if r.Method == http.MethodHead {
		return nil
	}
	if undecodable(body) || undecodable(answer) {
		return nil
	}
	if strings.HasSuffix(r.URL.Path, "/") { // which the validator takes for the path without it
		return unknownPlace(status, answer)
	}
	resp := &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}
	ok, errs := c.v.ValidateHttpResponse(r, resp)
	if slices.ContainsFunc(errs, func(e *wrong.ValidationError) bool {
		return e.IsPathMissingError() || e.IsOperationMissingError() || strings.Contains(e.Message, "ambiguous") // of dots that are encoded
	}) {
		return unknownPlace(status, answer)
	}
	var found []string
	if !ok {
		found = append(found, describeErrors("the answer", errs)...)
	}
	if status < 400 {
		r = withoutEmptyParams(r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if media := r.Header.Get("Content-Type"); media == "" || strings.Contains(media, "+json") { // which are JSON too
			r = r.Clone(r.Context())
			r.Header.Set("Content-Type", "application/json")
		}
		if ok, errs := c.v.ValidateHttpRequestSync(r); !ok {
			found = append(found, describeErrors("the request, which was taken,", errs)...)
		}
	}
	return found
}

// undecodable reports JSON that the validator cannot read: numbers that are too
// large for it.
func undecodable(text []byte) bool { return json.Valid(text) && json.Unmarshal(text, new(any)) != nil }

// withoutEmptyParams leaves parameters out that have no value, which the
// description allows and the validator does not. Of one that comes twice the
// first counts.
func withoutEmptyParams(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	query := out.URL.Query()
	for name, values := range query {
		query[name] = values[:1]
		if values[0] == "" {
			delete(query, name)
		}
	}
	out.URL.RawQuery = query.Encode()
	return out
}

// unknownPlace checks the answer to a request that is not described: a refusal.
func unknownPlace(status int, answer []byte) []string {
	var envelope struct {
		Success *bool
		Error   struct{ Type, Code, Message string }
	}
	err := json.Unmarshal(answer, &envelope)
	if status < 400 || status >= 500 {
		return []string{fmt.Sprintf("what is not described is answered with %d", status)}
	}
	if err != nil || envelope.Success == nil || *envelope.Success || envelope.Error.Type == "" || envelope.Error.Code == "" || envelope.Error.Message == "" {
		return []string{"what is not described is refused without an envelope"}
	}
	return nil
}

func describeErrors(of string, errs []*wrong.ValidationError) []string {
	var lines []string
	for _, e := range errs {
		lines = append(lines, of+" is not as described: "+e.Message+": "+e.Reason)
		for _, f := range e.SchemaValidationErrors {
			lines = append(lines, fmt.Sprintf("  at %s: %s (%s)", f.FieldPath, f.Reason, f.KeywordLocation))
		}
	}
	return lines
}

func TestTheDescriptionIsValid(t *testing.T) {
	h, _ := newFullHost(t)
	c := contractOf(t, h.api)
	if ok, errs := c.v.ValidateDocument(); !ok {
		t.Errorf("it is not OpenAPI 3.1:\n%s", strings.Join(describeErrors("it", errs), "\n"))
	}
	for _, err := range h.api.CheckTable() {
		t.Error(err)
	}
	a := h.call("GET", "/api/openapi.json", "")
	if a.status != 200 || a.body != string(h.api.Describe()) {
		t.Errorf("GET /api/openapi.json gives %d and not the description", a.status)
	}
}

// A described is the part of a description that tests walk through.
type described struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string
		Parameters  []struct{ Name, In string }
		RequestBody struct {
			Required bool
			Content  map[string]struct{ Schema map[string]any }
		}
		Responses map[string]json.RawMessage
	}
}

func (h *host) described() (d described) {
	h.t.Helper()
	if err := json.Unmarshal(h.api.Describe(), &d); err != nil {
		h.t.Fatal(err)
	}
	return d
}

func TestEveryStatusIsDescribed(t *testing.T) {
	h, _ := newFullHost(t)
	d := h.described()
	for path, methods := range d.Paths {
		for method, op := range methods {
			want := []string{}
			if strings.HasPrefix(path, "/api") {
				want = append(want, "401")
			}
			if method == "post" || method == "put" {
				want = append(want, "400", "413")
			}
			for _, status := range want {
				if op.Responses[status] == nil {
					t.Errorf("%s %s describes no status %s", method, path, status)
				}
			}
			if len(op.Responses) == 0 {
				t.Errorf("%s %s describes no answer", method, path)
			}
		}
	}
	for _, path := range []string{"/v1/messages", "/v1/chat/completions", "/v1beta/models/{model}:generateContent", "/health/ready"} {
		if d.Paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
}
