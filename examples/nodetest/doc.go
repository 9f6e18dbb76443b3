// Package nodetest holds the tests that drive Routex with the official SDKs of
// Node and with the providers of the AI SDK. They run where node is, after
//
//	npm ci
//
// in this folder, and are skipped elsewhere unless ROUTEX_NODE is set.
package nodetest
