// Count the words of a text and print the most frequent ones.
package main

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// A word is a run of letters; an apostrophe inside it does not end it ("didn't").
var word = regexp.MustCompile(`\p{L}+(?:'\p{L}+)*`)

const text = "The cat saw the dog; the dog didn't see the naïve cat."

// mostFrequent returns the words by count; equal counts come in alphabetical order.
func mostFrequent(text string, limit int) (words []string, counts map[string]int) {
	counts = make(map[string]int)
	for _, w := range word.FindAllString(strings.ToLower(text), -1) {
		if counts[w]++; counts[w] == 1 {
			words = append(words, w)
		}
	}
	sort.Slice(words, func(i, j int) bool {
		a, b := words[i], words[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return a < b
	})
	return words[:limit], counts
}

func main() {
	words, counts := mostFrequent(text, 3)
	for _, w := range words {
		fmt.Printf("%-8s%3d\n", w, counts[w])
	}
}
