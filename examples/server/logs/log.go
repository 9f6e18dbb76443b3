// Package logs writes the log of a server: lines of JSON to its standard
// output and to a file that is rotated, with a level for each module that can
// be changed while the server runs.
package logs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// The bounds of the file and of those that it was before.
const (
	maxSize  = 20 // MB
	maxFiles = 5
)

// fileName is that of the file in its directory.
const fileName = "routex.log"

// A Log is where the modules of a program write to. It is safe for concurrent
// use.
type Log struct {
	levels  *Levels
	handler slog.Handler
	outlets []*outlet          // standard output, and the file
	file    *lumberjack.Logger // nil for none
	calls   *slog.Logger
}

// Open makes a log that goes to stdout and to the file routex.log in dir,
// which is made if it is missing; "" means no file. A reader of stdout that is
// slow, or a disk, slows nobody down: lines that it cannot take are left out
// there.
func Open(stdout io.Writer, dir string, levels *Levels) (*Log, error) {
	l := &Log{levels: levels}
	if dir != "" {
		path := filepath.Join(dir, fileName)
		if err := touch(path); err != nil {
			return nil, fmt.Errorf("logs: %w", err)
		}
		l.file = &lumberjack.Logger{Filename: path, MaxSize: maxSize, MaxBackups: maxFiles}
	}
	l.outlets = append(l.outlets, newOutlet(stdout))
	if l.file != nil {
		l.outlets = append(l.outlets, newOutlet(l.file))
	}
	// The level is for the modules to decide.
	l.handler = slog.NewJSONHandler(l, &slog.HandlerOptions{Level: Trace})
	l.calls = l.Module(ModuleCalls)
	return l, nil
}

// touch finds out whether a file can be written.
func touch(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Write takes one line. It implements io.Writer for the handler, and gives no
// error: nobody could be told.
func (l *Log) Write(line []byte) (int, error) {
	l.put(line)
	return len(line), nil
}

// put takes one line, a copy.
func (l *Log) put(line []byte) {
	for _, o := range l.outlets {
		o.put(line)
	}
}

// Module gives the logger of a module, which [Levels] decide about.
func (l *Log) Module(name string) *slog.Logger {
	h := handler{next: l.handler, levels: l.levels, module: name}
	return slog.New(h).With("module", name)
}

// Levels are those that Open was given.
func (l *Log) Levels() *Levels { return l.levels }

// Path is that of the file, "" for none.
func (l *Log) Path() string {
	if l.file == nil {
		return ""
	}
	return l.file.Filename
}

// Close writes what is left. What is logged afterwards may be lost. That nobody
// reads standard output is no error.
func (l *Log) Close() error {
	_ = l.outlets[0].close()
	if l.file == nil {
		return nil
	}
	return errors.Join(l.outlets[1].close(), l.file.Close())
}
