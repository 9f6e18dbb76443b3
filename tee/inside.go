package tee

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Inside gives the root that a path is in, with symbolic links resolved, and
// the path from there. Neither has to exist; a relative path is one of the
// working directory. The error says where the path leads, and what would be
// right.
//
// Links can change later: [FileOptions].Root holds then, too.
func Inside(path string, roots ...string) (root, inside string, err error) {
	if strings.TrimSpace(path) == "" || strings.ContainsRune(path, 0) {
		return "", "", errors.New("tee: the path of a file must not be empty or hold a zero byte")
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return "", "", fmt.Errorf("tee: %s names a directory; name a file in it", path)
	}
	real, err := resolve(path)
	if err != nil {
		return "", "", fmt.Errorf("tee: %w", err)
	}
	for _, root := range roots {
		if root, err = resolve(root); err != nil {
			continue
		}
		if inside, err := filepath.Rel(root, real); err == nil && inside != "." && filepath.IsLocal(inside) {
			return root, inside, nil
		}
	}
	return "", "", fmt.Errorf("tee: %s is in none of the directories %s", real, strings.Join(roots, ", "))
}

// resolve makes a path absolute and resolves the links in the part of it that
// exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	missing := ""
	for at := path; ; at = filepath.Dir(at) {
		real, err := filepath.EvalSymlinks(at)
		if err == nil {
			return filepath.Join(real, missing), nil
		}
		if !errors.Is(err, os.ErrNotExist) || at == filepath.Dir(at) {
			return "", err
		}
		if _, err := os.Lstat(at); err == nil {
			return "", fmt.Errorf("%s is a symbolic link to nothing", at)
		}
		missing = filepath.Join(filepath.Base(at), missing)
	}
}
