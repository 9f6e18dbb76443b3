package tokens

// The classes of characters. The small letters of ASCII are 1 to 26, the signs
// of ASCII 34 to 65.
const (
	edge    uint8 = 0  // of a word, where no character tells: before a capital
	accents uint8 = 27 // and the next two: letters of Latin beyond ASCII
	digit   uint8 = 30
	blank   uint8 = 31
	tab     uint8 = 32
	line    uint8 = 33 // the end of one
	sign    uint8 = 34
	foreign uint8 = 66 // a character of a script that is not Latin
	given         = 67 // so many classes have their pairs in the tables
	capital uint8 = 67 // and the next 25

	classes = 93

	// What is no class yet: it has to be decoded.
	multibyte = 254 // a byte of a character that is not ASCII
	backslash = 255 // begins an escape
)

// plain has the classes of the bytes of a text, escaped those of a text that
// stands in a JSON string.
var plain, escaped = classTables()

func classTables() (plain, escaped [256]uint8) {
	next := sign
	for c := range 256 {
		class := classOfByte(byte(c))
		if class == sign {
			class = next
			next++
		}
		plain[c] = class
	}
	escaped = plain
	escaped['\\'] = backslash
	return plain, escaped
}

// escapes has the classes of what stands for a character after a backslash.
var escapes = func() (table [256]uint8) {
	for c := range 256 {
		table[c] = plain[c]
		if c >= 0x80 {
			table[c] = plain['\\'] // which is no escape
		}
	}
	table['n'], table['r'], table['t'], table['b'], table['f'] = line, line, tab, tab, tab
	return table
}()

func classOfByte(c byte) uint8 {
	switch {
	case c >= 0x80:
		return multibyte
	case c >= 'a' && c <= 'z':
		return c - 'a' + 1
	case c >= 'A' && c <= 'Z':
		return c - 'A' + capital
	case c >= '0' && c <= '9':
		return digit
	case c == '\n' || c == '\r':
		return line
	case c == '\t':
		return tab
	case c <= ' ' || c == 0x7F:
		return blank
	}
	return sign
}

// classOfRune gives the class of a character that was decoded.
func classOfRune(r rune) uint8 {
	if r < 0x80 {
		return plain[r]
	}
	if s := scriptOf(r); s <= latinB {
		return accents + uint8(s)
	}
	return foreign
}

func isBlank(class uint8) bool { return class == blank || class == tab || class == line }
