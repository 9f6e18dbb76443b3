CREATE TABLE tees (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT    NOT NULL UNIQUE,
	name       TEXT    NOT NULL UNIQUE,
	type       TEXT    NOT NULL, -- file or webhook
	disabled   INTEGER NOT NULL,
	file_path  TEXT    NOT NULL,
	rotation   TEXT    NOT NULL, -- JSON
	url        TEXT    NOT NULL,
	method     TEXT    NOT NULL,
	headers    TEXT    NOT NULL, -- JSON
	secret     TEXT    NOT NULL,
	timeout    INTEGER NOT NULL, -- milliseconds
	spool      INTEGER NOT NULL,
	retries    INTEGER NOT NULL,
	filter     TEXT    NOT NULL, -- JSON
	redact     TEXT    NOT NULL, -- JSON
	body_limit INTEGER NOT NULL, -- bytes
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;
