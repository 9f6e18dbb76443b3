CREATE TABLE client_keys (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT    NOT NULL UNIQUE,
	name       TEXT    NOT NULL,
	digest     TEXT    NOT NULL UNIQUE, -- SHA-256 of the key, hexadecimal
	shown      TEXT    NOT NULL,        -- the key, masked
	limits     TEXT    NOT NULL,        -- JSON
	created_at INTEGER NOT NULL,
	revoked_at INTEGER NOT NULL         -- 0: in use
) STRICT;
