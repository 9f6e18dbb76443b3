// Command fit makes the tables of internal/tokens: from lists of words with how
// often they occur, and from the tokens that OpenAI's vocabularies cut each into.
//
//	go run ./examples/tokentest/fit
//	go run ./examples/tokentest/fit -list swahili text...
//
// The first makes the tables again. The second makes a list of the words in
// some texts, for the tables to be made from. Nothing that the estimate is
// tested with belongs in there.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	table := flag.String("o", filepath.FromSlash("internal/tokens/table.go"), "the `file` to write")
	list := flag.String("list", "", "make the list of words of this `name` from the texts that are given")
	size := flag.Int("size", 1200, "how many words a list is to have")
	flag.Parse()
	if err := run(*table, *list, *size, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fit:", err)
		os.Exit(1)
	}
}

func run(table, name string, size int, files []string) error {
	if name != "" {
		return makeList(name, size, files)
	}
	lists, err := readLists()
	if err != nil {
		return err
	}
	source, err := tables(lists)
	if err != nil {
		return err
	}
	return os.WriteFile(table, source, 0o666)
}

// person finds addresses, which are nobody's business.
var person = regexp.MustCompile(`[\w.+-]@[\w-]+\.[\w.-]`)

func makeList(name string, size int, files []string) error {
	var text strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	words := wordsOf(text.String())
	maps.DeleteFunc(words, func(word string, _ int) bool { return person.MatchString(word) })
	list := sampled(words, size)
	return os.WriteFile(filepath.Join("examples", "tokentest", "fit", "words", name+".txt"), list.encode(), 0o666)
}
