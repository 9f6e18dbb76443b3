package admin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
)

// A clientKeyView is a client key as the API shows it. Limits of 0 are none,
// and empty lists allow everything.
type clientKeyView struct {
	ID                string   `json:"id"`
	Name              string   `json:"name"`
	Key               string   `json:"key"` // in full in the answer that makes it, masked ever after
	Channels          []string `json:"channels"`
	Models            []string `json:"models"`
	RequestsPerMinute int64    `json:"requestsPerMinute"`
	TokensPerMinute   int64    `json:"tokensPerMinute"`
	MaxConcurrency    int64    `json:"maxConcurrency"`
	DailyTokens       int64    `json:"dailyTokens"`
	DailyCost         float64  `json:"dailyCost"`
	CreatedAt         int64    `json:"createdAt"`
	RevokedAt         *int64   `json:"revokedAt"`
	LastUsedAt        *int64   `json:"lastUsedAt"`
	InFlight          int64    `json:"inFlight"`
	TokensToday       int64    `json:"tokensToday"`
	CostToday         float64  `json:"costToday"`
}

func (a *API) viewClientKey(k *store.ClientKey) clientKeyView {
	used := a.keys.Usage(k.ID)
	v := clientKeyView{
		ID: k.ID, Name: k.Name, Key: k.Shown, Channels: k.Limits.Channels, Models: k.Limits.Models,
		RequestsPerMinute: k.Limits.Requests, TokensPerMinute: k.Limits.Tokens, MaxConcurrency: k.Limits.Concurrency,
		DailyTokens: k.Limits.DailyTokens, DailyCost: k.Limits.DailyCost,
		CreatedAt: k.CreatedAt, LastUsedAt: milliseconds(used.LastUsed),
		InFlight: used.InFlight, TokensToday: used.Tokens, CostToday: used.Cost,
	}
	if k.RevokedAt != 0 {
		v.RevokedAt = &k.RevokedAt
	}
	if v.Channels == nil {
		v.Channels = []string{}
	}
	if v.Models == nil {
		v.Models = []string{}
	}
	return v
}

func (a *API) listClientKeys(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	views := make([]clientKeyView, 0, len(s.clientKeys))
	for i := range s.clientKeys {
		views = append(views, a.viewClientKey(&s.clientKeys[i]))
	}
	return reply{data: views}, nil
}

func (a *API) getClientKey(r *http.Request, _ *object) (reply, error) {
	s := a.state.Load()
	i := s.clientKey(r.PathValue("id"))
	if i < 0 {
		return reply{}, noClientKey(r)
	}
	return reply{data: a.viewClientKey(&s.clientKeys[i])}, nil
}

func (a *API) postClientKey(r *http.Request, body *object) (reply, error) {
	key := access.NewClientKey()
	made := store.ClientKey{
		ID: uuid.NewString(), Digest: access.DigestOf(key).String(), Shown: mask(key), CreatedAt: time.Now().UnixMilli(),
	}
	if err := a.readClientKey(body, &made); err != nil {
		return reply{}, err
	}
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		if s.clientKeyNamed(made.Name) >= 0 {
			return store.Change{}, conflict("there is a client key called %q already", made.Name)
		}
		s.clientKeys = append(s.clientKeys, made)
		return store.Change{PutClientKeys: []store.ClientKey{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	v := a.viewClientKey(&made)
	v.Key = key
	return reply{
		data: v, location: "/api/keys/" + made.ID,
		message: "the key is shown only now; what is kept cannot bring it back",
	}, nil
}

func (a *API) putClientKey(r *http.Request, body *object) (reply, error) {
	var made store.ClientKey
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.clientKey(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noClientKey(r)
		}
		made = s.clientKeys[i]
		if err := a.readClientKey(body, &made); err != nil {
			return store.Change{}, err
		}
		if other := s.clientKeyNamed(made.Name); other >= 0 && other != i && made.RevokedAt == 0 {
			return store.Change{}, conflict("there is a client key called %q already", made.Name)
		}
		s.clientKeys[i] = made
		return store.Change{PutClientKeys: []store.ClientKey{made}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: a.viewClientKey(&made)}, nil
}

// deleteClientKey revokes a key, for ever. It stays in the list.
func (a *API) deleteClientKey(r *http.Request, _ *object) (reply, error) {
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		i := s.clientKey(r.PathValue("id"))
		if i < 0 {
			return store.Change{}, noClientKey(r)
		}
		k := s.clientKeys[i]
		k.RevokedAt = cmp.Or(k.RevokedAt, time.Now().UnixMilli())
		s.clientKeys[i] = k
		return store.Change{PutClientKeys: []store.ClientKey{k}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{message: "the key is revoked"}, nil
}

// readClientKey reads the members of a request over a client key, and reports
// every mistake.
func (a *API) readClientKey(o *object, k *store.ClientKey) error {
	l := &k.Limits
	read(o, "name", &k.Name, "", name())
	if read(o, "channels", &l.Channels, nil, texts()) {
		a.resolve(o, l.Channels)
	}
	read(o, "models", &l.Models, nil, texts())
	limit := integer(0, maxTokens)
	read(o, "requestsPerMinute", &l.Requests, 0, limit)
	read(o, "tokensPerMinute", &l.Tokens, 0, limit)
	read(o, "maxConcurrency", &l.Concurrency, 0, limit)
	read(o, "dailyTokens", &l.DailyTokens, 0, limit)
	read(o, "dailyCost", &l.DailyCost, 0, amount())
	if !isKeyOf(k, o.members["key"]) {
		o.refuse("key", "client keys are made by the server; leave it out")
	}
	o.ignore("id", "key", "createdAt", "revokedAt", "lastUsedAt", "inFlight", "tokensToday", "costToday")
	o.finish()
	if k.Name == "" {
		o.wrong.add("name", codeRequired, "required")
	}
	for i, model := range l.Models {
		if model == "" {
			o.wrong.add(fmt.Sprintf("models[%d]", i), codeValue, "must not be empty")
		}
	}
	return o.wrong.err()
}

// isKeyOf reports that what was sent as the key asks for no other: it is
// absent, as it was shown, or the key itself.
func isKeyOf(k *store.ClientKey, sent json.RawMessage) bool {
	if len(sent) == 0 {
		return true
	}
	var key string // null leaves it empty
	if json.Unmarshal(sent, &key) != nil {
		return false
	}
	return key == "" || strings.Contains(key, hidden) || access.DigestOf(key).String() == k.Digest
}

// resolve puts IDs for the names of channels: a key is for the channels that it
// was made for, whatever they are called later.
func (a *API) resolve(o *object, refs []string) {
	s := a.state.Load()
	for i, ref := range refs {
		if at := s.channel(ref); at >= 0 {
			refs[i] = s.channels[at].ID
		} else {
			o.wrong.add(fmt.Sprintf("channels[%d]", i), codeValue, fmt.Sprintf("there is no channel with the id or name %q", ref))
		}
	}
}

// maxTokens bounds what a limit of a client may be.
const maxTokens = 1_000_000_000_000

// amount reads a sum of money.
func amount() parser[float64] {
	takes := func() *schema { return rangeSchema("number", 0, maxTokens) }
	return parser[float64]{takes, func(raw json.RawMessage, fail failFunc) float64 {
		var n *float64
		if json.Unmarshal(raw, &n) != nil || n == nil {
			fail("", codeType, "must be a number")
			return 0
		}
		if *n < 0 || *n > maxTokens {
			fail("", codeValue, fmt.Sprintf("must be from 0 to %d", int64(maxTokens)))
		}
		return *n
	}}
}

// clientKey gives the index of the key with that ID, else of the one in use
// with that exact name, or -1.
func (s *state) clientKey(ref string) int {
	if i := slices.IndexFunc(s.clientKeys, func(k store.ClientKey) bool { return k.ID == ref }); i >= 0 {
		return i
	}
	return s.clientKeyNamed(ref)
}

func (s *state) clientKeyNamed(name string) int {
	return slices.IndexFunc(s.clientKeys, func(k store.ClientKey) bool { return k.Name == name && k.RevokedAt == 0 })
}

func noClientKey(r *http.Request) error {
	return notFound("there is no client key with the id or name %q", r.PathValue("id"))
}

// publish puts a state into effect.
func (a *API) publish(s *state) {
	a.keys.Set(s.clientKeys)
	if a.tees != nil {
		a.tees.Apply(s.tees)
	}
	a.state.Store(s)
}
