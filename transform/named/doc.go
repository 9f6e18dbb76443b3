// Package named holds the transformers that a configuration asks for by name,
// such as ["maxtoken", {"max_tokens": 8192}]. [New] makes one from its name
// and its options as JSON, [List] tells what there is.
//
// They run on what goes to the channel and comes from it, in the channel's own
// protocol, whether the call was translated or not. Each edits only the members
// it is for: every other byte of a body stays as it was.
package named
