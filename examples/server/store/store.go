// Package store keeps what the management API configures: channels, rules and
// settings. [Open] gives the implementation in a SQLite file, [OpenPostgres]
// that in a PostgreSQL database.
package store

import (
	"context"
	"errors"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

// The errors that a [Store] gives for changes that do not fit what it holds.
// Nothing of such a change is written.
var (
	ErrConflict = errors.New("store: the name is taken")
	ErrNotFound = errors.New("store: no such record")
	ErrStale    = errors.New("store: it has changed in the meantime")
)

// A Store keeps the configuration. Its methods may be called at the same time
// by many goroutines.
type Store interface {
	// Load reads everything.
	Load(ctx context.Context) (Contents, error)
	// Write makes all of a change durable, or nothing of it. It gives an
	// error that is [ErrConflict] when two channels, or two tees, would have
	// one name, [ErrNotFound] when a record to be dropped does not exist, and
	// [ErrStale] when the store is not at the change's Revision.
	Write(ctx context.Context, c Change) error
	// Watch returns the revision that the store is at as soon as that is
	// another than since, within a second whoever made it.
	Watch(ctx context.Context, since int64) (int64, error)
	// Ping gives an error when the store cannot be used.
	Ping(ctx context.Context) error
	// Close lets the store go. No other method may be called afterwards.
	Close() error
}

// Contents are all that a [Store] holds. Lists are in the order in which the
// records were made. The caller owns it.
type Contents struct {
	// Revision changes with every write, by one.
	Revision int64
	Channels []Channel
	Rules    []Rule
	Settings map[string]string
	// ClientKeys are those that were revoked too.
	ClientKeys []ClientKey
	Tees       []Tee
}

// A Change is a set of writes. The zero value changes nothing.
type Change struct {
	// Revision is that of the Contents from which the change was made: it is
	// refused when others have written since. 0 means that it fits any.
	Revision int64
	// PutChannels and PutRules are new, or take the place of the record with
	// the same ID.
	PutChannels []Channel
	PutRules    []Rule
	// DropChannels and DropRules name records by ID. They are dropped first.
	DropChannels []string
	DropRules    []string
	// PutSettings gives settings their values.
	PutSettings map[string]string
	// PutClientKeys are as PutChannels; of one that exists only the name, the
	// limits and the time of revocation can change.
	PutClientKeys []ClientKey
	// PutTees and DropTees are as those of channels.
	PutTees  []Tee
	DropTees []string
}

// A Channel is the record of an account with a provider. Empty fields mean the
// defaults of the library.
type Channel struct {
	ID           string // a UUID; unique
	Name         string // unique
	Type         string // such as "anthropic"
	API          string // such as "responses"; "" means the type's own
	Config       Provider
	BaseURL      string
	ProxyURL     string   // may hold credentials, in clear
	APIKey       string   // as the provider gave it, in clear
	APIKeys      []string // more of them
	Headers      map[string]string
	Models       []string
	ModelMap     map[string]string
	Priority     int // small first
	Weight       int // 0 drains the channel
	Disabled     bool
	Transformers *Transformers // nil for none
	Timeouts     Timeouts
	// MaxConcurrency bounds the calls at one time; 0 means no limit.
	MaxConcurrency int
	ContextWindow  Windows // nil for what the library knows
	// Prices by the name of a model or a pattern.
	Prices    map[string]prices.Price
	Losses    string // such as "strict"; "" means as the server says
	Usage     string // "always" or ""
	CreatedAt int64  // milliseconds since 1970
	UpdatedAt int64  // milliseconds since 1970
}

// Provider says what only some types of channels need to be told.
type Provider struct {
	Deployment string `json:"deployment,omitempty"`
	APIVersion string `json:"apiVersion,omitempty"`
}

// Timeouts of a channel in milliseconds; 0 means the default.
type Timeouts struct {
	Header     int64 `json:"header,omitempty"`
	FirstToken int64 `json:"firstToken,omitempty"`
	Unary      int64 `json:"unary,omitempty"`
	Idle       int64 `json:"idle,omitempty"`
}

// A Rule is the record of a routing rule.
type Rule struct {
	ID            string // a UUID; unique
	Name          string
	Type          string // such as "longContext"
	Condition     router.Condition
	TargetChannel string          // ID or name; need not exist
	Targets       []router.Target // the same of each
	TargetModel   string
	Deny          string // the message for the caller
	Shadow        string // ID or name; need not exist
	Priority      int    // big first
	Strict        bool
	Disabled      bool
	CreatedAt     int64 // milliseconds since 1970
	UpdatedAt     int64 // milliseconds since 1970
}
