package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/store"
)

// A Setting is what a program was told when it started, and by whom.
type Setting struct {
	Name  string // as the program calls it, such as a flag without its dash
	Value any    // no secret
	// Source is where the value is from, such as "flag", "environment" or
	// "default".
	Source string
}

// The settings that can be changed while the program runs.
const (
	settingNameStrategy = "strategy"
	settingNameLocale   = "locale"
	settingNameLogLevel = "logLevel"
)

type (
	configView struct {
		Settings   map[string]settingView `json:"settings"`
		Changeable []string               `json:"changeable"` // by PUT; others by a restart
	}
	settingView struct {
		Value  any    `json:"value"`
		Source string `json:"source"`
	}
	configExport struct {
		Version    string         `json:"version"`
		ExportedAt string         `json:"exportedAt"`
		Settings   map[string]any `json:"settings"`
	}
)

func (a *API) getConfig(*http.Request, *object) (reply, error) {
	return reply{data: a.viewConfig()}, nil
}

// viewConfig tells the effective settings.
func (a *API) viewConfig() configView {
	v := configView{Settings: make(map[string]settingView, len(a.settings)+3), Changeable: []string{settingNameStrategy, settingNameLocale}}
	for _, s := range a.settings {
		v.Settings[s.Name] = settingView{s.Value, s.Source}
	}
	s := a.state.Load()
	v.Settings[settingNameStrategy] = settingView{s.strategy, storedOr(s.strategy == balance.NamePriority, "default")}
	locale := settingView{a.locale(), storedOr(s.locale == "", "default")}
	if !a.localeSet.Load() && a.startLocale != "" {
		locale.Source = "environment"
	}
	v.Settings[settingNameLocale] = locale
	if a.log != nil {
		v.Changeable = append(v.Changeable, settingNameLogLevel)
		level := a.log.Levels().Setting().Global
		v.Settings[settingNameLogLevel] = settingView{logs.LevelName(level), "runtime"}
	}
	return v
}

func storedOr(other bool, source string) string {
	if other {
		return source
	}
	return "store"
}

// exportConfig gives the effective settings as a file.
func (a *API) exportConfig(w http.ResponseWriter, r *http.Request) {
	out := configExport{Version: exportVersion, ExportedAt: timestamp(), Settings: make(map[string]any)}
	for name, s := range a.viewConfig().Settings {
		out.Settings[name] = s.Value
	}
	w.Header().Set("Content-Disposition", `attachment; filename="routex-config.json"`)
	a.writeJSON(w, r, http.StatusOK, out)
}

// putConfig changes what can be changed while the program runs, all of it or
// nothing. Of what cannot it says so, rather than to take it for nothing.
func (a *API) putConfig(r *http.Request, body *object) (reply, error) {
	var strategy, locale string
	hasStrategy := read(body, settingNameStrategy, &strategy, balance.NamePriority, oneOf(balance.Names()))
	hasLocale := read(body, settingNameLocale, &locale, localeEnglish, oneOf(locales()))
	level, hasLevel := logs.Setting{}.Global, false
	if a.log != nil {
		hasLevel = read(body, settingNameLogLevel, &level, level, logLevel)
	}
	for _, s := range a.settings {
		if _, sent := body.take(s.Name); sent {
			body.wrong.add(s.Name, codeValue, "is read when the server starts: restart it to change this")
		}
	}
	body.finish()
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	put := make(map[string]string)
	if hasStrategy {
		put[settingStrategy] = strategy
	}
	if hasLocale {
		put[settingLocale] = locale
	}
	if len(put) > 0 {
		_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
			if hasStrategy {
				s.strategy = strategy
			}
			if hasLocale {
				s.locale = locale
			}
			return store.Change{PutSettings: maps.Clone(put)}, nil
		})
		if err != nil {
			return reply{}, err
		}
	}
	if hasLocale {
		a.localeSet.Store(true)
	}
	if hasLevel {
		a.log.Levels().Change(func(s *logs.Setting) { s.Global = level })
	}
	return reply{data: a.viewConfig()}, nil
}

// oneOf reads one of some names.
func oneOf(names []string) parser[string] {
	return func(raw json.RawMessage, fail failFunc) string {
		failed := false
		name := text(raw, func(place, code, message string) { failed = true; fail(place, code, message) })
		if !failed && !slices.Contains(names, name) {
			fail("", codeValue, fmt.Sprintf("must be one of %s", strings.Join(names, ", ")))
		}
		return name
	}
}

// reloadConfig reads the file of rules again: all else is in effect as soon as
// it is written.
func (a *API) reloadConfig(r *http.Request, body *object) (reply, error) {
	if _, err := a.reloadRules(r, body); err != nil {
		return reply{}, err
	}
	return reply{data: a.viewConfig(), message: "configuration reloaded"}, nil
}
