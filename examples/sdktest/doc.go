// Package sdktest holds the tests that drive Routex with the official SDKs of
// the providers, as a host program would.
package sdktest
