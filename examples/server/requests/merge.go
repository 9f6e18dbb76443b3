package requests

// A merge walks through blocks from the newest call to the oldest. Blocks of
// several servers overlap in time; of one server they hardly do, and then are
// read one after the other.
type merge struct {
	source
	filter filter
	skip   int // calls before the page
	limit  int // calls of the page

	page  []Call
	total int

	open []*cursor // blocks that are under way; few
}

// A cursor goes through the calls of a block that a filter lets through, from
// the newest to the oldest.
type cursor struct {
	*block
	texts []string
	found []place // the newest last
}

// A place is that of a call in its block.
type place struct {
	index int
	over  int64
	head  int // where its head begins
}

func (m *merge) run() error {
	for at := 0; at < len(m.blocks) || len(m.open) > 0; {
		newest := m.newest()
		switch {
		case m.done() && len(m.open) == 0:
			return m.count(at)
		case m.done():
			m.total += len(m.open[0].found)
			m.open = m.open[1:]
		case at < len(m.blocks) && m.skips(at):
			m.skip -= m.blocks[at].calls
			m.total += m.blocks[at].calls
			at++
		case at < len(m.blocks) && (newest < 0 || m.blocks[at].last >= m.open[newest].top().over):
			if err := m.begin(at); err != nil {
				return err
			}
			at++
		default:
			if err := m.emit(newest); err != nil {
				return err
			}
		}
	}
	return nil
}

// done reports that the page is full.
func (m *merge) done() bool { return len(m.page) == m.limit }

// skips reports that all calls of a block come before the page, and that there
// is no other of the same time.
func (m *merge) skips(at int) bool {
	b := &m.blocks[at].info
	return len(m.open) == 0 && m.filter.any && m.filter.inside(b) && m.skip >= b.calls &&
		(at+1 == len(m.blocks) || m.blocks[at+1].last < b.first)
}

// newest is the place of the cursor with the newest call among those that are
// under way, -1 for none.
func (m *merge) newest() int {
	best := -1
	for i, c := range m.open {
		if best < 0 || c.top().over > m.open[best].top().over {
			best = i
		}
	}
	return best
}

func (c *cursor) top() *place { return &c.found[len(c.found)-1] }

func (m *merge) begin(at int) error {
	b, err := m.read(at)
	if err != nil {
		return err
	}
	c := &cursor{block: b}
	if c.texts, err = readTexts(b.texts); err != nil {
		return err
	}
	s := m.filter.sieve(c.texts)
	if s.lacks {
		return nil
	}
	c.found = make([]place, 0, b.calls)
	err = b.each(func(i, head int, h *head) {
		if s.passes(h) {
			c.found = append(c.found, place{i, h.over(), head})
		}
	})
	if len(c.found) > 0 {
		m.open = append(m.open, c)
	}
	return err
}

// each calls f for the head of each call, and where it begins.
func (b *block) each(f func(i, at int, h *head)) error {
	r := reader{b: b.heads}
	var h head
	for i := range b.calls {
		at := r.at
		r.head(&b.key, &h)
		if r.bad {
			return errDamaged
		}
		f(i, at, &h)
	}
	return nil
}

// emit takes the newest call of a cursor.
func (m *merge) emit(of int) error {
	c := m.open[of]
	p := *c.top()
	if c.found = c.found[:len(c.found)-1]; len(c.found) == 0 {
		m.open = append(m.open[:of], m.open[of+1:]...)
	}
	m.total++
	if m.skip > 0 {
		m.skip--
		return nil
	}
	r := reader{b: c.heads, at: p.head}
	var h head
	r.head(&c.key, &h)
	call, ok := h.call(c.key.id(p.index), c.texts)
	if !ok {
		return errDamaged
	}
	m.page = append(m.page, call)
	return nil
}

// count counts the calls of the blocks that come after the page.
func (m *merge) count(at int) error {
	for ; at < len(m.blocks); at++ {
		if m.filter.any && m.filter.inside(&m.blocks[at].info) {
			m.total += m.blocks[at].calls
			continue
		}
		b, err := m.read(at)
		if err != nil {
			return err
		}
		texts, err := readTexts(b.texts)
		if err != nil {
			return err
		}
		s := m.filter.sieve(texts)
		if s.lacks {
			continue
		}
		if err := b.each(func(_, _ int, h *head) {
			if s.passes(h) {
				m.total++
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// call gives a call as lists show it, unless its texts are damaged.
func (h *head) call(id string, texts []string) (Call, bool) {
	for _, at := range [...]uint64{h.class, h.path, h.channelID, h.channel, h.model, h.error, h.caller} {
		if at >= uint64(len(texts)) {
			return Call{}, false
		}
	}
	c := Call{
		ID: id, Timestamp: h.time, TraceID: h.trace.String(), Path: texts[h.path], ChannelID: texts[h.channelID], Channel: texts[h.channel],
		Model: texts[h.model], ClientKeyID: texts[h.caller], Status: h.status, Class: texts[h.class], Error: texts[h.error],
		Latency: h.latency, InputTokens: h.input, OutputTokens: h.output, CachedTokens: h.cached,
	}
	if h.priced {
		c.Cost = &h.cost
	}
	return c, true
}
