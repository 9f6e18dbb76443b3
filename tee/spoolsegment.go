package tee

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A segment is one file of a spool, number.seg, and the file number.ack beside
// it, whose last whole line says up to which byte the segment was delivered.
type segment struct {
	number uint64
	size   int64 // bytes that are whole lines, or of a former process
	acked  int64 // bytes that were delivered or given up
	lines  int64 // after acked; an upper bound
}

func (g *segment) path(dir, ext string) string {
	return filepath.Join(dir, fmt.Sprintf("%012d.%s", g.number, ext))
}

// readSegments finds what a former process has left, the oldest first, and
// the number after the last that was in use.
func readSegments(dir string) (found []*segment, next uint64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, fmt.Errorf("tee: %w", err)
	}
	next = 1
	for _, e := range entries {
		name, ext, _ := strings.Cut(e.Name(), ".")
		number, err := strconv.ParseUint(name, 10, 63)
		if err != nil || ext != "seg" && ext != "ack" || e.IsDir() {
			continue
		}
		next = max(next, number+1)
		g := &segment{number: number}
		if filepath.Base(g.path(dir, ext)) != e.Name() {
			continue
		}
		if ext == "ack" {
			if _, err := os.Lstat(g.path(dir, "seg")); os.IsNotExist(err) {
				_ = os.Remove(g.path(dir, "ack")) // left by a removal that was cut short
			}
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, 0, fmt.Errorf("tee: %w", err)
		}
		g.size = info.Size()
		g.acked = min(readAck(g.path(dir, "ack")), g.size)
		found = append(found, g)
	}
	slices.SortFunc(found, func(a, b *segment) int { return int(int64(a.number) - int64(b.number)) })
	return found, next, nil
}

// readAck is the last whole offset in a file of them, 0 if there is none.
func readAck(path string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	var acked int64
	in := lines{r: bufio.NewReader(f), max: 64}
	for {
		text, err := in.next()
		if err != nil {
			return acked
		}
		if offset, err := strconv.ParseInt(string(text), 10, 64); err == nil && offset > 0 {
			acked = offset
		}
	}
}

// ack writes down that the segment was delivered up to offset.
func (g *segment) ack(dir string, offset int64) error {
	f, err := os.OpenFile(g.path(dir, "ack"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("tee: %w", err)
	}
	line := strconv.AppendInt(make([]byte, lineHead, 32), offset, 10)
	_, err = f.Write(endLine(line, 0))
	if err = cmp.Or(err, f.Close()); err != nil {
		return fmt.Errorf("tee: %w", err)
	}
	return nil
}

// remove deletes a segment that was delivered: first what holds the records,
// for an ack without a segment is harmless.
func (g *segment) remove(dir string) error {
	err := os.Remove(g.path(dir, "seg"))
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("tee: %w", err)
	}
	_ = os.Remove(g.path(dir, "ack"))
	return nil
}

// A chunk is the part of a segment that is delivered at one time.
type chunk struct {
	records []*Record
	ends    []int64 // where each of them ends
	end     int64   // where the chunk ends
	lines   int64   // whole ones and broken ones
	broken  int64
}

// read gives the next records of a segment from its file: at most count, and
// no more once they have so many bytes. An empty chunk means that there are
// none; what is then left is half a line.
func (g *segment) read(f io.ReaderAt, count int, size int64) (c chunk, err error) {
	in := lines{r: bufio.NewReader(io.NewSectionReader(f, g.acked, g.size-g.acked)), end: g.acked, max: int(g.size)}
	c.end = g.acked
	for len(c.records) < count && c.end-g.acked < size {
		text, err := in.next()
		if err == io.EOF { //nolint:errorlint // as bufio gives it
			break
		}
		if err != nil {
			return c, fmt.Errorf("tee: %w", err)
		}
		c.end = in.end
		c.lines++
		r := new(Record)
		if text == nil || r.UnmarshalJSON(text) != nil {
			c.broken++
			continue
		}
		c.records, c.ends = append(c.records, r), append(c.ends, in.end)
	}
	return c, nil
}
