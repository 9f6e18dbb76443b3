package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

const (
	maxProbes = 16              // at one time
	probeTime = 5 * time.Second // for one of them
)

// A probe is what is asked of a channel to see whether it works.
type probe struct {
	path string
	body string
}

// A finding is what came of it.
type finding struct {
	status  int // of the provider; 0 when it did not answer
	latency time.Duration
	problem string // "" when the channel works
}

// examine asks a channel that has one key, in vain for at most probeTime. What
// is free is asked first: it is answered only to who has a key that is good.
func (a *API) examine(ctx context.Context, ch *routex.Channel, model string) finding {
	select {
	case a.probes <- struct{}{}:
		defer func() { <-a.probes }()
	case <-ctx.Done():
		return finding{problem: "the test was given up"}
	}
	limit, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	f, known := finding{}, false
	if counter, p, ok := freeProbe(ch, model); ok {
		f, known = a.ask(limit, counter, p)
	}
	if !known {
		f, _ = a.ask(limit, *ch, tokenProbe(model))
	}
	if f.problem != "" && limit.Err() != nil {
		f.problem = fmt.Sprintf("no answer within %v", probeTime)
		if ctx.Err() != nil {
			f.problem = "the test was given up"
		}
	}
	f.problem = redact(ch, f.problem)
	return f
}

// ask asks one channel alone, over a Transport of its own: what comes of a
// test changes nothing for calls. known is false when the provider does not
// have what was asked for.
func (a *API) ask(ctx context.Context, ch routex.Channel, p probe) (f finding, known bool) {
	ch.Disabled, ch.Drain, ch.MaxConcurrency, ch.Losses = false, false, 0, routex.LossQuiet
	base := a.config.Base
	proxied := base == nil && ch.ProxyURL != "" // which only a Transport's own base can do
	if base == nil && !proxied {
		base = http.DefaultTransport
	}
	alone, err := routex.New(routex.Config{Channels: []routex.Channel{ch}, Base: base, MaxAttempts: 1})
	if err != nil {
		return finding{problem: "the channel cannot be used: " + err.Error()}, true
	}
	if proxied {
		defer alone.CloseIdleConnections() // nobody asks over them again
	}
	ctx, record := routex.WithRecord(ctx)
	call := (&http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: "localhost", Path: p.path},
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(p.body)), Body: io.NopCloser(strings.NewReader(p.body)),
	}).WithContext(ctx)
	resp, err := alone.RoundTrip(call)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		err = errors.Join(err, resp.Body.Close())
	}
	d := record.Decision()
	switch {
	case d == nil || len(d.Attempts) == 0 && err != nil:
		return finding{problem: "the channel could not be asked"}, true
	case len(d.Attempts) == 0:
		return finding{problem: d.Error}, true
	}
	last := &d.Attempts[len(d.Attempts)-1]
	f = finding{status: last.Status, latency: last.Duration}
	if last.Class != breaker.OK && !speaks(last) {
		f.problem = describeAttempt(last)
	}
	missing := []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}
	return f, !slices.Contains(missing, last.Status)
}

// speaks reports the refusal of a model that has begun to reason, and would
// have needed more than the one token that it was given.
func speaks(at *routex.Attempt) bool {
	return at.Status == http.StatusBadRequest && strings.Contains(at.Error, "max_tokens or model output limit was reached")
}

func describeAttempt(at *routex.Attempt) string {
	what := at.Error
	if what == "" {
		what = string(at.Class)
	}
	if at.Status == 0 {
		return what
	}
	return fmt.Sprintf("status %d: %s", at.Status, what)
}

// freeProbe is a count of tokens, which costs nothing and yet needs a key and
// the model. ok is false for channels whose providers are not known to count.
// It is asked of a channel that is the same but for its API.
func freeProbe(ch *routex.Channel, model string) (counter routex.Channel, p probe, ok bool) {
	counter, name := *ch, jsonText(model)
	switch {
	case ch.Dialect() == transform.Anthropic:
		return counter, probe{"/v1/messages/count_tokens", `{"model":` + name + `,"messages":[{"role":"user","content":"ping"}]}`}, true
	case ch.Dialect() == transform.Gemini:
		return counter, probe{"/v1beta/models/" + model + ":countTokens", `{"contents":[{"role":"user","parts":[{"text":"ping"}]}]}`}, true
	case ch.Type == routex.TypeOpenAI && isOpenAIHost(ch.BaseURL) && !embeds(model):
		counter.API, counter.BaseURL, counter.Transformers, counter.PerModel = routex.APIResponses, "", nil, nil
		return counter, probe{"/v1/responses/input_tokens", `{"model":` + name + `,"input":"ping"}`}, true
	}
	return counter, p, false
}

// isOpenAIHost reports a base URL of OpenAI itself. Many others speak its
// protocol, and few of them count.
func isOpenAIHost(base string) bool {
	u, err := url.Parse(base)
	return err == nil && (base == "" || u.Host == "api.openai.com" && u.RawQuery == "")
}

// tokenProbe asks for one token.
func tokenProbe(model string) probe {
	name := jsonText(model)
	if embeds(model) {
		return probe{"/v1/embeddings", `{"model":` + name + `,"input":"ping"}`}
	}
	return probe{"/v1/messages", `{"model":` + name + `,"max_tokens":1,"messages":[{"role":"user","content":"ping"}]}`}
}

func jsonText(s string) string {
	text, _ := json.Marshal(s) // of a string it gives no error
	return string(text)
}

// embeds tells by its name a model that makes embeddings and nothing else.
func embeds(model string) bool { return strings.Contains(strings.ToLower(model), "embed") }

// redact takes the secrets of a channel out of a text, in which a provider or
// an error may have repeated them.
func redact(ch *routex.Channel, text string) string {
	secrets := append([]string{ch.APIKey}, ch.APIKeys...)
	for name, value := range ch.Headers {
		if hides(name, value) {
			secrets = append(append(secrets, value), strings.Fields(value)...) // "Bearer" and what follows
		}
	}
	if u, err := url.Parse(ch.BaseURL); err == nil {
		for name, values := range u.Query() {
			if secretHeader(name) {
				secrets = append(secrets, values...)
			}
		}
	}
	if u, err := url.Parse(ch.ProxyURL); err == nil && u.User != nil {
		password, _ := u.User.Password()
		secrets = append(secrets, u.User.String(), password)
		if password == "" {
			secrets = append(secrets, u.User.Username())
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, secret := range secrets {
		if secret == "" || strings.EqualFold(secret, "Bearer") || strings.EqualFold(secret, "Basic") {
			continue
		}
		text = strings.ReplaceAll(text, secret, hidden)
		text = strings.ReplaceAll(text, url.QueryEscape(secret), hidden)
	}
	return text
}
