package admin

import (
	"log/slog"
	"maps"
	"net/http"

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
	set := a.readConfig(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	put := make(map[string]string)
	if set.hasStrategy {
		put[settingStrategy] = set.strategy
	}
	if set.hasLocale {
		put[settingLocale] = set.locale
	}
	if len(put) > 0 {
		_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
			if set.hasStrategy {
				s.strategy = set.strategy
			}
			if set.hasLocale {
				s.locale = set.locale
			}
			return store.Change{PutSettings: maps.Clone(put)}, nil
		})
		if err != nil {
			return reply{}, err
		}
	}
	if set.hasLocale {
		a.localeSet.Store(true)
	}
	if set.hasLevel {
		a.log.Levels().Change(func(s *logs.Setting) { s.Global = set.level })
	}
	return reply{data: a.viewConfig()}, nil
}

// A configSent is what a caller wants of the settings that can be changed.
type configSent struct {
	strategy, locale                 string
	level                            slog.Level
	hasStrategy, hasLocale, hasLevel bool
}

func (a *API) readConfig(o *object) (c configSent) {
	c.hasStrategy = read(o, settingNameStrategy, &c.strategy, balance.NamePriority, oneOf(balance.Names()))
	c.hasLocale = read(o, settingNameLocale, &c.locale, localeEnglish, oneOf(locales()))
	if a.log != nil {
		c.hasLevel = read(o, settingNameLogLevel, &c.level, slog.LevelInfo, logLevel())
	}
	for _, s := range a.settings {
		o.refuse(s.Name, "is read when the server starts: restart it to change this")
	}
	o.finish()
	return c
}

// reloadConfig reads the files of rules and prices again: all else is in effect
// as soon as it is written.
func (a *API) reloadConfig(r *http.Request, body *object) (reply, error) {
	if _, err := a.reloadRules(r, body); err != nil {
		return reply{}, err
	}
	if err := a.reloadPrices(r); err != nil {
		return reply{}, err
	}
	return reply{data: a.viewConfig(), message: "configuration reloaded"}, nil
}
