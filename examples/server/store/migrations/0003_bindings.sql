CREATE TABLE bindings (
	seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- the newest is the biggest
	id      TEXT    NOT NULL UNIQUE,           -- minted by a provider
	channel TEXT    NOT NULL                   -- ID; need not exist
) STRICT;
