package requests

import (
	"cmp"
	"strings"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

func newerFirst(a, b *info) int {
	return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(b.seq, a.seq))
}

// maxFetch bounds how many blocks are read at once.
const maxFetch = 64

// A source reads the blocks of a list as they are needed.
type source struct {
	tx     *sqldb.Tx
	blocks []listed
	fetch  int // how many are read at once
}

// read gives the block at a place in the list, and reads those that follow
// with it: who needs one mostly needs more, the more the more it has needed.
func (s *source) read(at int) (*block, error) {
	if s.blocks[at].block == nil {
		s.fetch = min(max(4*s.fetch, 2), maxFetch)
		if err := s.load(at, s.fetch); err != nil {
			return nil, err
		}
	}
	b := s.blocks[at].block
	s.blocks[at].block = nil
	if b == nil { // it was dropped just now
		b = new(block)
	}
	return b, nil
}

func (s *source) load(at, most int) error {
	places := make(map[int64]int, most)
	var seqs []any
	for i := at; i < len(s.blocks) && len(seqs) < most; i++ {
		if s.blocks[i].block == nil {
			places[s.blocks[i].seq] = i
			seqs = append(seqs, s.blocks[i].seq)
		}
	}
	_, err := sqldb.Rows(s.tx, "SELECT seq, texts, heads FROM request_blocks WHERE seq IN (?"+strings.Repeat(", ?", len(seqs)-1)+")",
		func(scan func(...any) error) (none struct{}, err error) {
			b := new(block)
			if err := scan(&b.seq, &b.texts, &b.heads); err != nil {
				return none, err
			}
			i := places[b.seq]
			b.info = s.blocks[i].info
			s.blocks[i].block = b
			return none, nil
		}, seqs...)
	return err
}
