// A cache with room for a few entries: the one unused for longest has to go first.
package main

import (
	"container/list"
	"fmt"
)

type Cache struct {
	capacity, hits, misses int
	order                  *list.List // pairs of key and value, the most recently used in front
	index                  map[string]*list.Element
}

func (c *Cache) Get(key string) string {
	if element, found := c.index[key]; found {
		c.hits++
		c.order.MoveToFront(element)
		return element.Value.([2]string)[1]
	}
	c.misses++
	return "(not cached)"
}

func (c *Cache) Put(key, value string) {
	if c.order.Len() == c.capacity {
		delete(c.index, c.order.Remove(c.order.Back()).([2]string)[0])
	}
	c.index[key] = c.order.PushFront([2]string{key, value})
}

func main() {
	capitals := &Cache{capacity: 2, order: list.New(), index: map[string]*list.Element{}}
	capitals.Put("Peru", "Lima")
	capitals.Put("Brazil", "Brasília")
	capitals.Get("Peru")
	capitals.Put("Colombia", "Bogotá") // pushes Brazil out
	fmt.Println(capitals.Get("Peru"), capitals.Get("Brazil"), capitals.Get("Colombia"))
	fmt.Println(capitals.hits, "hits,", capitals.misses, "misses")
}
