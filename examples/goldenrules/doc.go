// Package goldenrules is a host that keeps requests of its callers in files,
// and beside each what becomes of it: testdata/*.http, which were written down
// once, and testdata/*.golden, which
//
//	ROUTEX_UPDATE_GOLDEN=1 go test ./examples/goldenrules
//
// writes. Whoever changes a rule, a channel or the version of Routex sees in the
// diff of the golden files which calls now go elsewhere, for which reason, what
// is lost on the way, and which bytes the provider would get. Nobody is asked.
//
// Beside that it holds what has to be so for every call, whatever the rules
// say, against the samples of the package routextest/ruletest: calls such as
// coding agents and chats make, in all four protocols.
package goldenrules
