package routex

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// urlBelow is where the channel has what its API calls rest. The query is the
// caller's, credentials aside.
func (ch *channel) urlBelow(rest, model, query string) url.URL {
	u := ch.url
	u.RawPath = ""
	query = withoutParams(query, "key", "access_token")
	switch {
	case ch.deployed():
		if ofDeployment(rest) {
			u.Path += "/deployments/" + cmp.Or(ch.Deployment, model)
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

// passOn hands an answer to the caller as it is, while it arrives.
func (at *attempt) passOn(up *http.Response) *http.Response {
	at.proved()
	resp := at.c.answer(up.StatusCode, passing(up.Header, 1), nil)
	resp.Body, resp.ContentLength = &passed{ReadCloser: up.Body, at: at, left: up.ContentLength, ids: at.idsOf(up)}, up.ContentLength
	at.c.publish()
	return resp
}

// A passed is the body of an answer that is handed on unseen. Its end, or its
// Close, ends the call.
type passed struct {
	io.ReadCloser
	at   *attempt
	left int64     // of the announced length; negative when none was
	ids  *idFinder // nil when none are minted here
	once sync.Once
}

func (b *passed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
	}
	b.ids.look(p[:n])
	switch {
	case errors.Is(err, io.EOF):
		b.end(nil)
	case err != nil:
		b.end(b.at.failed(err))
	}
	return n, err
}

func (b *passed) Close() error {
	if b.left == 0 {
		b.end(nil)
	} else {
		b.end(&breaker.Failure{Class: breaker.HangUp, Err: errClosed})
	}
	err := b.ReadCloser.Close()
	b.at.cancel(nil)
	return err
}

func (b *passed) end(f *breaker.Failure) {
	b.once.Do(func() {
		b.at.over(f)
		if f != nil {
			b.at.c.settle(f.Class, f.Error())
			return
		}
		b.ids.bind(b.at)
		b.at.c.settle(breaker.OK, "")
	})
}

// urlOf is where the attempt goes.
func (at *attempt) urlOf(query string) url.URL {
	e, ch := &at.c.endpoint, at.ch
	switch {
	case e.kind == callsModel:
		return ch.urlFor(at.model, at.c.view.Stream, query)
	case e.kind == passesOn:
		u := ch.urlBelow(e.rest, at.model, withModel(query, at.c.view.Model, at.model))
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

// passHeader puts back what belongs to a body, or a connection, that is not
// touched.
func (at *attempt) passHeader(h http.Header) {
	own := at.c.req.Header
	if at.c.upload != nil && own["Content-Encoding"] != nil {
		h["Content-Encoding"] = own["Content-Encoding"]
	}
	if at.c.endpoint.upgrade {
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, own["Upgrade"]
		dropKeys(h)
	}
}

// balancer is the one that is configured for calls to models. What has no
// model, such as a list of files, is asked of the first channel every time.
func (c *call) balancer() balance.Balancer {
	if c.view.Model != "" {
		return c.s.cfg.Balancer
	}
	return balance.Func(first)
}

func first(_ balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
	return slices.MinFunc(candidates, func(a, b *balance.Candidate) int { return a.Priority - b.Priority })
}
