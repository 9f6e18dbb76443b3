package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// An explained is what would become of a call.
type explained struct {
	Rule       *reference         `json:"rule"` // null when none decides
	Rules      []router.Verdict   `json:"rules"`
	Channel    *reference         `json:"channel"` // null when none can take it
	Model      string             `json:"model"`   // that the channel would be asked for
	Tokens     int64              `json:"tokens"`
	Candidates []routex.Candidate `json:"candidates"`
	Order      []string           `json:"order"`
	Affinity   *routex.Affinity   `json:"affinity"`
	Losses     []transform.Loss   `json:"losses"`
	Shadow     string             `json:"shadow,omitempty"`
	WaitMs     int64              `json:"waitMs,omitempty"`
	Status     int                `json:"status,omitempty"` // of a call that would be refused
	Error      string             `json:"error,omitempty"`
}

// A reference names a rule or a channel.
type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// explainCall tells what would become of a call now, and makes none.
func (a *API) explainCall(r *http.Request, body *object) (reply, error) {
	call, err := readCall(r, body)
	if err != nil {
		return reply{}, err
	}
	d, err := a.transport.Explain(call)
	switch {
	case errors.Is(err, routex.ErrNotRouted):
		body.wrong.add("path", codeValue, "is no path of a call to a model")
		return reply{}, body.wrong.err()
	case err != nil:
		return reply{}, err
	}
	return reply{data: viewDecision(d)}, nil
}

// readCall makes the call that the body describes: it is the call's own body,
// or has that as request.
func readCall(r *http.Request, o *object) (*http.Request, error) {
	path := readExplainParams(paramsOf(r))
	request := json.RawMessage(o.raw)
	var headers, metadata map[string]string
	if _, wrapped := o.members["request"]; wrapped {
		w := readWrapped(o, path)
		request, headers, metadata, path = w.request, w.headers, w.metadata, w.path
	}
	if path == "" && len(o.wrong) == 0 {
		path = pathOf(request)
	}
	switch {
	case len(o.wrong) > 0:
	case request == nil:
		o.wrong.add("request", codeRequired, "required: the body of a call")
	case path == "":
		o.wrong.add("path", codeRequired, "the protocol cannot be told by the shape of the body; name the path, such as /v1/messages")
	case !strings.HasPrefix(path, "/"):
		o.wrong.add("path", codeValue, "must begin with /")
	}
	if len(o.wrong) > 0 {
		return nil, o.wrong.err()
	}
	// What is asked here is no call of the administrator's: nothing of it is one.
	ctx := routex.WithMetadata(context.WithoutCancel(r.Context()), metadata)
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+path, bytes.NewReader(request))
	if err != nil {
		o.wrong.add("path", codeValue, "is no path")
		return nil, o.wrong.err()
	}
	call.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		call.Header.Set(name, value)
	}
	return call, nil
}

// A wrapped is a call that is described by more than its body.
type wrapped struct {
	request           json.RawMessage // its body
	headers, metadata map[string]string
	path              string
}

func readWrapped(o *object, path string) (w wrapped) {
	read(o, "request", &w.request, nil, rawObject())
	read(o, "headers", &w.headers, nil, textMap())
	read(o, "metadata", &w.metadata, nil, textMap())
	read(o, "path", &w.path, path, text())
	o.finish()
	if w.path == "" {
		w.path = path
	}
	return w
}

func readExplainParams(p *params) (path string) {
	return p.text("path", "Where the call is sent to, such as /v1/messages; told by the shape of the body if it is left out")
}

// explainSchema is that of a call's own body, or of more about a call.
func explainSchema() *schema {
	return eitherSchema(describe(func(o *object) { readWrapped(o, "") }), objectSchema())
}

// pathOf is where a body of this shape is sent to. Gemini's calls name their
// model in the path, and so have none of their own.
func pathOf(request []byte) string {
	switch shapeOfRequest(request) {
	case transform.Anthropic:
		return "/v1/messages"
	case transform.OpenAIChat:
		return "/v1/chat/completions"
	case transform.OpenAIResponses:
		return "/v1/responses"
	}
	return ""
}

func viewDecision(d *routex.Decision) explained {
	view := explained{
		Rules: list(d.Rules), Model: d.UpstreamModel, Tokens: d.Tokens, Candidates: list(d.Candidates), Order: list(d.Order), Affinity: d.Affinity,
		Losses: list(d.Losses), Shadow: d.Shadow, WaitMs: d.Wait.Milliseconds(), Status: d.Status, Error: d.Error,
	}
	if d.Rule != "" {
		view.Rule = &reference{d.RuleID, d.Rule}
	}
	if d.Channel != "" {
		view.Channel = &reference{d.ChannelID, d.Channel}
	}
	return view
}

// members makes an empty object of none: null is no object.
func members[K comparable, V any](of map[K]V) map[K]V {
	if of == nil {
		return map[K]V{}
	}
	return of
}

// list makes an empty list of none: null is no list.
func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}
