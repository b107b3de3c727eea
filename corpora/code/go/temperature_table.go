// Print a table of temperatures in degrees Celsius and Fahrenheit.
package main

import "fmt"

type Celsius float64

const (
	freezing Celsius = 0
	hot      Celsius = 30
)

func (c Celsius) Fahrenheit() float64 {
	return float64(c)*9/5 + 32
}

func (c Celsius) Remark() string {
	switch {
	case c <= freezing:
		return "freezing"
	case c >= hot:
		return "hot"
	default:
		return "mild"
	}
}

func main() {
	fmt.Printf("%6s %8s  remark\n", "°C", "°F")
	for c := Celsius(-10); c <= 40; c += 10 {
		fmt.Printf("%6.0f %8.1f  %s\n", c, c.Fahrenheit(), c.Remark())
	}
}
