package tee

// WithoutCredentials gives a valid JSON text without what looks like a
// credential, as destinations always do: text itself when it has none.
func WithoutCredentials(text []byte) []byte { return scrub(nil, text, false) }
