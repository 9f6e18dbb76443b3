//go:build race

package tee_test

// slow is by how much less is done when the race detector is on.
const slow = 10
