package logs

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// The levels beside those of log/slog.
const (
	Trace = slog.LevelDebug - 4
	Fatal = slog.LevelError + 4
)

// The names of levels, the lowest first.
var names = []struct {
	name  string
	level slog.Level
}{
	{"trace", Trace},
	{"debug", slog.LevelDebug},
	{"info", slog.LevelInfo},
	{"warn", slog.LevelWarn},
	{"error", slog.LevelError},
	{"fatal", Fatal},
}

// LevelNames lists the names of the levels, the lowest first.
func LevelNames() []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, n.name)
	}
	return out
}

// ParseLevel gives the level of a name.
func ParseLevel(name string) (slog.Level, error) {
	for _, n := range names {
		if n.name == name {
			return n.level, nil
		}
	}
	return 0, fmt.Errorf("there is no level %q; there are %s", name, strings.Join(LevelNames(), ", "))
}

// LevelName is the inverse of [ParseLevel]. A level between two has the name
// of the lower one.
func LevelName(level slog.Level) string {
	name := names[0].name
	for _, n := range names {
		if n.level <= level {
			name = n.name
		}
	}
	return name
}

// The modules of the server.
const (
	ModuleCalls  = "calls"  // a line for every call
	ModuleRoutex = "routex" // the library: attempts that failed, losses
	ModuleServer = "server"
	ModuleAdmin  = "admin"
	ModuleAccess = "access"
	ModuleStore  = "store"
)

// Modules lists the names of the modules, in order.
func Modules() []string {
	return []string{ModuleAccess, ModuleAdmin, ModuleCalls, ModuleRoutex, ModuleServer, ModuleStore}
}

// Levels say from which level on the lines of a module are written. It is safe
// for concurrent use.
type Levels struct {
	setting atomic.Pointer[Setting]
}

// A Setting is what [Levels] are set to.
type Setting struct {
	Global  slog.Level
	Modules map[string]slog.Level // of those that have one of their own
}

// NewLevels gives levels that are one for all modules.
func NewLevels(global slog.Level) *Levels {
	l := new(Levels)
	l.setting.Store(&Setting{Global: global})
	return l
}

// Setting gives what is set. The map must not be changed.
func (l *Levels) Setting() Setting { return *l.setting.Load() }

// Change lets f change a copy of the setting, which then is in effect.
func (l *Levels) Change(f func(*Setting)) Setting {
	for {
		old := l.setting.Load()
		next := Setting{Global: old.Global, Modules: maps.Clone(old.Modules)}
		if next.Modules == nil {
			next.Modules = make(map[string]slog.Level)
		}
		f(&next)
		if l.setting.CompareAndSwap(old, &next) {
			return next
		}
	}
}

func (l *Levels) of(module string) slog.Level {
	s := l.setting.Load()
	if level, ok := s.Modules[module]; ok {
		return level
	}
	return s.Global
}

// IsModule reports whether there is a module of that name.
func IsModule(name string) bool { return slices.Contains(Modules(), name) }

// A handler leaves out what is below the level of its module.
type handler struct {
	next   slog.Handler
	levels *Levels
	module string
}

func (h handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.levels.of(h.module)
}

func (h handler) Handle(ctx context.Context, r slog.Record) error { return h.next.Handle(ctx, r) }

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.next = h.next.WithAttrs(attrs)
	return h
}

func (h handler) WithGroup(name string) slog.Handler {
	h.next = h.next.WithGroup(name)
	return h
}
