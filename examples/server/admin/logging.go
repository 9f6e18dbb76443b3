package admin

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/logs"
)

// The shapes of what is told of the log.
type (
	loggingView struct {
		GlobalLevel     string            `json:"globalLevel"`
		Format          string            `json:"format"`
		File            string            `json:"file,omitempty"` // beside standard output
		ModuleOverrides map[string]string `json:"moduleOverrides"`
		Modules         []string          `json:"modules"`
		Levels          []string          `json:"levels"` // the lowest first
	}
	moduleLevelView struct {
		ModuleName string `json:"moduleName"`
		Level      string `json:"level"`
	}
)

func (a *API) getLogging(*http.Request, *object) (reply, error) {
	return reply{data: a.viewLogging(a.log.Levels().Setting())}, nil
}

func (a *API) viewLogging(s logs.Setting) loggingView {
	v := loggingView{
		GlobalLevel: logs.LevelName(s.Global), Format: "json", File: a.log.Path(),
		ModuleOverrides: make(map[string]string, len(s.Modules)), Modules: logs.Modules(), Levels: logs.LevelNames(),
	}
	for module, level := range s.Modules {
		v.ModuleOverrides[module] = logs.LevelName(level)
	}
	return v
}

// putLogging sets the level of all modules, and those that differ from it. It
// holds until the program ends.
func (a *API) putLogging(_ *http.Request, body *object) (reply, error) {
	global, overrides := slog.LevelInfo, map[string]slog.Level(nil)
	hasGlobal := read(body, "globalLevel", &global, slog.LevelInfo, logLevel)
	hasOverrides := read(body, "moduleOverrides", &overrides, nil, moduleLevels)
	body.ignore("format", "file", "modules", "levels")
	body.finish()
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	s := a.log.Levels().Change(func(s *logs.Setting) {
		if hasGlobal {
			s.Global = global
		}
		if hasOverrides {
			s.Modules = overrides
		}
	})
	return reply{data: a.viewLogging(s)}, nil
}

// putModuleLevel sets the level of one module. Null gives it that of all.
func (a *API) putModuleLevel(r *http.Request, body *object) (reply, error) {
	module := r.PathValue("name")
	if !logs.IsModule(module) {
		return reply{}, notFound("there is no module %q; there are %s", module, strings.Join(logs.Modules(), ", "))
	}
	own := !isNull(body.members["level"])
	var level slog.Level
	if !read(body, "level", &level, slog.LevelInfo, logLevel) {
		body.wrong.add("level", codeRequired, "required; one of "+strings.Join(logs.LevelNames(), ", ")+", or null for that of all modules")
	}
	body.finish()
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	s := a.log.Levels().Change(func(s *logs.Setting) {
		delete(s.Modules, module)
		if own {
			s.Modules[module] = level
		}
	})
	if !own {
		level = s.Global
	}
	return reply{data: moduleLevelView{ModuleName: module, Level: logs.LevelName(level)}}, nil
}

func logLevel(raw json.RawMessage, fail failFunc) slog.Level {
	failed := false
	name := text(raw, func(place, code, message string) { failed = true; fail(place, code, message) })
	level, err := logs.ParseLevel(name)
	if err != nil && !failed {
		fail("", codeValue, err.Error())
	}
	return level
}

func moduleLevels(raw json.RawMessage, fail failFunc) map[string]slog.Level {
	o := parts(raw, fail)
	if o == nil {
		return nil
	}
	out := make(map[string]slog.Level, len(o.members))
	for _, module := range slices.Sorted(maps.Keys(o.members)) {
		place := inside(fail, fmt.Sprintf("[%q]", module))
		if !logs.IsModule(module) {
			place("", codeValue, "there is no such module; there are "+strings.Join(logs.Modules(), ", "))
			continue
		}
		out[module] = logLevel(o.members[module], place)
	}
	o.report(fail)
	return out
}
