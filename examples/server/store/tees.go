package store

import "github.com/dctx-team/routex/examples/server/internal/sqldb"

// A Tee is the record of a destination that gets copies of what is known of
// calls.
type Tee struct {
	ID       string // a UUID; unique
	Name     string // unique
	Type     string // "file" or "webhook"
	Disabled bool

	FilePath string
	Rotation Rotation

	URL     string
	Method  string // "" means POST
	Headers map[string]string
	Secret  string // to sign with, in clear; "" for none
	Timeout int64  // of one attempt, in milliseconds; 0 means the default
	Spool   bool   // records are kept on disk until they are delivered

	Retries   int // of what failed; 0 for none
	Filter    TeeFilter
	Redact    []string // paths
	BodyLimit int64    // bytes of each body; 0 means none
	CreatedAt int64    // milliseconds since 1970
	UpdatedAt int64    // milliseconds since 1970
}

// Rotation says when a file is put aside, and for how long it is kept then; 0
// means the defaults.
type Rotation struct {
	MaxSizeMB  int64 `json:"maxSizeMB,omitempty"`
	MaxAgeDays int64 `json:"maxAgeDays,omitempty"`
	Keep       int64 `json:"keep,omitempty"` // files
}

// A TeeFilter says which calls a destination is told of; empty fields let all
// of them pass.
type TeeFilter struct {
	Channels    []string `json:"channels,omitempty"` // IDs or names, or patterns
	Models      []string `json:"models,omitempty"`   // names or patterns
	StatusCodes []int    `json:"statusCodes,omitempty"`
	SuccessOnly bool     `json:"successOnly,omitempty"`
	FailureOnly bool     `json:"failureOnly,omitempty"`
	SampleRate  *float64 `json:"sampleRate,omitempty"` // 0 to 1; nil means 1
	MinLatency  int64    `json:"minLatency,omitempty"` // milliseconds
	MaxLatency  int64    `json:"maxLatency,omitempty"` // milliseconds
}

const selectTees = `SELECT id, name, type, disabled, file_path, rotation, url, method, headers, secret, timeout, spool,
	retries, filter, redact, body_limit, created_at, updated_at FROM tees ORDER BY seq`

const upsertTee = `INSERT INTO tees (id, name, type, disabled, file_path, rotation, url, method, headers, secret, timeout,
	spool, retries, filter, redact, body_limit, created_at, updated_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, disabled = excluded.disabled,
	file_path = excluded.file_path, rotation = excluded.rotation, url = excluded.url, method = excluded.method,
	headers = excluded.headers, secret = excluded.secret, timeout = excluded.timeout, spool = excluded.spool,
	retries = excluded.retries, filter = excluded.filter, redact = excluded.redact, body_limit = excluded.body_limit,
	updated_at = excluded.updated_at`

func putTee(tx *sqldb.Tx, t *Tee) error {
	_, err := tx.Exec(upsertTee, t.ID, t.Name, t.Type, number(t.Disabled), t.FilePath, asJSON{t.Rotation}, t.URL, t.Method,
		asJSON{t.Headers}, t.Secret, t.Timeout, number(t.Spool), t.Retries, asJSON{t.Filter}, asJSON{t.Redact}, t.BodyLimit,
		t.CreatedAt, t.UpdatedAt)
	return err
}

func scanTee(scan func(...any) error) (t Tee, err error) {
	err = scan(&t.ID, &t.Name, &t.Type, &t.Disabled, &t.FilePath, asJSON{&t.Rotation}, &t.URL, &t.Method,
		asJSON{&t.Headers}, &t.Secret, &t.Timeout, &t.Spool, &t.Retries, asJSON{&t.Filter}, asJSON{&t.Redact}, &t.BodyLimit,
		&t.CreatedAt, &t.UpdatedAt)
	return t, err
}
