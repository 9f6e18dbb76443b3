//go:build race

package admin_test

// underRace makes long tests shorter where everything takes ten times as long.
const underRace = true
