ALTER TABLE channels ADD COLUMN prices TEXT NOT NULL DEFAULT 'null'; -- JSON: {pattern: {input, output, cacheRead}}
