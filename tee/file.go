package tee

import (
	"context"
	"fmt"
	"os"
	"time"
)

// The defaults of [FileOptions].
const (
	DefaultFileSize = 100 << 20
	DefaultFileAge  = 24 * time.Hour
	DefaultKeep     = 10
)

// FileOptions say what becomes of a [File]. The zero value means the defaults.
type FileOptions struct {
	// Root is a directory that the file must be in: nothing outside of it is
	// opened, made or removed, not even by way of symbolic links, whenever they
	// come. "" means no bound.
	Root string
	// MaxSize in bytes is what the file does not exceed, but for a batch that is
	// larger; 0 means [DefaultFileSize], and less means no bound.
	MaxSize int64
	// MaxAge is how long the file takes records after its first one; 0 means
	// [DefaultFileAge], and less means no bound.
	MaxAge time.Duration
	// Keep is how many files of before are kept; 0 means [DefaultKeep], and
	// less means all.
	Keep int
	// KeepFor is how long a file of before is kept; 0 means no bound.
	KeepFor time.Duration
	// Sync has every batch on the disk before the next one is written.
	Sync bool
}

// A File is a [BatchSink] that appends records to a file, one JSON object to
// the line, each batch with one write. The file belongs to its owner alone
// (0600, and directories that are made 0700), and only one process should
// write to it. It is opened by the first batch, again when it has vanished or
// was moved away, and after every error.
//
// A file that has become too large or too old is renamed: requests.jsonl to
// requests-20060102T150405.000Z.jsonl, by the time in UTC. What must not be
// lost when the power fails needs Sync; a process that is killed loses only
// what was not written yet. It may leave half a line, which the next File to
// open the file removes. Readers take a line when its newline is there and it
// is valid JSON; see [Records].
//
// A file that holds something else than records is not touched.
type File struct {
	path string
	o    FileOptions
	open *opened // nil when it is not open
	buf  []byte
	ends []int // of the lines in buf
}

// NewFile gives the sink for a file, which need not exist. A relative path is
// one of the working directory.
func NewFile(path string, o FileOptions) *File {
	if o.MaxSize == 0 {
		o.MaxSize = DefaultFileSize
	}
	if o.MaxAge == 0 {
		o.MaxAge = DefaultFileAge
	}
	if o.Keep == 0 {
		o.Keep = DefaultKeep
	}
	return &File{path: path, o: o}
}

// WriteBatch appends the records. With none it opens the file, and tells
// whether that is possible. A batch of which a part was written gives a
// [*PartialError].
func (f *File) WriteBatch(_ context.Context, records []*Record) error {
	f.encode(records)
	if err := f.ready(); err != nil {
		return err
	}
	full := f.rotate(int64(len(f.buf)))
	if f.open == nil { // it was renamed, and there is no new one
		return full
	}
	if err := f.write(); err != nil {
		return err
	}
	if full != nil { // and the file goes on growing
		return &PartialError{Taken: len(records), Err: full}
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.shut() }

// maxBuffer is how large a buffer may be that is kept for the next batch.
const maxBuffer = 4 << 20

func (f *File) encode(records []*Record) {
	if cap(f.buf) > maxBuffer {
		f.buf = nil
	}
	f.buf, f.ends = f.buf[:0], f.ends[:0]
	for _, r := range records {
		f.buf = append(r.AppendJSON(f.buf), '\n')
		f.ends = append(f.ends, len(f.buf))
	}
}

// write appends the lines of the buffer. When only a part could be written,
// the line in the middle of which it ends is taken back.
func (f *File) write() error {
	if len(f.buf) == 0 {
		return nil
	}
	n, err := f.open.file.Write(f.buf)
	taken, whole := 0, 0
	for taken < len(f.ends) && f.ends[taken] <= n {
		whole = f.ends[taken]
		taken++
	}
	if err == nil && f.o.Sync {
		if err = f.open.file.Sync(); err != nil {
			taken = 0 // nobody knows; better twice than never
		}
	}
	if err == nil {
		if f.open.size == 0 {
			f.open.born = time.Now()
		}
		f.open.size += int64(n)
		return nil
	}
	if n > whole {
		_ = f.open.file.Truncate(f.open.size + int64(whole)) // else the next opening does
	}
	_ = f.shut()
	err = fmt.Errorf("tee: %w", err)
	if taken == 0 {
		return err
	}
	return &PartialError{Taken: taken, Err: err}
}

// ready has the file open, and the one that is found by its path now.
func (f *File) ready() error {
	if f.open != nil {
		there, err := os.Stat(f.path)
		if err == nil && os.SameFile(there, f.open.info) {
			f.open.size = there.Size()
			return nil
		}
		_ = f.shut()
	}
	var err error
	f.open, err = openRecords(f.path, f.o.Root)
	return err
}

func (f *File) shut() error {
	if f.open == nil {
		return nil
	}
	open := f.open
	f.open = nil
	return open.close()
}
