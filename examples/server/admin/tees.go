package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/store"
)

// maxTeeTest is how long the test of a tee may take.
const maxTeeTest = 15 * time.Second

type (
	// A teeView is a tee as the API shows it, with how it is doing now.
	teeView struct {
		ID        string            `json:"id"`
		Name      string            `json:"name"`
		Type      string            `json:"type"`
		Enabled   bool              `json:"enabled"`
		FilePath  string            `json:"filePath,omitempty"`
		Rotation  *store.Rotation   `json:"rotation,omitempty"`
		URL       string            `json:"url,omitempty"` // masked: its password, query, and tokens in its path
		Method    string            `json:"method,omitempty"`
		Headers   map[string]string `json:"headers,omitempty"` // masked
		Secret    string            `json:"secret,omitempty"`  // masked
		Timeout   int64             `json:"timeout,omitempty"` // milliseconds
		Spool     bool              `json:"spool,omitempty"`
		Filter    store.TeeFilter   `json:"filter"`
		Retries   int               `json:"retries"`
		Redact    []string          `json:"redact"`
		BodyLimit int64             `json:"bodyLimit"`
		CreatedAt int64             `json:"createdAt"`
		UpdatedAt int64             `json:"updatedAt"`

		Queued      int     `json:"queued"`
		Sent        int64   `json:"sent"`
		Failed      int64   `json:"failed"`
		Dropped     int64   `json:"dropped"`
		Failing     bool    `json:"failing"`
		LastError   *string `json:"lastError"`
		LastErrorAt *int64  `json:"lastErrorAt"`
	}
	teeTestView struct {
		Success bool   `json:"success"`
		TeeID   string `json:"teeId"`
		TeeName string `json:"teeName"`
		Latency int64  `json:"latency"` // milliseconds
		Error   string `json:"error,omitempty"`
	}
)

func (a *API) viewTee(t *store.Tee) teeView {
	st := a.tees.Of(t.ID)
	v := teeView{
		ID: t.ID, Name: t.Name, Type: t.Type, Enabled: !t.Disabled, FilePath: t.FilePath, URL: maskTeeURL(t.URL), Method: t.Method,
		Secret: mask(t.Secret), Timeout: t.Timeout, Spool: t.Spool, Filter: t.Filter, Retries: t.Retries, Redact: list(t.Redact),
		BodyLimit: t.BodyLimit, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
		Queued: st.Queued, Sent: st.Sent, Failed: st.Failed, Dropped: st.Dropped, Failing: st.Failing,
	}
	if t.Rotation != (store.Rotation{}) {
		v.Rotation = &t.Rotation
	}
	if len(t.Headers) > 0 {
		v.Headers = maskTeeHeaders(t.Headers)
	}
	if st.LastError != "" {
		v.LastError, v.LastErrorAt = &st.LastError, milliseconds(st.LastErrorAt)
	}
	return v
}

func (a *API) listTees(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	views := make([]teeView, 0, len(s.tees))
	for i := range s.tees {
		views = append(views, a.viewTee(&s.tees[i]))
	}
	return reply{data: views}, nil
}

func (a *API) getTee(r *http.Request, _ *object) (reply, error) {
	s := a.state.Load()
	i := s.tee(r.PathValue("id"))
	if i < 0 {
		return reply{}, noTee(r)
	}
	return reply{data: a.viewTee(&s.tees[i])}, nil
}

func (a *API) postTee(r *http.Request, body *object) (reply, error) {
	made := newTee()
	made.ID, made.CreatedAt = uuid.NewString(), time.Now().UnixMilli()
	made.UpdatedAt = made.CreatedAt
	if err := a.readTee(body, &made, true); err != nil {
		return reply{}, err
	}
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		if err := a.fits(s, &made); err != nil {
			return store.Change{}, err
		}
		s.tees = append(s.tees, made)
		return store.Change{PutTees: []store.Tee{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: a.viewTee(&made), location: "/api/tee/" + made.ID}, nil
}

func (a *API) putTee(r *http.Request, body *object) (reply, error) {
	var made store.Tee
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.tee(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noTee(r)
		}
		made = s.tees[i]
		if err := a.readTee(body, &made, false); err != nil {
			return store.Change{}, err
		}
		if err := a.fits(s, &made); err != nil {
			return store.Change{}, err
		}
		made.UpdatedAt = time.Now().UnixMilli()
		s.tees[i] = made
		return store.Change{PutTees: []store.Tee{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: a.viewTee(&made)}, nil
}

func (a *API) deleteTee(r *http.Request, _ *object) (reply, error) {
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.tee(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noTee(r)
		}
		id := s.tees[i].ID
		s.tees = slices.Delete(s.tees, i, i+1)
		return store.Change{DropTees: []string{id}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{message: "tee deleted"}, nil
}

// testTee sends one record now. That the destination does not take it is no
// error of the request.
func (a *API) testTee(r *http.Request, body *object) (reply, error) {
	readsNothing(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	s := a.state.Load()
	i := s.tee(r.PathValue("id"))
	if i < 0 {
		return reply{}, noTee(r)
	}
	t := &s.tees[i]
	ctx, cancel := context.WithTimeout(r.Context(), maxTeeTest)
	defer cancel()
	began := time.Now()
	err := a.tees.Test(ctx, t)
	v := teeTestView{Success: err == nil, TeeID: t.ID, TeeName: t.Name, Latency: time.Since(began).Milliseconds()}
	if err != nil {
		v.Error = err.Error()
	}
	return reply{data: v}, nil
}

// fits says why a tee cannot be beside the others.
func (a *API) fits(s *state, t *store.Tee) error {
	for i := range s.tees {
		other := &s.tees[i]
		switch {
		case other.ID == t.ID:
		case other.Name == t.Name:
			return conflict("there is a tee called %q already", t.Name)
		case a.tees.SameFile(other, t):
			return conflict("the tee %q writes to this file already", other.Name)
		}
	}
	return nil
}

// tee gives the index of the tee with that ID, else with that exact name, or -1.
func (s *state) tee(ref string) int {
	if i := slices.IndexFunc(s.tees, func(t store.Tee) bool { return t.ID == ref }); i >= 0 {
		return i
	}
	return slices.IndexFunc(s.tees, func(t store.Tee) bool { return t.Name == ref })
}

func noTee(r *http.Request) error {
	return notFound("there is no tee with the id or name %q", r.PathValue("id"))
}
