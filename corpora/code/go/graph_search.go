// Find the way with the fewest stops through a metro map (breadth-first search).
package main

import (
	"fmt"
	"strings"
)

var metro = map[string][]string{
	"Kadıköy":  {"Üsküdar", "Bostancı"},
	"Üsküdar":  {"Kadıköy", "Yenikapı"},
	"Yenikapı": {"Üsküdar", "Taksim"},
	"Taksim":   {"Yenikapı", "Levent"},
	"Levent":   {"Taksim"},
}

// shortestPath returns nil when the goal is out of reach. Each path in the queue is a copy.
func shortestPath(graph map[string][]string, start, goal string) []string {
	seen := map[string]bool{start: true}
	queue := [][]string{{start}}
	for len(queue) > 0 {
		path := queue[0]
		station := path[len(path)-1]
		if station == goal {
			return path
		}
		for _, neighbour := range graph[station] {
			if !seen[neighbour] {
				seen[neighbour] = true
				queue = append(queue, append(path[:len(path):len(path)], neighbour))
			}
		}
		queue = queue[1:]
	}
	return nil
}

func main() {
	fmt.Println(strings.Join(shortestPath(metro, "Kadıköy", "Levent"), " → "))
}
