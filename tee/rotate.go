package tee

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stamp is the time in the name of a file that was put aside.
const stamp = "20060102T150405.000Z"

// rotate puts the file aside when n more bytes would be too much for it, or
// when it is too old, and begins another.
func (f *File) rotate(n int64) error {
	o := f.open
	large := f.o.MaxSize > 0 && o.size+n > f.o.MaxSize
	old := f.o.MaxAge > 0 && time.Since(o.born) >= f.o.MaxAge
	if o.size == 0 || n == 0 || !large && !old {
		return nil
	}
	if err := o.putAside(); err != nil {
		return fmt.Errorf("tee: the file is too large or old, and could not be renamed: %w", err)
	}
	_ = o.file.Close()
	if err := o.openFile(os.O_CREATE | os.O_EXCL); err != nil {
		_ = o.dir.Close()
		f.open = nil
		return fmt.Errorf("tee: %s: %w", f.path, err)
	}
	if err := f.prune(); err != nil {
		return fmt.Errorf("tee: old files could not be removed: %w", err)
	}
	return nil
}

// putAside renames the file to a name that is free.
func (o *opened) putAside() error {
	for now := time.Now().UTC(); ; now = now.Add(time.Millisecond) {
		name := asideName(o.name, now)
		if _, err := o.dir.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return o.dir.Rename(o.name, name)
		} else if err != nil {
			return err
		}
	}
}

func asideName(name string, at time.Time) string {
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + at.Format(stamp) + ext
}

// prune removes the files of before that are too many or too old.
func (f *File) prune() error {
	aside, err := f.open.aside()
	if err != nil {
		return err
	}
	var errs []error
	for i, one := range aside {
		many := f.o.Keep > 0 && i < len(aside)-f.o.Keep
		if old := f.o.KeepFor > 0 && time.Since(one.at) > f.o.KeepFor; many || old {
			errs = append(errs, f.open.dir.Remove(one.name))
		}
	}
	return errors.Join(errs...)
}

// An asideFile is a file of before.
type asideFile struct {
	name string
	at   time.Time // when it was put aside
}

// aside lists the files of before, the oldest first.
func (o *opened) aside() ([]asideFile, error) {
	entries, err := fs.ReadDir(o.dir.FS(), ".")
	if err != nil {
		return nil, err
	}
	ext := filepath.Ext(o.name)
	stem := strings.TrimSuffix(o.name, ext) + "-"
	var all []asideFile
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), stem)
		text, ends := strings.CutSuffix(text, ext)
		if !ok || !ends || !e.Type().IsRegular() {
			continue
		}
		if at, err := time.Parse(stamp, text); err == nil {
			all = append(all, asideFile{e.Name(), at})
		}
	}
	slices.SortFunc(all, func(a, b asideFile) int { return a.at.Compare(b.at) })
	return all, nil
}
