package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

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

// A callView is a call with its Decision.
type callView struct {
	requests.Call
	Decision requests.Decision `json:"decision"`
}

func (a *API) listCalls(r *http.Request, _ *object) (reply, error) {
	return a.callsOf(r, r.URL.Query().Get("channelId"))
}

func (a *API) listCallsOfChannel(r *http.Request, _ *object) (reply, error) {
	return a.callsOf(r, r.PathValue("id"))
}

// callsOf lists calls, those of one channel unless that is "". The channel may
// have been deleted.
func (a *API) callsOf(r *http.Request, channel string) (reply, error) {
	q, err := readQuery(r.URL.Query())
	if err != nil {
		return reply{}, err
	}
	q.ChannelID = channel
	if s := a.state.Load(); channel != "" {
		if i := s.channel(channel); i >= 0 {
			q.ChannelID = s.channels[i].ID
		}
	}
	calls, total, err := a.requests.List(r.Context(), q)
	if err != nil {
		return reply{}, a.unread(r, err)
	}
	return reply{data: list(calls), meta: page{Total: total, Limit: q.Limit, Offset: q.Offset}}, nil
}

func (a *API) getCall(r *http.Request, _ *object) (reply, error) {
	call, decision, err := a.requests.Get(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, requests.ErrNotFound):
		return reply{}, notFound("there is no request with the id or trace id %q; new ones are there after a moment, old ones are dropped", r.PathValue("id"))
	case err != nil:
		return reply{}, a.unread(r, err)
	}
	return reply{data: callView{Call: call, Decision: decision}}, nil
}

// unread tells the caller that the log cannot be read, and the server's log why.
func (a *API) unread(r *http.Request, err error) error {
	a.logger.ErrorContext(r.Context(), "the request log cannot be read", "error", err)
	return noDatabase("the request log cannot be read now; the log of the server says why")
}

// readQuery reads what calls are to be listed.
func readQuery(values url.Values) (requests.Query, error) {
	var wrong mistakes
	number := func(name string, standard, least, most int) int {
		text := values.Get(name)
		if text == "" {
			return standard
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			wrong.add(name, codeValue, "must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
		}
		return n
	}
	moment := func(name string) int64 {
		text := values.Get(name)
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms >= 0 {
			return ms
		}
		t, err := time.Parse(time.RFC3339, text)
		if text == "" {
			return 0
		}
		if err != nil {
			wrong.add(name, codeValue, "must be milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z")
		}
		return t.UnixMilli()
	}
	q := requests.Query{
		Model: values.Get("model"), Text: values.Get("q"), Since: moment("since"), Until: moment("until"),
		Limit: number("limit", defaultCalls, 1, maxCalls), Offset: number("offset", 0, 0, maxOffset),
	}
	if !readStatusFilter(values.Get("status"), &q) {
		wrong.add("status", codeValue, "must be a status such as 200, or 4xx, success, failed, or 0 for callers who left")
	}
	return q, wrong.err()
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
