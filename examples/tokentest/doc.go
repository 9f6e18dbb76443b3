// Package tokentest holds the estimate of tokens against the vocabularies
// themselves.
package tokentest
