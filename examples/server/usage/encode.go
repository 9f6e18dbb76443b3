package usage

import (
	"encoding/binary"
	"errors"
	"math"
)

// format is the first byte of an hour, so that there can be others.
const format = 1

var errDamaged = errors.New("usage: what was counted of an hour is damaged")

// Append encodes what was counted.
func (h *Hour) Append(b []byte) []byte {
	b = append(b, format)
	for k, c := range h.rows {
		for _, text := range [...]string{k.ChannelID, k.Model, k.Caller, c.ChannelName} {
			b = binary.AppendUvarint(b, uint64(len(text)))
			b = append(b, text...)
		}
		for _, n := range [...]int64{
			c.Requests, c.Failed, c.Input, c.Output, c.CacheRead, c.CacheWrite, c.Reasoning, c.Priced,
		} {
			b = binary.AppendVarint(b, n)
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.Cost))
		b = c.Latency.append(b)
		b = c.FirstToken.append(b)
	}
	return b
}

// Decode calls f for each part of an encoded hour that is counted apart. The
// Counts are f's to keep.
func Decode(b []byte, f func(Key, *Counts)) error {
	if len(b) == 0 || b[0] != format {
		return errDamaged
	}
	d := decoder{b: b[1:]}
	for len(d.b) > 0 {
		var k Key
		c := new(Counts)
		for _, into := range [...]*string{&k.ChannelID, &k.Model, &k.Caller, &c.ChannelName} {
			*into = string(d.take(d.uvarint()))
		}
		for _, into := range [...]*int64{
			&c.Requests, &c.Failed, &c.Input, &c.Output, &c.CacheRead, &c.CacheWrite, &c.Reasoning, &c.Priced,
		} {
			*into = d.varint()
		}
		if cost := d.take(8); len(cost) == 8 {
			c.Cost = math.Float64frombits(binary.LittleEndian.Uint64(cost))
		}
		d.histogram(&c.Latency)
		d.histogram(&c.FirstToken)
		if d.bad {
			return errDamaged
		}
		f(k, c)
	}
	return nil
}

// A decoder reads until something is wrong; what it gives from then on says
// nothing.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() {
	d.b, d.bad = nil, true
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	taken := d.b[:n]
	d.b = d.b[n:]
	return taken
}

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) varint() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

// maxPart is beyond what the longest duration is in.
const maxPart = 1000

func (d *decoder) histogram(h *Histogram) {
	part := uint64(0)
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		if part += d.uvarint(); part > maxPart {
			d.fail()
			return
		}
		h.put(int(part), d.uvarint())
	}
}
