package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// FileName is the file of the master key in a data directory.
const FileName = "master.key"

// pending is added to the name of a file for the key that is to take its
// place: it is there from before anything is sealed with it until all is.
const pending = ".new"

// A KeyFile is the master key in a file that only its user may read.
type KeyFile struct {
	path string
	// Key is the one to seal with.
	Key Key
	// Old are others that secrets may still be sealed with, because a
	// rotation was cut off.
	Old []Key
}

// OpenKeyFile reads the file, and makes it when there is none.
func OpenKeyFile(path string) (*KeyFile, error) {
	f := &KeyFile{path: path}
	key, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = NewKey()
		err = writeKeyFile(path, key)
	}
	if err != nil {
		return nil, err
	}
	next, err := readKeyFile(path + pending)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Key = key
	case err != nil:
		return nil, err
	default:
		f.Key, f.Old = next, []Key{key}
	}
	return f, nil
}

// Next makes the key that is to take the place of the present one. Both are
// kept until Commit.
func (f *KeyFile) Next() error {
	next := NewKey()
	if err := writeKeyFile(f.path+pending, next); err != nil {
		return err
	}
	f.Old = append([]Key{f.Key}, f.Old...)
	f.Key = next
	return nil
}

// Commit ends a rotation, when everything is sealed with Key. It does nothing
// when none is under way.
func (f *KeyFile) Commit() error {
	if len(f.Old) == 0 {
		return nil
	}
	if err := os.Rename(f.path+pending, f.path); err != nil {
		return fmt.Errorf("the master key: %w", err)
	}
	f.Old = nil
	return syncDirectory(filepath.Dir(f.path))
}

func readKeyFile(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("the master key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("the master key %s can be read by others than its user (mode %04o); run: chmod 600 %s",
			path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("the master key: %w", err)
	}
	key, err := ParseKey(string(bytes.TrimSpace(text)))
	if err != nil {
		return Key{}, fmt.Errorf("the master key %s is damaged; restore a copy: %w", path, err)
	}
	return key, nil
}

// writeKeyFile makes the file as a whole, or not at all.
func writeKeyFile(path string, key Key) (err error) {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, ".key-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("the master key cannot be written: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.WriteString(key.text + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("the master key cannot be written: %w", err)
	}
	return syncDirectory(dir)
}

// syncDirectory makes a new name durable, where directories can be synced.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("the master key: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
