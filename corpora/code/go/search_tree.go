// A binary search tree of fruit names, ordered by byte.
package main

import "fmt"

type Tree struct {
	key         string
	left, right *Tree
}

// Insert returns the tree with the key; a key that is already there changes nothing.
func (t *Tree) Insert(key string) *Tree {
	if t == nil {
		return &Tree{key: key}
	} else if key < t.key {
		t.left = t.left.Insert(key)
	} else if key > t.key {
		t.right = t.right.Insert(key)
	}
	return t
}

func (t *Tree) Walk(depth, height int, visit func(key string)) int { // in order
	if t == nil {
		return height
	} else if depth > height {
		height = depth
	}
	height = t.left.Walk(depth+1, height, visit)
	visit(t.key)
	return t.right.Walk(depth+1, height, visit)
}

func main() {
	var root *Tree
	for _, fruit := range []string{"elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"} {
		root = root.Insert(fruit)
	}
	fmt.Println("\nheight", root.Walk(1, 0, func(key string) { fmt.Print(key, " ") }))
}
