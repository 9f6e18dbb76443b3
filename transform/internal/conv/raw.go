package conv

import (
	"strconv"
	"strings"
	"unsafe"
)

// View returns data as a string without copying it. It is safe only while
// nobody writes to data: bodies are never edited in place, and values taken
// from a stream event are used during the call that brought it and copied if
// they must live on.
func View(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }

// Offset returns where part, which must be a view into text, begins in it.
func Offset(text, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(unsafe.StringData(text))))
}

// A Raw is one value of valid JSON text, exactly as written. Codecs walk it
// themselves because a general parser unescapes every string it meets, and
// text is to move as it is. Malformed text gives wrong values, never a panic.
type Raw string

// Body returns the outermost value of valid JSON text.
func Body(text string) Raw { return Raw(strings.Trim(text, " \t\r\n")) }

func (r Raw) first() byte {
	if r == "" {
		return 0
	}
	return r[0]
}

// IsObject reports that the value is an object.
func (r Raw) IsObject() bool { return r.first() == '{' }

// IsArray reports that the value is an array.
func (r Raw) IsArray() bool { return r.first() == '[' }

// IsString reports that the value is a string.
func (r Raw) IsString() bool { return len(r) >= 2 && r[0] == '"' }

// IsBool reports that the value is true or false.
func (r Raw) IsBool() bool { return r == "true" || r == "false" }

// IsNull reports that the value is null or absent.
func (r Raw) IsNull() bool { return r == "" || r == "null" }

// IsNumber reports that the value is a number.
func (r Raw) IsNumber() bool { c := r.first(); return c == '-' || c >= '0' && c <= '9' }

// IsEmpty reports that the value is null, absent, or an object, array or
// string with nothing in it.
func (r Raw) IsEmpty() bool {
	if r.IsObject() || r.IsArray() {
		c := r.Walk()
		return !c.Next()
	}
	return r.IsNull() || r == `""`
}

// Str returns the string literal; absent if the value is no string.
func (r Raw) Str() Str {
	if !r.IsString() {
		return ""
	}
	return Str(r)
}

// Float returns the number's value, 0 if the value is no number.
func (r Raw) Float() float64 {
	f, _ := strconv.ParseFloat(string(r), 64)
	return f
}

// maxCount bounds what Count returns, so that sums of counts cannot overflow.
const maxCount = 1 << 50

// Count returns the number as a count of things: never negative, fractions
// cut off, 0 if the value is no number.
func (r Raw) Count() int64 {
	n, err := strconv.ParseInt(string(r), 10, 64)
	if err != nil {
		f := r.Float()
		if !(f > 0) {
			return 0
		}
		n = int64(min(f, maxCount))
	}
	return min(max(n, 0), maxCount)
}

// Get returns the object's member with that key; absent if there is none.
func (r Raw) Get(key string) Raw {
	if !r.IsObject() {
		return ""
	}
	for c := r.Walk(); c.Next(); {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// Walk returns a cursor over the members of an object or the elements of an
// array. Any other value has none.
func (r Raw) Walk() Cursor {
	if !r.IsObject() && !r.IsArray() {
		return Cursor{}
	}
	return Cursor{text: string(r), at: 1, object: r[0] == '{', Index: -1}
}

// WalkAll is Walk for those to whom null is a value.
func (r Raw) WalkAll() Cursor {
	c := r.Walk()
	c.nulls = true
	return c
}

// A Cursor stands on one member of an object or one element of an array. It
// starts before the first. Members that are null are passed over: for the
// protocols null and absent are the same.
type Cursor struct {
	Key   string // of an object's member
	Value Raw
	Index int // of an array's element

	text   string
	at     int
	object bool
	nulls  bool  // members that are null are not passed over
	ends   *ends // nil when nothing is known
}

// Next moves on and reports whether there was something to move to.
func (c *Cursor) Next() bool {
	for {
		c.space(',')
		if c.at >= len(c.text) || c.text[c.at] == '}' || c.text[c.at] == ']' {
			return false
		}
		if c.object {
			c.key()
		}
		start := c.at
		c.at = c.end()
		c.Value = Raw(c.text[start:c.at])
		c.Index++
		if !c.object || c.nulls || c.Value != "null" {
			return true
		}
	}
}

// end returns the index after the value that the cursor has come to.
func (c *Cursor) end() int {
	if c.ends != nil && c.at < len(c.text) && (c.text[c.at] == '{' || c.text[c.at] == '[') {
		if end, ok := c.ends.find(c.text, c.at); ok {
			return end
		}
	}
	return skipValue(c.text, c.at)
}

func (c *Cursor) key() {
	start := c.at
	c.at = skipValue(c.text, c.at)
	key := Str(c.text[start:c.at])
	if c.Key = key.Inner(); strings.IndexByte(c.Key, '\\') >= 0 {
		c.Key = key.String()
	}
	c.space(':')
}

// space passes over white space and the separator.
func (c *Cursor) space(sep byte) {
	for c.at < len(c.text) {
		if b := c.text[c.at]; b != sep && b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			return
		}
		c.at++
	}
}

// skipValue returns the index after the value that starts at i. It always
// moves on.
func skipValue(s string, i int) int {
	if i >= len(s) {
		return i
	}
	switch s[i] {
	case '"':
		return skipString(s, i)
	case '{', '[':
		return skipNested(s, i)
	}
	for i++; i < len(s); i++ {
		switch s[i] {
		case ',', '}', ']', ':', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return i
}

func skipNested(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipString(s, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func skipString(s string, i int) int {
	// Keys and most values are short and without escapes.
	for j := i + 1; j < min(len(s), i+24); j++ {
		if s[j] == '"' {
			return j + 1
		}
		if s[j] == '\\' {
			break
		}
	}
	for j := i + 1; j < len(s); j++ {
		k := strings.IndexByte(s[j:], '"')
		if k < 0 {
			break
		}
		j += k
		esc := j
		for esc > i+1 && s[esc-1] == '\\' {
			esc--
		}
		if (j-esc)&1 == 0 {
			return j + 1
		}
	}
	return len(s)
}

// Skip returns the index after the value of a JSON text that begins at i, for
// those who must know where in a body things stand. It always moves on.
func Skip(text string, i int) int { return skipValue(text, i) }
