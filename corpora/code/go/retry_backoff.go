// Call an operation again after a failure, and wait twice as long each time.
package main

import (
	"errors"
	"fmt"
	"time"
)

var errReset = errors.New("connection reset")

func retry(attempts int, operation func() (string, error)) (string, error) {
	delay := 10 * time.Millisecond
	for attempt := 1; ; attempt++ {
		answer, err := operation()
		if err == nil || !errors.Is(err, errReset) || attempt == attempts {
			return answer, err
		}
		fmt.Printf("attempt %d failed: %v; waiting %d ms\n", attempt, err, delay.Milliseconds())
		time.Sleep(delay)
		if delay < time.Second {
			delay *= 2
		}
	}
}

func main() {
	failures := 2
	answer, err := retry(5, func() (string, error) {
		if failures--; failures >= 0 {
			return "", errReset
		}
		return "200 OK – merhaba!", nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(answer)
}
