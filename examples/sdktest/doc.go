// Package sdktest holds the tests that drive Routex with the official SDKs of
// the providers, as a host program would. What they see in every direction is
// the table in docs/protocols.md, which -update writes.
package sdktest
