package tee

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tidwall/gjson"
)

// errNotRecords says that a file is not for a [File] to write to.
var errNotRecords = errors.New("it holds something else than records; use another name")

// lineStart is how every line begins.
const lineStart = `{"time":"`

// An opened is a file of records that is open, and the directory it is in.
type opened struct {
	dir  *os.Root
	name string // in dir
	file *os.File
	info os.FileInfo
	size int64
	born time.Time // when its first record was written
}

// openRecords opens or makes a file of records inside of root, which may be "".
func openRecords(path, root string) (*opened, error) {
	dir, name, err := openDir(path, root)
	if err != nil {
		return nil, fmt.Errorf("tee: %w", err)
	}
	o := &opened{dir: dir, name: name}
	if err := o.openFile(os.O_CREATE); err != nil {
		_ = dir.Close()
		return nil, fmt.Errorf("tee: %s: %w", path, err)
	}
	return o, nil
}

// openDir opens the directory of a path, which it makes if need be.
func openDir(path, root string) (dir *os.Root, name string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	if root == "" {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		parent := filepath.Dir(path)
		if err := os.MkdirAll(parent, 0o700); err != nil {
			return nil, "", err
		}
		dir, err = os.OpenRoot(parent)
		return dir, filepath.Base(path), err
	}
	root, inside, err := Inside(path, root)
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, "", err
	}
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = top.Close() }()
	parent := filepath.Dir(inside)
	if err := top.MkdirAll(parent, 0o700); err != nil {
		return nil, "", err
	}
	dir, err = top.OpenRoot(parent)
	return dir, filepath.Base(inside), err
}

// openFile opens the file in its directory and ends or removes what another
// process left of a line.
func (o *opened) openFile(flag int) error {
	// Opening a pipe would wait for its reader.
	if info, err := o.dir.Stat(o.name); err == nil && !info.Mode().IsRegular() {
		return errors.New("it is no regular file")
	}
	file, err := o.dir.OpenFile(o.name, os.O_RDWR|os.O_APPEND|flag, 0o600)
	if err != nil {
		return err
	}
	o.file = file
	if err := o.examine(); err != nil {
		_ = file.Close()
		return err
	}
	return nil
}

func (o *opened) examine() error {
	var err error
	if o.info, err = o.file.Stat(); err != nil {
		return err
	}
	o.size, o.born = o.info.Size(), time.Now()
	if o.size == 0 {
		return nil
	}
	start := make([]byte, min(o.size, 64))
	if _, err := o.file.ReadAt(start, 0); err != nil {
		return err
	}
	if !begins(start) {
		return errNotRecords
	}
	o.born = birth(start, o.info.ModTime())
	return o.mend()
}

// begins reports that text is how a line begins, or less.
func begins(text []byte) bool {
	n := min(len(text), len(lineStart))
	return string(text[:n]) == lineStart[:n]
}

// birth is the time of the first record.
func birth(start []byte, otherwise time.Time) time.Time {
	text, _, whole := bytes.Cut(start[min(len(start), len(lineStart)):], []byte{'"'})
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if !whole || err != nil || at.After(otherwise) {
		return otherwise
	}
	return at
}

// mend has the file end with a whole line: half a record is removed, and what
// is whole, or is none, gets its newline.
func (o *opened) mend() error {
	last, err := o.lastLine()
	if err != nil || len(last) == 0 {
		return err
	}
	if begins(last) && !gjson.ValidBytes(last) {
		o.size -= int64(len(last))
		return o.file.Truncate(o.size)
	}
	n, err := o.file.Write([]byte{'\n'})
	o.size += int64(n)
	return err
}

// lastLine is what follows the last newline.
func (o *opened) lastLine() ([]byte, error) {
	const step = 64 << 10
	var line []byte
	for end := o.size; end > 0; {
		start := max(0, end-step)
		chunk := make([]byte, end-start, int(end-start)+len(line))
		if _, err := o.file.ReadAt(chunk, start); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return append(chunk[i+1:], line...), nil
		}
		line, end = append(chunk, line...), start
	}
	return line, nil
}

func (o *opened) close() error {
	_ = o.dir.Close()
	return o.file.Close()
}
