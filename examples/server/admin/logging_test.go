package admin_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
)

func TestLevelsAreSetWhileTheProgramRuns(t *testing.T) {
	log := newLog(t)
	h := newHost(t, func(o *admin.Options) { o.Log = log })
	steps := []struct{ method, path, body, part string }{
		{"GET", "/api/logging/config", "", `"globalLevel":"info","format":"json","moduleOverrides":{},"modules":["access",`},
		{"PUT", "/api/logging/modules/admin/level", `{"level":"debug"}`, `{"moduleName":"admin","level":"debug"}`},
		{"PUT", "/api/logging/config", `{"globalLevel":"warn"}`, `"globalLevel":"warn","format":"json","moduleOverrides":{"admin":"debug"}`},
		{"PUT", "/api/logging/modules/admin/level", `{"level":null}`, `{"moduleName":"admin","level":"warn"}`},
		{"PUT", "/api/logging/config", `{"moduleOverrides":{"store":"trace","calls":"fatal"}}`, `"moduleOverrides":{"calls":"fatal","store":"trace"}`},
		{"PUT", "/api/logging/config", `{"globalLevel":null,"moduleOverrides":null}`, `"globalLevel":"info","format":"json","moduleOverrides":{}`},
	}
	for _, s := range steps {
		if a := h.must(s.method, s.path, s.body, 200); !strings.Contains(a.body, s.part) {
			t.Errorf("%s %s %s: %q is missing in %s", s.method, s.path, s.body, s.part, a.body)
		}
	}
	for _, bad := range []struct {
		path, body, field string
		status            int
	}{
		{"/api/logging/modules/kitchen/level", `{"level":"debug"}`, "", 404},
		{"/api/logging/modules/admin/level", `{}`, "level", 400},
		{"/api/logging/modules/admin/level", `{"level":"loud"}`, "level", 400},
		{"/api/logging/modules/admin/level", `{"level":3}`, "level", 400},
		{"/api/logging/config", `{"moduleOverrides":{"kitchen":"info"}}`, `moduleOverrides["kitchen"]`, 400},
		{"/api/logging/config", `{"moduleOverrides":{"admin":"loud"}}`, `moduleOverrides["admin"]`, 400},
		{"/api/logging/config", `{"level":"info"}`, "level", 400},
	} {
		a := h.call("PUT", bad.path, bad.body)
		if a.status != bad.status || strings.Join(a.fields(), " ") != bad.field {
			t.Errorf("%s %s: status %d with mistakes in %q, want %d and %q", bad.path, bad.body, a.status, a.fields(), bad.status, bad.field)
		}
	}
	if s := log.Levels().Setting(); s.Global != slog.LevelInfo || len(s.Modules) != 0 {
		t.Errorf("mistakes have changed the levels: %+v", s)
	}
	if a := newHost(t).call("GET", "/api/logging/config", ""); a.status != 404 {
		t.Errorf("without a log: status %d", a.status)
	}
}
