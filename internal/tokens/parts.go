package tokens

// Where the numbers of a table are, and how many of each kind.
const (
	Pairs    = 0 // Classes rows of as many
	Classes  = given
	Raised   = Pairs + Classes*Classes
	Inner    = Raised + 1
	Shouted  = Inner + 1
	Repeated = Shouted + 1
	Runs     = Repeated + 1 // of scripts
	Scripts  = scripts
	Rates    = Runs + Scripts // of each character of a script
	Letters  = Rates + Scripts
	Alphabet = letters
	Han      = Letters + Alphabet
	Hangul   = Han + Buckets
	Buckets  = 1024
	Numbers  = Hangul + Buckets
)

// Parts gives the numbers of a table that the estimate of a text adds up, in
// the order of the text, for the program that makes the tables. The first
// character only is what the next one follows. Words are not told apart.
func Parts(text []byte) []int {
	var p parts
	for _, r := range string(text) {
		p.next(r)
	}
	return p.numbers
}

type parts struct {
	numbers []int
	begun   bool
	before  uint8
	last    rune
	script  script // of last, where that is foreign
}

func (p *parts) next(r rune) {
	class := classOfRune(r)
	s := script(scripts)
	if class == foreign {
		s = scriptOf(r)
	}
	if p.begun {
		p.add(r, class, s)
	}
	p.begun, p.before, p.last, p.script = true, class, r, s
}

func (p *parts) add(r rune, class uint8, s script) {
	if class != foreign || p.before != foreign {
		p.pair(class)
	}
	if class != foreign {
		return
	}
	if s != p.script {
		p.numbers = append(p.numbers, Runs+int(s))
	}
	switch {
	case s == symbol && r == p.last:
		p.numbers = append(p.numbers, Repeated)
		return
	case s == han:
		p.numbers = append(p.numbers, Han+int(r)%Buckets)
	case s == hangul:
		p.numbers = append(p.numbers, Hangul+int(r)%Buckets)
	case spelled(r):
		p.numbers = append(p.numbers, Letters+letter(r))
	}
	p.numbers = append(p.numbers, Rates+int(s))
}

// pair is [table.pair].
func (p *parts) pair(class uint8) {
	row, column := int(lower(p.before))*Classes, int(lower(class))
	switch {
	case class < capital:
		p.numbers = append(p.numbers, Pairs+row+column)
	case p.before >= capital:
		p.numbers = append(p.numbers, Pairs+row+column, Shouted)
	case p.before >= 1 && p.before < digit:
		p.numbers = append(p.numbers, Pairs+row+int(edge), Pairs+int(edge)*Classes+column, Inner)
	default:
		p.numbers = append(p.numbers, Pairs+row+column, Raised)
	}
}

// RateOf gives the number that has the rate of the script of a character,
// whose own number is given.
func RateOf(number int) int {
	switch {
	case number >= Hangul:
		return Rates + int(hangul)
	case number >= Han:
		return Rates + int(han)
	}
	return Rates + int(scriptOf(letterAt(number-Letters)))
}
