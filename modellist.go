package routex

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// maxModels is how many models a page has at most, and without a limit of the
// asker's.
const maxModels = 1000

// A modelPath is what a path of a list of models asks for.
type modelPath struct {
	dialect transform.Dialect
	id      string // "" for the list
}

// modelPathOf tells whether a request asks for models, and in whose shape.
func modelPathOf(r *http.Request) (modelPath, bool) {
	version, rest := belowVersion(r.URL.Path)
	tail, ok := strings.CutPrefix(rest, "/models")
	if !ok || tail != "" && tail[0] != '/' || strings.Contains(tail, ":") && r.Method == http.MethodPost ||
		strings.Contains(tail, operations) {
		return modelPath{}, false
	}
	p := modelPath{dialect: dialectOfHeader(r), id: strings.TrimPrefix(tail, "/")}
	if version != "v1" {
		p.dialect = transform.Gemini
	}
	return p, true
}

// serveModels lists the models in the asker's shape, or tells of one, without
// asking a channel.
func (t *Transport) serveModels(w http.ResponseWriter, r *http.Request, p modelPath) {
	fail := func(e transform.Error) { writeBody(w, e.Status, e.Body(p.dialect)) }
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(transform.Error{Status: http.StatusMethodNotAllowed, Message: "method " + r.Method + " is not allowed here; use GET"})
		return
	}
	s, allowed := t.current.Load(), allowedOf(r.Context())
	if p.id != "" {
		m, ok := s.model(p.id)
		if !ok || !allowed.model(p.id) {
			fail(*unknownModel(p.id))
			return
		}
		writeBody(w, http.StatusOK, appendModel(nil, p.dialect, m))
		return
	}
	page, bad := pageOf(allowed.models(s), p.dialect, r.URL.Query())
	if bad != nil {
		fail(*bad)
		return
	}
	writeBody(w, http.StatusOK, page.append(make([]byte, 0, 64+160*len(page.models)), p.dialect))
}

// A page is a part of the list of models.
type page struct {
	models []listed
	more   bool // there are others on the far side of it
}

// pageOf cuts the page out of the list that the query asks for. OpenAI's list
// has no pages.
func pageOf(all []listed, d transform.Dialect, q url.Values) (page, *transform.Error) {
	limit, after, before := "limit", "after_id", "before_id"
	switch d {
	case transform.Gemini:
		limit, after, before = "pageSize", "pageToken", ""
	case transform.Anthropic:
	default:
		return page{models: all}, nil
	}
	size := maxModels
	if text := q.Get(limit); text != "" {
		n, err := strconv.Atoi(text)
		if err == nil && d == transform.Gemini && (n > maxModels || n == 0) {
			n = maxModels // Google refuses neither
		}
		if err != nil || n < 1 || n > maxModels {
			return page{}, badParam(limit, "must be a number from 1 to "+strconv.Itoa(maxModels))
		}
		size = n
	}
	if id := q.Get(before); before != "" && id != "" {
		i := slices.IndexFunc(all, func(m listed) bool { return m.name == id })
		if i < 0 {
			return page{}, badParam(before, "no model has this id")
		}
		return page{models: all[max(0, i-size):i], more: i > size}, nil
	}
	if id := q.Get(after); id != "" {
		i := slices.IndexFunc(all, func(m listed) bool { return m.name == id })
		if i < 0 {
			return page{}, badParam(after, "no model has this id")
		}
		all = all[i+1:]
	}
	return page{models: all[:min(size, len(all))], more: len(all) > size}, nil
}

func badParam(name, problem string) *transform.Error {
	e := badRequest(name + ": " + problem)
	e.Param = name
	return e
}

// append writes the page as the providers write theirs.
func (p page) append(dst []byte, d transform.Dialect) []byte {
	list := func(head string) {
		dst = append(dst, head...)
		for i, m := range p.models {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendModel(dst, d, m)
		}
		dst = append(dst, ']')
	}
	switch d {
	case transform.Gemini:
		list(`{"models":[`)
		if p.more {
			dst = append(append(dst, `,"nextPageToken":`...), jsonText(p.models[len(p.models)-1].name)...)
		}
	case transform.Anthropic:
		list(`{"data":[`)
		dst = append(dst, `,"has_more":`...)
		dst = strconv.AppendBool(dst, p.more)
		first, last := []byte("null"), []byte("null")
		if n := len(p.models); n > 0 {
			first, last = jsonText(p.models[0].name), jsonText(p.models[n-1].name)
		}
		dst = append(append(append(append(dst, `,"first_id":`...), first...), `,"last_id":`...), last...)
	default:
		list(`{"object":"list","data":[`)
	}
	return append(dst, '}')
}

// appendModel writes a model as the providers write theirs. The time stands
// where they say when it was made, which is not known here.
func appendModel(dst []byte, d transform.Dialect, m listed) []byte {
	name := jsonText(m.name)
	switch d {
	case transform.Gemini:
		full := name
		if !strings.HasPrefix(m.name, "tunedModels/") {
			full = jsonText("models/" + strings.TrimPrefix(m.name, "models/"))
		}
		dst = append(append(append(dst, `{"name":`...), full...), `,"displayName":`...)
		return append(append(dst, name...), `,"supportedGenerationMethods":["generateContent","countTokens"]}`...)
	case transform.Anthropic:
		dst = append(append(append(dst, `{"type":"model","id":`...), name...), `,"display_name":`...)
		return append(append(dst, name...), `,"created_at":"1970-01-01T00:00:00Z"}`...)
	}
	dst = append(append(append(dst, `{"id":`...), name...), `,"object":"model","created":0,"owned_by":`...)
	return append(append(dst, jsonText(string(m.owner))...), '}')
}
