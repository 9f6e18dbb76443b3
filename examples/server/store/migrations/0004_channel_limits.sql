ALTER TABLE channels ADD COLUMN api_keys        TEXT    NOT NULL DEFAULT 'null'; -- JSON: [key]
ALTER TABLE channels ADD COLUMN max_concurrency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN context_window  TEXT    NOT NULL DEFAULT 'null'; -- JSON: tokens, or {pattern: tokens}
