package conv

import "slices"

// A Draft is a JSON object that is put together from pieces, such as an answer
// from the events of its stream. Members keep the order in which they came.
// What it is given must be valid JSON, and stay as it is while the Draft is
// used. The zero value is an empty object.
type Draft struct {
	members []member
	places  map[string]int // of members, once they are many
}

// A member has a value, a text that grows, or parts that were put together.
type member struct {
	key   string
	value Raw
	text  []byte // inner text of a string that grows
	grows bool
	inner *Draft
	list  *drafts
}

// fewMembers is how many members are looked through one by one.
const fewMembers = 16

// Set gives a member its value. Null does not take the place of another.
func (d *Draft) Set(key string, value Raw) {
	if value == "" {
		return
	}
	if m := d.at(key); value != "null" || m.absent() {
		*m = member{key: key, value: value}
	}
}

// SetAll sets every member of an object but those that are named.
func (d *Draft) SetAll(object Raw, but ...string) {
	if !object.IsObject() {
		return
	}
	for c := object.WalkAll(); c.Next(); {
		if !slices.Contains(but, c.Key) {
			d.Set(c.Key, c.Value)
		}
	}
}

// Grow adds a piece to the text of a member. It takes the place of a value
// that is no text.
func (d *Draft) Grow(key string, piece Str) {
	m := d.at(key)
	if !m.grows {
		*m = member{key: key, grows: true, text: []byte(m.value.Str().Inner())}
	}
	m.text = append(m.text, piece.Inner()...)
}

// Growing gives the text of a member, without its quotes, for more to be
// appended to it until anything else is done with the Draft; nil when the
// member is no text that grows.
func (d *Draft) Growing(key string) *[]byte {
	if m := d.find(key); m != nil && m.grows {
		return &m.text
	}
	return nil
}

// Empty reports that there is no member, or only such as have no value.
func (d *Draft) Empty() bool {
	for i := range d.members {
		if !d.members[i].absent() {
			return false
		}
	}
	return true
}

// Has reports that a member has a value, be it null.
func (d *Draft) Has(key string) bool {
	m := d.find(key)
	return m != nil && (m.value != "" || !m.absent())
}

// Append appends the object.
func (d *Draft) Append(dst []byte) []byte {
	dst = append(dst, '{')
	first := true
	for i := range d.members {
		m := &d.members[i]
		if m.value == "" && m.absent() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = m.append(append(AppendQuoted(dst, m.key), ':'))
	}
	return append(dst, '}')
}

func (d *Draft) find(key string) *member {
	if d.places != nil {
		if i, ok := d.places[key]; ok {
			return &d.members[i]
		}
		return nil
	}
	for i := range d.members {
		if d.members[i].key == key {
			return &d.members[i]
		}
	}
	return nil
}

// at returns the member, which it makes if there is none.
func (d *Draft) at(key string) *member {
	if m := d.find(key); m != nil {
		return m
	}
	d.members = append(d.members, member{key: key})
	switch n := len(d.members); {
	case d.places != nil:
		d.places[key] = n - 1
	case n > fewMembers:
		d.places = make(map[string]int, 2*n)
		for i := range d.members {
			d.places[d.members[i].key] = i
		}
	}
	return &d.members[len(d.members)-1]
}

// absent reports that there is no value, or that it is null.
func (m *member) absent() bool {
	return m.value.IsNull() && !m.grows && m.inner == nil && m.list == nil
}

func (m *member) append(dst []byte) []byte {
	switch {
	case m.grows:
		return append(append(append(dst, '"'), m.text...), '"')
	case m.inner != nil:
		return m.inner.Append(dst)
	case m.list != nil:
		return m.list.append(dst)
	}
	return append(dst, m.value...)
}
