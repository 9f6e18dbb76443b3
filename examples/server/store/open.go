package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// FileName is the file that [Open] keeps in its directory.
const FileName = "routex.db"

// applicationID marks a SQLite file as a store of this package ("rtx1").
const applicationID = 0x72747831

// migrations holds the steps from an empty database to the present schema.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the store in a directory, and makes both when they do not exist.
// Only the user of the process may read them: keys are in there. A file that
// is damaged, that is no store, or that another process uses gives an error
// and is left as it is.
func Open(ctx context.Context, dir string) (*DB, error) {
	schema, err := newSchema()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db, err := sqldb.OpenSQLite(ctx, dir, FileName, schema, sqldb.Full)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &DB{db: db}, nil
}

// OpenPostgres opens the store in the PostgreSQL database that a URL such as
// postgres://user:password@host/name leads to, and makes its tables when they
// do not exist. Many processes can use one at the same time.
func OpenPostgres(ctx context.Context, url string) (*DB, error) {
	schema, err := newSchema()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db, err := sqldb.OpenPostgres(ctx, url, schema)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &DB{db: db}, nil
}

func newSchema() (sqldb.Schema, error) {
	steps, err := fs.Sub(migrations, "migrations")
	return sqldb.Schema{Name: "store", Mark: applicationID, Steps: steps}, err
}
