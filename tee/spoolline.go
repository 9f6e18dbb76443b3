package tee

import (
	"bufio"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"strconv"
)

// A line of a spool is the CRC-32C of a text as eight hexadecimal digits, a
// space, the text, which has no newline, and a newline. What is no such line
// was cut short or damaged, and the next one begins after the next newline:
// damage never takes more with it than what it has hit.

const lineHead = 9 // bytes before the text

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// endLine turns what was appended to b from start+lineHead on into a line.
func endLine(b []byte, start int) []byte {
	const digits = "0123456789abcdef"
	sum := crc32.Checksum(b[start+lineHead:], castagnoli)
	for i := range 8 {
		b[start+i] = digits[sum>>(28-4*i)&15]
	}
	b[start+8] = ' '
	return append(b, '\n')
}

// lineText is the text of a line without its newline.
func lineText(line []byte) ([]byte, bool) {
	if len(line) < lineHead || line[8] != ' ' {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(line[:8]), 16, 32)
	text := line[lineHead:]
	return text, err == nil && crc32.Checksum(text, castagnoli) == uint32(sum)
}

// lines reads the lines of a file.
type lines struct {
	r   *bufio.Reader
	end int64 // of the last line, its newline included
	max int   // bytes of a line that can be whole; longer ones are broken
	buf []byte
}

// next gives the text of the next line, which is good until the next call. It
// is nil for a broken line, and io.EOF comes at the end, whether or not half a
// line is there.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	size := 0
	for {
		part, err := l.r.ReadSlice('\n')
		size += len(part)
		if size <= l.max {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return nil, err
		}
		l.end += int64(size)
		if text, ok := lineText(bytes.TrimSuffix(l.buf, []byte{'\n'})); ok && size <= l.max {
			return text, nil
		}
		return nil, nil
	}
}

// countLines counts newlines.
func countLines(r io.Reader) (n int64, err error) {
	buf := make([]byte, 64<<10)
	for err == nil {
		var read int
		read, err = r.Read(buf)
		n += int64(bytes.Count(buf[:read], []byte{'\n'}))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
