package routex

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// base is the channel's own or its type's default base URL.
func (c *Channel) base() (*url.URL, error) {
	u, err := parseURL(cmp.Or(c.BaseURL, c.Type.DefaultBaseURL()))
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("must be an http or https URL with a host")
	}
	if u.User != nil || u.Fragment != "" {
		return nil, errors.New("must hold neither credentials nor a fragment")
	}
	u.RawPath = ""
	return u, nil
}

// parseURL is url.Parse whose error holds neither the URL nor a part of it,
// which can be a credential.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil {
		return u, nil
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	why, _, _ := strings.Cut(err.Error(), ` "`)
	return nil, fmt.Errorf("not a URL: %s", why)
}

// readAzureURL takes the deployment and the version out of a base URL that is
// the whole endpoint, as the portal shows it.
func (c *Channel) readAzureURL() {
	u, err := url.Parse(c.BaseURL)
	if err != nil || c.Type != TypeAzure {
		return
	}
	c.APIVersion = cmp.Or(c.APIVersion, u.Query().Get("api-version"))
	if _, rest, ok := strings.Cut(u.Path, "/openai/deployments/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		c.Deployment = cmp.Or(c.Deployment, name)
	}
	u.RawQuery = withoutParams(u.RawQuery, "api-version")
	c.BaseURL = u.String()
}

// endpoint is where calls to the channel go, without what depends on the
// call: see [channel.urlFor].
func (c *Channel) endpoint() (*url.URL, error) {
	u, err := c.base()
	if err != nil {
		return nil, err
	}
	switch {
	case c.Type == TypeAzure:
		u.Path = azurePath(u.Path, c.deployed())
		if !c.deployed() {
			u.Path = endpointPath(u.Path, c.Dialect().Path())
		}
	case c.Dialect() == transform.Gemini:
		u.Path = geminiPath(u.Path)
	default:
		u.Path = endpointPath(u.Path, c.Dialect().Path())
	}
	return u, nil
}

// endpointPath completes the path of a base URL: with nothing, a version or
// the whole endpoint at its end, all reach the same place.
func endpointPath(base, full string) string {
	base = strings.TrimRight(base, "/")
	method := strings.TrimPrefix(full, "/v1") // such as /messages
	switch {
	case strings.HasSuffix(base, method):
		return base
	case isVersion(path.Base(base)):
		return base + method
	}
	return base + full
}

// isVersion reports a path element such as v1, v4 or v1beta.
func isVersion(s string) bool {
	if len(s) < 2 || s[0] != 'v' || s[1] < '1' || s[1] > '9' {
		return false
	}
	switch s[2:] {
	case "", "alpha", "beta", "beta1":
		return true
	}
	return false
}

// geminiPath completes the path of a base URL up to the list of models. The
// URLs of Vertex AI end in /publishers/google.
func geminiPath(base string) string {
	base = strings.TrimRight(base, "/")
	if i := strings.Index(base, "/models/"); i >= 0 {
		base = base[:i]
	}
	switch {
	case strings.HasSuffix(base, "/models"):
		return base
	case isVersion(path.Base(base)), strings.Contains(base, "/publishers/"):
		return base + "/models"
	}
	return base + transform.Gemini.Path()
}

// azurePath completes the path of a base URL up to what its two styles of
// paths share, and the version of the newer one.
func azurePath(base string, deployed bool) string {
	base, _, _ = strings.Cut(base, "/openai")
	base = strings.TrimRight(base, "/") + "/openai"
	if deployed {
		return base
	}
	return base + "/v1"
}

// deployed reports that an Azure channel is asked by paths that name the
// deployment, and the version in the query.
func (c *Channel) deployed() bool {
	return c.Type == TypeAzure && c.APIVersion != "" && c.APIVersion != "v1" && c.APIVersion != "preview"
}

// urlFor is where a call for the model goes. The query is the caller's, which
// passes as far as it is not the channel's business.
func (ch *channel) urlFor(model string, stream bool, query string) url.URL {
	u := ch.url
	own := u.RawQuery
	query = withoutKeys(query)
	switch {
	case ch.deployed():
		u.Path += azureCall(ch.dialect, cmp.Or(ch.Deployment, model))
		own = join2(own, "api-version="+url.QueryEscape(ch.APIVersion))
		query = withoutParams(query, "api-version")
	case ch.Type == TypeAzure:
		query = withoutParams(query, "api-version")
		if ch.APIVersion != "" {
			own = join2(own, "api-version="+ch.APIVersion)
		}
	case ch.dialect == transform.Gemini:
		query = withoutParams(query, "alt")
		method := ":generateContent"
		if stream {
			method = ":streamGenerateContent"
			own = join2(own, "alt=sse")
		}
		u.Path = geminiModel(u.Path, model) + method
	}
	u.RawQuery = join2(own, query)
	return u
}

// geminiModel appends a model, which may be written with the list that it is
// in, to the path of the list of models.
func geminiModel(models, model string) string {
	if strings.HasPrefix(model, "tunedModels/") {
		return strings.TrimSuffix(models, "models") + model
	}
	return models + "/" + strings.TrimPrefix(model, "models/")
}

// azureCall is the path below /openai. Only Chat names the deployment in it.
func azureCall(d transform.Dialect, deployment string) string {
	if d == transform.OpenAIResponses {
		return "/responses"
	}
	return "/deployments/" + deployment + "/chat/completions"
}

// join2 joins two queries.
func join2(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// withoutKeys leaves the credentials out of a query: Google takes them there,
// and Azure from browsers.
func withoutKeys(query string) string { return withoutParams(query, "key", "access_token", "api-key") }

// withoutParams leaves the named parameters out of a query, and the rest as it
// is.
func withoutParams(query string, names ...string) string {
	if query == "" {
		return ""
	}
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name)
		out := false
		for _, n := range names {
			out = out || name == n
		}
		if !out {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}
