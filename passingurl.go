package routex

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// urlBelow is where the channel has what its API calls rest. The query is the
// caller's, credentials aside.
func (ch *channel) urlBelow(rest, model, query string) url.URL {
	u := ch.url
	u.RawPath = ""
	query = withoutKeys(query)
	switch {
	case ch.deployed():
		switch {
		case ofDeployment(rest):
			u.Path += "/deployments/" + cmp.Or(ch.Deployment, model)
		case rest == "/realtime":
			query = join2("deployment="+url.QueryEscape(cmp.Or(ch.Deployment, model)), withoutParams(query, "deployment", "model"))
		}
		query = join2("api-version="+url.QueryEscape(ch.APIVersion), withoutParams(query, "api-version"))
	case ch.dialect == transform.Gemini:
		u.Path = strings.TrimSuffix(u.Path, "/models")
	default:
		u.Path = strings.TrimSuffix(u.Path, strings.TrimPrefix(ch.dialect.Path(), "/v1"))
	}
	u.Path += rest
	u.RawQuery = join2(u.RawQuery, query)
	return u
}

// ofDeployment reports what Azure has for each deployment, and not for the
// whole account.
func ofDeployment(rest string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch first {
	case "completions", "embeddings", "images", "audio", "chat":
		return true
	}
	return false
}

// urlOf is where the attempt goes.
func (at *attempt) urlOf(query string) url.URL {
	e, ch := &at.c.endpoint, at.ch
	switch {
	case e.kind == callsModel:
		return ch.urlFor(at.model, at.c.view.Stream, query)
	case e.kind == passesOn:
		u := ch.urlBelow(at.rest(), at.model, withModel(query, at.c.view.Model, at.model))
		if e.files && ch.dialect == transform.Gemini {
			u.Path = strings.Replace(u.Path, "/v1", "/upload/v1", 1)
		}
		return u
	case ch.dialect == transform.Gemini:
		u := ch.urlBelow("", at.model, query)
		u.Path = geminiModel(u.Path+"/models", at.model) + at.geminiMethod()
		return u
	case e.kind == embedsText:
		return ch.urlBelow("/embeddings", at.model, query)
	case ch.dialect == transform.Anthropic:
		return ch.urlBelow("/messages/count_tokens", at.model, query)
	}
	return ch.urlBelow("/responses/input_tokens", at.model, query)
}

// rest is the path below the version, with the provider's name of a model that
// it names.
func (at *attempt) rest() string {
	rest := at.c.endpoint.rest
	if at.c.asked.model == "" || at.model == at.c.view.Model {
		return rest
	}
	return strings.Replace(rest, "/models/"+at.c.view.Model, geminiModel("/models", at.model), 1)
}

// geminiMethod is the caller's own, or that into which embeddings are
// translated.
func (at *attempt) geminiMethod() string {
	_, method, own := cutLast(at.c.req.URL.Path, ":")
	if !own || at.c.dialect != transform.Gemini {
		method = "batchEmbedContents"
	}
	return ":" + method
}

// withModel puts the provider's name of a model into a query that names it.
func withModel(query, asked, model string) string {
	if model == "" || asked == model || query == "" {
		return query
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if strings.HasPrefix(part, "model=") {
			parts[i] = "model=" + url.QueryEscape(model)
		}
	}
	return strings.Join(parts, "&")
}
