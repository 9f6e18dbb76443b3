package admin_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
)

func TestTheEffectiveConfigurationAndWhereItIsFrom(t *testing.T) {
	log := newLog(t)
	h := newHost(t, func(o *admin.Options) {
		o.Log, o.Locale = log, "zh-CN"
		o.Settings = []admin.Setting{{Name: "demo", Value: true, Source: "flag"}}
	})
	shows := func(a answer, want string) {
		t.Helper()
		var data struct{ Settings json.RawMessage }
		if err := json.Unmarshal(a.Data, &data); err != nil || string(data.Settings) != want {
			t.Errorf("the settings are %s, want %s", data.Settings, want)
		}
	}
	first := `{"demo":{"value":true,"source":"flag"},"locale":{"value":"zh-CN","source":"environment"},"logLevel":{"value":"info","source":"runtime"},"strategy":{"value":"priority","source":"default"}}`
	shows(h.must("GET", "/api/config", "", 200), first)
	for _, bad := range []struct{ body, field string }{
		{`{"strategy":"weighted","demo":false}`, "demo"},
		{`{"strategy":"best"}`, "strategy"},
		{`{"locale":3}`, "locale"},
		{`{"logLevel":"loud"}`, "logLevel"},
		{`{"strategy":"weighted","color":1}`, "color"},
	} {
		if a := h.call("PUT", "/api/config", bad.body); a.status != 400 || strings.Join(a.fields(), " ") != bad.field {
			t.Errorf("%s: status %d with mistakes in %q", bad.body, a.status, a.fields())
		}
	}
	shows(h.must("GET", "/api/config", "", 200), first)
	second := `{"demo":{"value":true,"source":"flag"},"locale":{"value":"en","source":"store"},"logLevel":{"value":"warn","source":"runtime"},"strategy":{"value":"weighted","source":"store"}}`
	shows(h.must("PUT", "/api/config", `{"strategy":"weighted","locale":"en","logLevel":"warn"}`, 200), second)
	shows(h.must("POST", "/api/config/reload", "", 200), second)
	if got := string(h.must("GET", "/api/strategy", "", 200).Data); got != `{"strategy":"weighted"}` || log.Levels().Setting().Global != slog.LevelWarn {
		t.Errorf("the strategy is %s, the level %v", got, log.Levels().Setting().Global)
	}
	if a := h.call("GET", "/api/config/export", ""); a.status != 200 || !strings.Contains(a.body, `"settings":{"demo":true,"locale":"en","logLevel":"warn","strategy":"weighted"}`) {
		t.Errorf("the export is %s", a.body)
	}
}
