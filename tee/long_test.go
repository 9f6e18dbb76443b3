package tee

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// Bodies that are all beginnings of credentials take no longer than others: a
// megabyte of them would take minutes if each beginning were looked at up to
// the end.
func TestBeginningsOfCredentialsTakeNoTime(t *testing.T) {
	for _, unit := range []string{
		"eyJ-", "eyJ ", "ya29-", "sk-", "xoxb-", "Bearer ", "api_key=", "api_key:", `\"a\":`, `\\\\:`, `\\\"password\\\":`, "--password ", "a:b@", "://",
		"-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE ", "key=", ":", "=", "]=", "%20", `{\"name\":\"api_key\",`, `\`, `"`,
	} {
		text := strings.Repeat(unit, (1<<20)/len(unit))
		for _, cut := range []bool{false, true} {
			body := jsonscan.AppendString(nil, text)
			if got := scrub(nil, body, cut); !valid(got) {
				t.Errorf("of many %s comes %.100s", unit, got)
			}
		}
	}
}
