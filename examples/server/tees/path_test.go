package tees_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/tee"
)

// A file of a tee is none of the server's own, nor in the way of one: with a
// directory in place of its journal, the database could not be opened again.
func TestAFileOfATeeIsNotInTheServersWay(t *testing.T) {
	dir := t.TempDir()
	s := tees.New(tees.Options{Roots: []string{dir}, Spools: filepath.Join(dir, "spool")})
	defer func() { _ = s.Close(t.Context()) }()
	for path, fits := range map[string]bool{
		"calls.jsonl": true, "a/b/calls.jsonl": true, "routex-calls.jsonl": true, "spools/x": true,
		"routex.db": false, "ROUTEX.DB": false, "master.key": false, "requests.db-wal": false, "logs/routex.log": false,
		"routex.db-journal/x": false, "requests.db-journal/a/x": false, "Master.Key/x": false,
		"spool/x": false, "spool/1/x": false, "a/../spool/x": false, "a\nb": false, strings.Repeat("y/", 600) + "z": false,
	} {
		err := s.Check(&store.Tee{ID: "1", Name: "t", Type: tees.File, FilePath: filepath.Join(dir, path)})
		if bad, ok := errors.AsType[tee.Mistakes](err); (err == nil) != fits || err != nil && (!ok || bad[0].Field != "filePath") {
			t.Errorf("%.40q gives %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("looking has made %v, %v", left, err)
	}
}
