//go:build race

package main

// underRace leaves out what takes too long where everything takes ten times as
// long.
const underRace = true
