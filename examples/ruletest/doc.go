// Package ruletest is a host that tests its routing rules in its own CI. The
// rules are in rules.yaml, where people who do not write Go can change them;
// [Config] makes of them, and of the channels, what the host's program gives to
// routex.New. The tests beside it
//
//   - lint: no rule that an earlier one shadows, no channel that is not there,
//   - hold every rule against a table of requests: what it should take, what it
//     should leave to others, and why,
//   - require that the table has tried every rule in both ways.
//
// A change of rules.yaml that sends a call somewhere else fails `go test`, with
// the whole decision in the failure.
package ruletest
