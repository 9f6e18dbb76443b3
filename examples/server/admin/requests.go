package admin

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/dctx-team/routex/examples/server/requests"
)

// The bounds of a list of calls.
const (
	defaultCalls = 100
	maxCalls     = 1000
	maxOffset    = 1 << 40
)

// A page says which part of a list an answer is.
type page struct {
	Total  int `json:"total"`
	Limit  int `json:"limit"`
	Offset int `json:"offset"`
}

// A listedCall is a call with what its client key is called now.
type listedCall struct {
	requests.Call
	ClientKeyName string `json:"clientKeyName"`
}

// A callView is a call with its Decision.
type callView struct {
	listedCall
	Decision requests.Decision `json:"decision"`
}

func (a *API) listCalls(r *http.Request, _ *object) (reply, error) {
	p := paramsOf(r)
	return a.callsOf(r, p, readQueryOfAll(p))
}

func (a *API) listCallsOfChannel(r *http.Request, _ *object) (reply, error) {
	p := paramsOf(r)
	q := readQuery(p)
	q.ChannelID = r.PathValue("id")
	return a.callsOf(r, p, q)
}

// callsOf lists calls. The channel and the key that are asked for may have been
// deleted.
func (a *API) callsOf(r *http.Request, p *params, q requests.Query) (reply, error) {
	if err := p.wrong.err(); err != nil {
		return reply{}, err
	}
	s := a.state.Load()
	if i := s.channel(q.ChannelID); q.ChannelID != "" && i >= 0 {
		q.ChannelID = s.channels[i].ID
	}
	if i := s.clientKey(q.ClientKeyID); q.ClientKeyID != "" && i >= 0 {
		q.ClientKeyID = s.clientKeys[i].ID
	}
	calls, total, err := a.requests.List(r.Context(), q)
	if err != nil {
		return reply{}, a.unread(r, err)
	}
	out := make([]listedCall, 0, len(calls))
	for _, c := range calls {
		out = append(out, listedCall{c, s.clientKeyName(c.ClientKeyID)})
	}
	return reply{data: out, meta: page{Total: total, Limit: q.Limit, Offset: q.Offset}}, nil
}

func (a *API) getCall(r *http.Request, _ *object) (reply, error) {
	call, decision, err := a.requests.Get(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, requests.ErrNotFound):
		return reply{}, notFound("there is no request with the id or trace id %q; old ones are dropped", r.PathValue("id"))
	case err != nil:
		return reply{}, a.unread(r, err)
	}
	listed := listedCall{call, a.state.Load().clientKeyName(call.ClientKeyID)}
	return reply{data: callView{listed, decision}}, nil
}

// clientKeyName is what a key is called, "" for one that is not known.
func (s *state) clientKeyName(id string) string {
	if i := s.clientKey(id); id != "" && i >= 0 {
		return s.clientKeys[i].Name
	}
	return ""
}

// unread tells the caller that the log cannot be read, and the server's log why.
func (a *API) unread(r *http.Request, err error) error {
	a.logger.ErrorContext(r.Context(), "the request log cannot be read", "error", err)
	return noDatabase("the request log cannot be read now; the log of the server says why")
}

// readQuery reads what calls are to be listed.
func readQuery(p *params) requests.Query {
	q := requests.Query{
		Model: p.text("model", "The model that callers named"), Text: p.text("q", "A text in what is kept of a call"),
		ClientKeyID: p.text("clientKeyId", "The ID or name of the client key"),
		Since:       p.moment("since", "The earliest"), Until: p.moment("until", "The end"),
		Limit: p.number("limit", "How many at most", defaultCalls, 1, maxCalls), Offset: p.number("offset", "How many to skip", 0, 0, maxOffset),
	}
	if !readStatusFilter(p.text("status", "A status such as 200, or 4xx, success, failed, or 0 for callers who left"), &q) {
		p.wrong.add("status", codeValue, "must be a status such as 200, or 4xx, success, failed, or 0 for callers who left")
	}
	return q
}

func readQueryOfAll(p *params) requests.Query {
	q := readQuery(p)
	q.ChannelID = p.text("channelId", "The ID or name of the channel that answered")
	return q
}

func readStatusFilter(text string, q *requests.Query) bool {
	if len(text) == 3 && text[1:] == "xx" && text[0] >= '1' && text[0] <= '5' {
		q.MinStatus = int(text[0]-'0') * 100
		q.MaxStatus = q.MinStatus + 99
		return true
	}
	switch text {
	case "":
	case "success":
		q.Outcome = requests.Succeeded
	case "failed", "error":
		q.Outcome = requests.Failed
	case "0":
		q.MaxStatus = -1
	default:
		n, err := strconv.Atoi(text)
		q.MinStatus, q.MaxStatus = n, n
		return err == nil && n >= 100 && n <= 599
	}
	return true
}
