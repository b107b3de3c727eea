// Split one line of a CSV file into its fields, quoted fields included.
package main

import (
	"fmt"
	"strings"
)

func parseLine(line string, separator rune) ([]string, error) {
	fields, current := []string{}, strings.Builder{}
	runes, quoted := []rune(line), false
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '"' && quoted && i+1 < len(runes) && runes[i+1] == '"':
			current.WriteRune('"') // two quotes inside a quoted field stand for one
			i++
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			fields = append(fields, current.String())
			current.Reset()
		default:
			current.WriteRune(r)
		}
	}
	if quoted {
		return nil, fmt.Errorf("the last quoted field is never closed")
	}
	return append(fields, current.String()), nil
}

func main() {
	fields, err := parseLine(`7,"Crème brûlée, large","She said ""oui""",,4.50`, ',')
	for i, field := range fields {
		fmt.Printf("%d: [%s]\n", i+1, field)
	}
	if err != nil {
		panic(err)
	}
}
