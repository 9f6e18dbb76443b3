package store

import "github.com/dctx-team/routex/examples/server/internal/sqldb"

// A ClientKey is the record of a key by which a client of the server shows who
// it is. The key itself is not kept.
type ClientKey struct {
	ID        string // a UUID; unique
	Name      string
	Digest    string // SHA-256 of the key in hexadecimal; unique
	Shown     string // the key, masked
	Limits    ClientLimits
	CreatedAt int64 // milliseconds since 1970
	RevokedAt int64 // the same; 0 while it is in use
}

// ClientLimits bound what a client may do; 0 and nil mean no limit.
type ClientLimits struct {
	Channels    []string `json:"channels,omitempty"` // IDs or names
	Models      []string `json:"models,omitempty"`   // names or patterns
	Requests    int64    `json:"requests,omitempty"` // in a minute
	Tokens      int64    `json:"tokens,omitempty"`   // in a minute
	Concurrency int64    `json:"concurrency,omitempty"`
	DailyTokens int64    `json:"dailyTokens,omitempty"`
	DailyCost   float64  `json:"dailyCost,omitempty"` // in the currency of the channels' prices
}

const selectClientKeys = `SELECT id, name, digest, shown, limits, created_at, revoked_at FROM client_keys ORDER BY seq`

const upsertClientKey = `INSERT INTO client_keys (id, name, digest, shown, limits, created_at, revoked_at)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, limits = excluded.limits, revoked_at = excluded.revoked_at`

func putClientKey(tx *sqldb.Tx, k *ClientKey) error {
	_, err := tx.Exec(upsertClientKey, k.ID, k.Name, k.Digest, k.Shown, asJSON{k.Limits}, k.CreatedAt, k.RevokedAt)
	return err
}

func scanClientKey(scan func(...any) error) (k ClientKey, err error) {
	err = scan(&k.ID, &k.Name, &k.Digest, &k.Shown, asJSON{&k.Limits}, &k.CreatedAt, &k.RevokedAt)
	return k, err
}
