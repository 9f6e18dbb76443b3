package jsonscan_test

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/internal/jsonscan"
)

func TestNamesAreFoundInNestedValues(t *testing.T) {
	names := jsonscan.NewNames("file_id", "fileUri")
	for text, want := range map[string]bool{
		`{"a":[{"b":{"file_id":1}}]}`:                 true,
		`{"a":["x",["fileUri"]],"b":"c"}`:             true,
		`{"a":{"x":"\"file_id\"","y":"z"}}`:           false, // text
		`{"a":{"file_ids":1,"fileid":2,"":3}}`:        false,
		`{"a":"file_id","file_id":1}`:                 false, // of the top level, which is read anyway
		`{"a":["` + strings.Repeat("x", 64+7) + `"]}`: false, // longer than a name can be
		`{"a":["file_di",{"fileuri":["d\\"]}]}`:       false,
	} {
		_, named, err := jsonscan.ObjectWith([]byte(text), nil, names)
		if err != nil || named != want {
			t.Errorf("%s: named %v, %v", text, named, err)
		}
	}
}
