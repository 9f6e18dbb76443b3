CREATE TABLE channels (
	seq          INTEGER PRIMARY KEY AUTOINCREMENT,
	id           TEXT    NOT NULL UNIQUE,
	name         TEXT    NOT NULL UNIQUE,
	type         TEXT    NOT NULL,
	base_url     TEXT    NOT NULL,
	api_key      TEXT    NOT NULL,
	headers      TEXT    NOT NULL, -- JSON: {name: value}
	models       TEXT    NOT NULL, -- JSON: [pattern]
	model_map    TEXT    NOT NULL, -- JSON: {pattern: model}
	priority     INTEGER NOT NULL,
	weight       INTEGER NOT NULL,
	disabled     INTEGER NOT NULL,
	transformers TEXT    NOT NULL, -- JSON: {use, perModel} or null
	timeouts     TEXT    NOT NULL, -- JSON: milliseconds by name
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE rules (
	seq            INTEGER PRIMARY KEY AUTOINCREMENT,
	id             TEXT    NOT NULL UNIQUE,
	name           TEXT    NOT NULL,
	type           TEXT    NOT NULL,
	condition      TEXT    NOT NULL, -- JSON
	target_channel TEXT    NOT NULL,
	target_model   TEXT    NOT NULL,
	priority       INTEGER NOT NULL,
	strict         INTEGER NOT NULL,
	disabled       INTEGER NOT NULL,
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
	key   TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
