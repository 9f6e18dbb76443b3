package main

import "github.com/dctx-team/routex/internal/tokens"

// An example is a word as the estimate sees it.
type example struct {
	numbers []int32 // of the table, that add up to what it costs
	tokens  float64 // that it is
	least   bool    // it is a token at least, whatever they add up to
	list    int
	share   float64 // of its list, by how much the list is wrong when it is by a token
	alone   float64 // what the square of how wrong it is counts
}

// What the fit goes by.
const (
	together = 25   // words are judged by how wrong as many are together
	ridge    = 5e-6 // what a number counts that is far from the usual
	rounds   = 24   // of finding out which words are a token at least
	steps    = 20   // of solving in each of them
)

// A fit is a table in the making, in tokens. Products are rounded on their own,
// by float64, so that every machine makes the same table.
type fit struct {
	examples []example
	weights  []float64 // of the lists
	w        []float64

	wrong []float64 // by how much each example is, or is changed by a direction
	sums  []float64 // of that by list
}

// usual gives what a number is where nothing tells.
func usual(number int) float64 {
	switch {
	case number < tokens.Raised:
		return .25
	case number == tokens.Repeated:
		return .125
	case number >= tokens.Rates && number < tokens.Letters:
		return .75
	}
	return 0
}

// solve finds the least squares of how wrong the estimates are, relative to
// their lists. Where a word is a token at least, being less is not wrong. It is
// the method of conjugate gradients, with what is at least a token settled
// before each round.
func (f *fit) solve() {
	f.w = make([]float64, tokens.Numbers)
	for i := range f.w {
		f.w[i] = usual(i)
	}
	f.wrong = make([]float64, len(f.examples))
	f.sums = make([]float64, len(f.weights))
	open := make([]bool, len(f.examples)) // they are more than the least
	for range rounds {
		for i, e := range f.examples {
			sum := e.sum(f.w)
			open[i] = !e.least || sum > 1 || e.tokens > 1
			f.wrong[i] = 0
			if open[i] {
				f.wrong[i] = sum - e.tokens
			}
		}
		f.round(open)
		for i, w := range f.w {
			f.w[i] = min(max(w, bounds(i, 0)), bounds(i, 1))
		}
	}
}

// bounds gives the least and the most that a number may be.
func bounds(number, side int) float64 {
	switch {
	case number < tokens.Raised:
		return [2]float64{-.84, 2}[side]
	case number < tokens.Rates:
		return [2]float64{-1, 2}[side]
	case number < tokens.Letters:
		return [2]float64{0, 3.9}[side]
	}
	return [2]float64{-1.4, 1.4}[side]
}

// round makes some steps from f.w on, for which f.wrong holds.
func (f *fit) round(open []bool) {
	n := len(f.w)
	rest, direction, scale := make([]float64, n), make([]float64, n), make([]float64, n)
	f.gradient(rest, open)
	for i := range rest {
		rest[i] = float64(ridge*(usual(i)-f.w[i])) - rest[i]
		scale[i] = ridge
	}
	for i, e := range f.examples {
		if open[i] {
			for _, k := range e.numbers {
				scale[k] += e.alone
			}
		}
	}
	old, change := 0.0, make([]float64, n)
	for range steps {
		now := 0.0
		for i, r := range rest {
			now += float64(float64(r*r) / scale[i])
		}
		if now < 1e-18 {
			return
		}
		for i, r := range rest {
			d := r / scale[i]
			if old > 0 {
				d += float64(now / old * direction[i])
			}
			direction[i] = d
		}
		old = now
		for i, e := range f.examples {
			f.wrong[i] = 0
			if open[i] {
				f.wrong[i] = e.sum(direction)
			}
		}
		clear(change)
		f.gradient(change, open)
		length := 0.0
		for i, d := range direction {
			change[i] += float64(ridge * d)
			length += float64(d * change[i])
		}
		length = now / length
		for i, d := range direction {
			f.w[i] += float64(length * d)
			rest[i] -= float64(length * change[i])
		}
	}
}

// gradient adds how the sum of squares changes with each number, by f.wrong.
func (f *fit) gradient(dst []float64, open []bool) {
	clear(f.sums)
	for i, e := range f.examples {
		f.sums[e.list] += float64(e.share * f.wrong[i])
	}
	for i, e := range f.examples {
		if !open[i] {
			continue
		}
		g := float64(e.alone*f.wrong[i]) + float64(f.weights[e.list]*float64(f.sums[e.list]*e.share))
		for _, k := range e.numbers {
			dst[k] += g
		}
	}
}

// sum gives what a word costs by some numbers.
func (e *example) sum(w []float64) float64 {
	sum := 0.0
	for _, k := range e.numbers {
		sum += w[k]
	}
	return sum
}
