package tee

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
)

// Records gives the records of a file, the first first, and leaves out what is
// no record, such as half a line at its end. An error is that of r, and the
// last. Lines may be as long as they are: only the present one is in memory.
func Records(r io.Reader) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
		for {
			line, err := lines.ReadBytes('\n')
			if errors.Is(err, io.EOF) { // what has no newline may be half a record
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			rec := new(Record)
			if !bytes.HasPrefix(line, []byte(lineStart)) || json.Unmarshal(line, rec) != nil {
				continue
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}
