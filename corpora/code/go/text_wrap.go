// Break a paragraph into lines of limited width, without cutting words.
package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const width = 28

const text = "The old ferry crosses the fjord twice a day, even when the wind " +
	"from Ålesund is strong and the passengers stay in the café."

// wrap returns lines of at most limit characters; a longer word gets a line of its own.
func wrap(text string, limit int) []string {
	var lines []string
	column := 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if len(lines) > 0 && column+1+length <= limit {
			lines[len(lines)-1] += " " + word
			column += 1 + length
		} else {
			lines = append(lines, word)
			column = length
		}
	}
	return lines
}

func main() {
	fmt.Println(strings.Repeat("-", width))
	for _, line := range wrap(text, width) {
		fmt.Println(line)
	}
}
