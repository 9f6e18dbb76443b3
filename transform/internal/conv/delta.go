package conv

import "slices"

// maxDelta bounds how deep deltas are put together. What is deeper is taken as
// it comes.
const maxDelta = 8

// fixed are the members that servers repeat in every delta, and that are the
// same each time.
var fixed = []string{"role", "id", "type", "name", "index", "object", "model", "format", "status"}

// Add adds a delta, as the streams of OpenAI's have them: texts grow, objects
// are put together member by member, elements of arrays that have an index by
// that, and others follow each other. Any other value is that which came last.
func (d *Draft) Add(delta Raw, but ...string) { d.add(delta, but, 0) }

func (d *Draft) add(delta Raw, but []string, depth int) {
	if !delta.IsObject() {
		return
	}
	for c := delta.WalkAll(); c.Next(); {
		if slices.Contains(but, c.Key) {
			continue
		}
		m := d.at(c.Key)
		switch v := c.Value; {
		case depth >= maxDelta, v.IsNull():
			d.Set(c.Key, v)
		case v.IsString() && m.list != nil:
			m.list.say(v.Str())
		case v.IsString() && slices.Contains(fixed, c.Key):
			if v != `""` || m.absent() {
				d.Set(c.Key, v)
			}
		case v.IsString() && (m.absent() || m.grows || m.value.IsString()):
			d.Grow(c.Key, v.Str())
		case v.IsObject():
			m.object().add(v, nil, depth+1)
		case v.IsArray():
			m.array().add(v, depth+1)
		default:
			d.Set(c.Key, v)
		}
	}
}

// object makes the member one that is put together.
func (m *member) object() *Draft {
	if m.inner == nil {
		inner := new(Draft)
		inner.SetAll(m.value)
		*m = member{key: m.key, inner: inner}
	}
	return m.inner
}

// array makes the member a list that grows. A text that came before is its
// first part.
func (m *member) array() *drafts {
	if m.list == nil {
		list := new(drafts)
		list.say(m.literal())
		for c := m.value.Walk(); m.value.IsArray() && c.Next(); {
			list.extend(c.Value)
		}
		*m = member{key: m.key, list: list}
	}
	return m.list
}

func (m *member) literal() Str {
	if m.grows {
		return Concat(View(m.text))
	}
	return m.value.Str()
}

// drafts are the elements of an array that is put together.
type drafts struct {
	elements []element
	places   map[elementKey]int // of those with an index
}

// An element is a value as it came, or one that is put together.
type element struct {
	value Raw
	draft *Draft
}

type elementKey struct{ index, kind Raw }

func (l *drafts) extend(value Raw) { l.elements = append(l.elements, element{value: value}) }

// say adds a text to a list of parts.
func (l *drafts) say(text Str) {
	if !text.Empty() {
		l.extend(Raw(`{"type":"text","text":` + string(text) + `}`))
	}
}

func (l *drafts) add(array Raw, depth int) {
	for c := array.Walk(); c.Next(); {
		index := c.Value.Get("index")
		if !index.IsNumber() {
			l.extend(c.Value)
			continue
		}
		l.at(index, c.Value.Get("type")).add(c.Value, nil, depth)
	}
}

// at returns the element with that index, which it makes if there is none.
// Servers count each kind of them by itself; a piece that does not say which it
// is belongs to the last of that index.
func (l *drafts) at(index, kind Raw) *Draft {
	for _, key := range [...]elementKey{{index, kind}, {index, ""}} {
		if i, ok := l.places[key]; ok && (kind == key.kind || l.elements[i].draft.find("type") == nil) {
			if kind != "" {
				l.places[elementKey{index, kind}] = i
			}
			return l.elements[i].draft
		}
	}
	if l.places == nil {
		l.places = make(map[elementKey]int)
	}
	l.elements = append(l.elements, element{draft: new(Draft)})
	n := len(l.elements) - 1
	l.places[elementKey{index, kind}], l.places[elementKey{index, ""}] = n, n
	return l.elements[n].draft
}

func (l *drafts) append(dst []byte) []byte {
	dst = append(dst, '[')
	for i := range l.elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e := &l.elements[i]; e.draft != nil {
			dst = e.draft.Append(dst)
		} else {
			dst = append(dst, e.value...)
		}
	}
	return append(dst, ']')
}
