package routex

import (
	"math/rand/v2"
	"sync/atomic"
)

// A dice gives random numbers for choices that need not be secret. Those of one
// seed are always the same.
type dice struct {
	seed  uint64
	rolls atomic.Uint64
}

// newDice takes a random seed in place of 0.
func newDice(seed uint64) *dice {
	for seed == 0 {
		seed = rand.Uint64()
	}
	return &dice{seed: seed}
}

func (d *dice) roll() uint64 { return d.mixed(d.rolls.Add(1)) }

// mixed is the random number that follows from n.
func (d *dice) mixed(n uint64) uint64 { return mixed(d.seed ^ mixed(n)) }

// mixed scatters the bits of n: the finalizer of splitmix64.
func mixed(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// hashOf names a list of names.
func hashOf(names ...string) uint64 {
	h := hashSeed
	for _, name := range names {
		h = hashOn(h, name)
	}
	return h ^ h>>32
}

const hashSeed uint64 = 14695981039346656037 // of FNV-1a

func hashOn(h uint64, name string) uint64 {
	const prime = 1099511628211
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return (h ^ 0xff) * prime
}
