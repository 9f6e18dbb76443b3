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
	change := readLogging(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	return reply{data: a.viewLogging(a.log.Levels().Change(change))}, nil
}

// readLogging gives the change of the levels that is asked for.
func readLogging(o *object) func(*logs.Setting) {
	global, overrides := slog.LevelInfo, map[string]slog.Level(nil)
	hasGlobal := read(o, "globalLevel", &global, slog.LevelInfo, logLevel())
	hasOverrides := read(o, "moduleOverrides", &overrides, nil, moduleLevels())
	o.ignore("format", "file", "modules", "levels")
	o.finish()
	return func(s *logs.Setting) {
		if hasGlobal {
			s.Global = global
		}
		if hasOverrides {
			s.Modules = overrides
		}
	}
}

// putModuleLevel sets the level of one module. Null gives it that of all.
func (a *API) putModuleLevel(r *http.Request, body *object) (reply, error) {
	module := r.PathValue("name")
	if !logs.IsModule(module) {
		return reply{}, notFound("there is no module %q; there are %s", module, strings.Join(logs.Modules(), ", "))
	}
	level, own := readModuleLevel(body)
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

// readModuleLevel reads a level. It is the module's own unless it is null.
func readModuleLevel(o *object) (level slog.Level, own bool) {
	own = !isNull(o.members["level"])
	if !read(o, "level", &level, slog.LevelInfo, logLevel()) {
		o.wrong.add("level", codeRequired, "required; one of "+strings.Join(logs.LevelNames(), ", ")+", or null for that of all modules")
	}
	o.finish()
	return level, own
}

func logLevel() parser[slog.Level] {
	return then(text(), func() *schema { return namesSchema(logs.LevelNames()) }, func(name string, fail failFunc) slog.Level {
		level, err := logs.ParseLevel(name)
		if err != nil {
			fail("", codeValue, err.Error())
		}
		return level
	})
}

func moduleLevels() parser[map[string]slog.Level] {
	levels := mapOf(logLevel(), "must be an object")
	return parser[map[string]slog.Level]{levels.takes, func(raw json.RawMessage, fail failFunc) map[string]slog.Level {
		out := levels.parse(raw, fail)
		for _, module := range slices.Sorted(maps.Keys(out)) {
			if !logs.IsModule(module) {
				fail(fmt.Sprintf("[%q]", module), codeValue, "there is no such module; there are "+strings.Join(logs.Modules(), ", "))
			}
		}
		return out
	}}
}
