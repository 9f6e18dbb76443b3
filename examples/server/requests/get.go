package requests

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
	"github.com/dctx-team/routex/trace"
)

// Get gives a call by its id, or the latest one of a trace. It gives
// [ErrNotFound] when there is none.
func (l *Log) Get(ctx context.Context, ref string) (Call, Decision, error) {
	find := finder(nil)
	if k, place, ok := locate(ref); ok {
		find = byID(k, place)
	} else if id, err := hex.DecodeString(ref); err == nil && len(id) == len(trace.TraceID{}) {
		find = byTrace(trace.TraceID(id))
	} else {
		return Call{}, Decision{}, ErrNotFound
	}
	var c Call
	var d Decision
	waiting := l.waiting.views() // before the look at the database, which may have got them since
	err := l.db.View(ctx, func(tx *sqldb.Tx) error {
		b, at, err := find(tx, waiting)
		if err != nil {
			return err
		}
		c, d, err = b.call(at)
		return err
	})
	switch {
	case err == nil && c.Timestamp < l.oldest(), err == ErrNotFound: //nolint:errorlint // nobody wraps it
		return Call{}, Decision{}, ErrNotFound
	case err != nil:
		return Call{}, Decision{}, fmt.Errorf("requests: %w", err)
	}
	return c, d, nil
}

// A finder gives the block of a call and its place in it.
type finder func(tx *sqldb.Tx, waiting []*block) (*block, int, error)

func byID(k key, place int) finder {
	return func(tx *sqldb.Tx, waiting []*block) (*block, int, error) {
		for _, b := range waiting {
			if b.key == k && place < b.calls {
				return b, place, nil
			}
		}
		found, err := wholeBlocks(tx, "key = ?", k[:])
		if err == nil && (len(found) == 0 || place >= found[0].calls) {
			err = ErrNotFound
		}
		if err != nil {
			return nil, 0, err
		}
		return found[0], place, nil
	}
}

// byTrace looks for the first bytes of the id, and then at the calls that have
// them, from the newest to the oldest.
func byTrace(id trace.TraceID) finder {
	return func(tx *sqldb.Tx, waiting []*block) (*block, int, error) {
		for _, b := range waiting {
			if at, err := b.find(id); at >= 0 || err != nil {
				return b, at, err
			}
		}
		var likely []info
		_, err := sqldb.Rows(tx, "SELECT seq, last, traces FROM request_blocks", func(scan func(...any) error) (none struct{}, err error) {
			var b info
			var traces []byte
			err = scan(&b.seq, &b.last, &traces)
			if mayHave(traces, id) {
				likely = append(likely, b)
			}
			return none, err
		})
		if err != nil {
			return nil, 0, err
		}
		slices.SortFunc(likely, func(a, b info) int { return newerFirst(&a, &b) })
		for _, i := range likely {
			found, err := wholeBlocks(tx, "seq = ?", i.seq)
			if err != nil {
				return nil, 0, err
			}
			for _, b := range found {
				if at, err := b.find(id); at >= 0 || err != nil {
					return b, at, err
				}
			}
		}
		return nil, 0, ErrNotFound
	}
}

func mayHave(traces []byte, id trace.TraceID) bool {
	for i := 0; i+1 < len(traces); i += 2 {
		if traces[i] == id[0] && traces[i+1] == id[1] {
			return true
		}
	}
	return false
}

// find gives the place of the latest call of a trace, -1 for none.
func (b *block) find(id trace.TraceID) (int, error) {
	at := -1
	if !mayHave(b.traces, id) {
		return at, nil
	}
	err := b.each(func(i, _ int, h *head) {
		if h.trace == id {
			at = i
		}
	})
	return at, err
}

func wholeBlocks(tx *sqldb.Tx, where string, arg any) ([]*block, error) {
	return sqldb.Rows(tx, "SELECT key, calls, traces, texts, heads, bodies FROM request_blocks WHERE "+where, func(scan func(...any) error) (*block, error) {
		b := new(block)
		var k []byte
		err := scan(&k, &b.calls, &b.traces, &b.texts, &b.heads, &b.bodies)
		copy(b.key[:], k)
		return b, err
	}, arg)
}

// call decodes the call at a place.
func (b *block) call(at int) (c Call, d Decision, err error) {
	texts, err := readTexts(b.texts)
	if err != nil {
		return c, d, err
	}
	var found head
	begins, sum := 0, 0
	if err := b.each(func(i, _ int, h *head) {
		if i == at {
			found, begins = *h, sum
		}
		sum += h.body
	}); err != nil {
		return c, d, err
	}
	if begins < 0 || begins > len(b.bodies) {
		return c, d, errDamaged
	}
	c, ok := found.call(b.key.id(at), texts)
	r := bodyReader{reader: reader{b: b.bodies, at: begins}, texts: texts}
	if d = r.decision(&found); !ok || r.bad {
		return c, d, errDamaged
	}
	return c, d, nil
}
