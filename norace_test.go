//go:build !race

package routex_test

const underRace = false
