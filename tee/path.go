package tee

import "strings"

// parsePath gives the parts of a path of gjson, or what is wrong with it.
func parsePath(path string) (parts []string, problem string) {
	switch {
	case path == "":
		return nil, "must not be empty; name a member, such as metadata.user_id"
	case strings.ContainsAny(path, "|@(){}!"):
		return nil, "queries, pipes and modifiers are not possible; use members, indices, *, ? and #, such as messages.#.content"
	}
	return strings.Split(path, "."), ""
}
