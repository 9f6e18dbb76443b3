package requests

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/dctx-team/routex"
)

// A block ends with so many calls, or bytes, or when they are of so different
// times that who looks for some would read many others.
const (
	maxCalls = 256
	maxBytes = 64 << 10
	maxSpan  = int64(time.Hour / time.Millisecond)
)

// overhead is about what the database needs for a block besides its bytes.
const overhead = 256

// maxText bounds a text in bytes: callers can name a model as they like.
const maxText = 1000

// A key tells a block from all others. The id of each call is the key of its
// block and its place in that: the UUID of version 7 of when the block began.
type key [14]byte

func newKey(now time.Time) (k key) {
	binary.BigEndian.PutUint64(k[:8], uint64(now.UnixMilli())<<16|7<<12|rand.Uint64()>>52)
	binary.BigEndian.PutUint32(k[8:12], 1<<31|rand.Uint32()>>2)
	binary.BigEndian.PutUint16(k[12:], uint16(rand.Uint32()))
	return k
}

func (k key) id(place int) string {
	var id uuid.UUID
	copy(id[:], k[:])
	binary.BigEndian.PutUint16(id[len(k):], uint16(place))
	return id.String()
}

// locate is the inverse of id.
func locate(id string) (k key, place int, ok bool) {
	parsed, err := uuid.Parse(id)
	if err != nil || len(id) != 36 {
		return k, 0, false
	}
	return key(parsed[:len(k)]), int(binary.BigEndian.Uint16(parsed[len(k):])), true
}

// A block is calls, the oldest first, as they are kept. Its bytes are only ever
// appended to: a copy of the struct is a view of the calls that it had.
type block struct {
	info
	traces []byte // the first two bytes of each trace id
	texts  []byte // each with its length before it, and none twice
	heads  []byte // of all calls: what lists show
	bodies []byte // of all calls: the rest
	saved  int    // how many of the calls are in the database; for the queue
}

// info is what can be told of a block without its calls.
type info struct {
	seq          int64 // in the database; unwritten while it is not there
	key          key
	calls        int
	since, until int64 // when the first and the last came, in milliseconds since 1970
	first, last  int64 // when the first and the last were over
}

func (b *block) size() int {
	return overhead + len(b.traces) + len(b.texts) + len(b.heads) + len(b.bodies)
}

// view gives the block as it is now, which does not change.
func (b *block) view() *block {
	v := *b
	return &v
}

// A builder is a block that takes more calls.
type builder struct {
	*block
	index map[string]uint64 // the places of the texts, from 1
	lists [4]list           // the candidates of calls before
	next  int               // which of the lists is the oldest
}

// A list is candidates that have been encoded.
type list struct {
	candidates []routex.Candidate
	at         int // where in the bodies
}

func newBuilder(k key) *builder {
	return &builder{
		block: &block{
			info:   info{seq: unwritten, key: k},
			traces: make([]byte, 0, 2*maxCalls), texts: make([]byte, 0, 1<<10), heads: make([]byte, 0, 16<<10), bodies: make([]byte, 0, 32<<10),
		},
		index: make(map[string]uint64, 64),
	}
}

// fits reports that a call which was over at that time belongs to the block.
func (b *builder) fits(over int64) bool {
	return b.calls == 0 || b.calls < maxCalls && b.size() < maxBytes && over-b.first <= maxSpan && b.last-over <= maxSpan
}

// text encodes a text as its place among the texts, 0 for "".
func (b *builder) text(to []byte, s string) []byte {
	if s == "" {
		return append(to, 0)
	}
	whole := s
	if len(s) > maxText {
		s = s[:cut(s)]
	}
	n, ok := b.index[s]
	if !ok {
		n = uint64(len(b.index) + 1)
		s = strings.Clone(s)
		b.index[s] = n
		kept := keepable(s, len(s) < len(whole))
		b.texts = binary.AppendUvarint(b.texts, uint64(len(kept)))
		b.texts = append(b.texts, kept...)
	}
	return binary.AppendUvarint(to, n)
}

// cut is how much of a text that is too long is kept.
func cut(s string) int {
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// keepable is a text that can be shown everywhere.
func keepable(s string, more bool) string {
	if more {
		s += "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "�"), "�")
}
