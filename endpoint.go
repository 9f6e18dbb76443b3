package routex

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// An endpoint is what a request asks of a provider.
type endpoint struct {
	kind    endpointKind
	dialect transform.Dialect // the caller's protocol
	every   bool              // it is answered even if no channel speaks its protocol
	upgrade bool              // the connection is to become another protocol's
	rest    string            // the path below the version, of one that passes
	files   bool              // it is where Gemini takes the bytes of files
}

type endpointKind uint8

const (
	noProvider   endpointKind = iota // nothing that is known here
	callsModel                       // a call to a model
	countsTokens                     // how many tokens a call would have
	embedsText                       // embeddings of texts
	passesOn                         // all else that a provider has, unchanged
)

// endpointOf tells what a request is for from its path, without the query.
// Below the version of an API everything is a provider's if every is set;
// otherwise only what is known to be.
func endpointOf(r *http.Request, every bool) endpoint {
	if r.URL == nil {
		return endpoint{}
	}
	e := namedEndpoint(r, r.URL.Path)
	if e.kind == noProvider {
		e = passingEndpoint(r, r.URL.Path, every)
	}
	e.every = every
	return e
}

// namedEndpoint is one that is more than passed on, told by how its path ends.
func namedEndpoint(r *http.Request, path string) endpoint {
	if isUpgrade(r.Header) {
		return endpoint{}
	}
	if d := transform.DialectOf(path); d != "" {
		return endpoint{kind: callsModel, dialect: d}
	}
	switch {
	case strings.HasSuffix(path, "/messages/count_tokens"):
		return endpoint{kind: countsTokens, dialect: transform.Anthropic}
	case strings.HasSuffix(path, "/responses/input_tokens"):
		return endpoint{kind: countsTokens, dialect: transform.OpenAIResponses}
	case strings.HasSuffix(path, ":countTokens"):
		return endpoint{kind: countsTokens, dialect: transform.Gemini}
	case strings.HasSuffix(path, ":embedContent"), strings.HasSuffix(path, ":batchEmbedContents"):
		return endpoint{kind: embedsText, dialect: transform.Gemini}
	case strings.HasSuffix(path, "/embeddings"):
		return endpoint{kind: embedsText, dialect: transform.OpenAIChat}
	}
	return endpoint{}
}

// passingEndpoint is one of which nothing need be known but whose it is.
func passingEndpoint(r *http.Request, path string, every bool) endpoint {
	version, rest := belowVersion(path)
	if version == "" || climbs(path) {
		return endpoint{}
	}
	if under := every && strings.HasPrefix(path, "/v1"); !under && !isKnown(version, rest) {
		return endpoint{}
	}
	e := endpoint{kind: passesOn, dialect: transform.OpenAIChat, upgrade: isUpgrade(r.Header), rest: rest}
	e.files = strings.Contains(path, "/upload/"+version+"/")
	switch {
	case version != "v1":
		e.dialect = transform.Gemini
	case r.Header["Anthropic-Version"] != nil, strings.HasPrefix(rest, "/messages/"):
		e.dialect = transform.Anthropic
	case r.Header["X-Goog-Api-Key"] != nil:
		e.dialect = transform.Gemini
	case rest == "/responses", strings.HasPrefix(rest, "/responses/"):
		e.dialect = transform.OpenAIResponses
	}
	return e
}

// climbs reports a path that leads up: a provider would serve what is beside the
// channel's base URL, with the channel's key.
func climbs(path string) bool { return strings.Contains(path+"/", "/../") }

// belowVersion parts a path at its first element that is the version of a
// provider's API. Azure's older paths have it in the query.
func belowVersion(path string) (version, rest string) {
	for tail := path; ; {
		_, after, ok := strings.Cut(tail, "/v1")
		if !ok {
			return azureVersion(path)
		}
		element, _, _ := strings.Cut(after, "/")
		switch element {
		case "", "beta", "alpha":
			return "v1" + element, after[len(element):]
		}
		tail = after
	}
}

func azureVersion(path string) (version, rest string) {
	_, rest, ok := strings.Cut(path, "/openai/")
	if !ok {
		return "", ""
	}
	if tail, named := strings.CutPrefix(rest, "deployments/"); named {
		_, rest, _ = strings.Cut(tail, "/")
	}
	return "v1", "/" + rest
}

// resources are the first elements of the paths that the providers serve below
// the version of their APIs.
var resources = map[string]bool{
	"assistants": true, "audio": true, "batches": true, "chat": true, "complete": true, "completions": true, "containers": true,
	"conversations": true, "evals": true, "files": true, "fine_tuning": true, "images": true, "messages": true,
	"moderations": true, "realtime": true, "responses": true, "skills": true, "threads": true, "uploads": true, "vector_stores": true,
	"videos": true,
}

// isKnown reports a resource of one of the providers. Of Gemini's only files
// and caches are no one else's.
func isKnown(version, rest string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	if version != "v1" {
		return first == "files" || first == "cachedContents" || first == "batches"
	}
	return resources[first]
}

// passesBy reports that a request is none of the transport's business: it asks
// nothing of a provider, or something that no channel could be asked for.
func (e *endpoint) passesBy(s *snapshot) bool {
	if (e.kind == passesOn || e.kind == embedsText) && !e.every {
		return !slices.ContainsFunc(s.channels, e.fits)
	}
	return e.kind == noProvider
}

// fits reports whether a channel can be asked for the endpoint at all.
func (e *endpoint) fits(ch *channel) bool {
	switch e.kind {
	case countsTokens:
		return ch.dialect == e.dialect
	case embedsText:
		return ch.dialect != transform.Anthropic
	case passesOn:
		if e.dialect == transform.OpenAIResponses { // OpenAI's accounts have both APIs
			return ch.dialect == e.dialect || ch.Type == TypeOpenAI || ch.Type == TypeAzure
		}
		return isOpenAI(ch.dialect) == isOpenAI(e.dialect) && (isOpenAI(e.dialect) || ch.dialect == e.dialect)
	}
	return true
}

func isOpenAI(d transform.Dialect) bool {
	return d == transform.OpenAIChat || d == transform.OpenAIResponses
}

// operation names the endpoint as OpenTelemetry's conventions do, where they
// have a name for it. There are few names, whatever a caller's path is.
func (e *endpoint) operation() string {
	switch e.kind {
	case callsModel:
		if e.dialect == transform.Gemini {
			return "generate_content"
		}
		return "chat"
	case embedsText:
		return "embeddings"
	case countsTokens:
		return "count_tokens"
	}
	switch resource, _, _ := strings.Cut(strings.TrimPrefix(e.rest, "/"), "/"); {
	case resource == "completions", resource == "complete":
		return "text_completion"
	case resources[resource], resource == "models", resource == "cachedContents":
		return resource
	}
	return "other"
}
