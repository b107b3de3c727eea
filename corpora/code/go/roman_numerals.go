// Convert numbers between 1 and 3999 to Roman numerals and back.
package main

import (
	"fmt"
	"strings"
)

var (
	values  = [...]int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	symbols = [...]string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
)

func toRoman(number int) (numeral string) {
	for i, symbol := range symbols {
		numeral += strings.Repeat(symbol, number/values[i])
		number %= values[i]
	}
	return numeral
}

// fromRoman also returns the letters that are left over, an empty string if all went well.
func fromRoman(numeral string) (total int, rest string) {
	for i, symbol := range symbols {
		for strings.HasPrefix(numeral, symbol) {
			total += values[i]
			numeral = strings.TrimPrefix(numeral, symbol)
		}
	}
	return total, numeral
}

func main() {
	for _, number := range [...]int{4, 9, 1994, 2024} {
		back, _ := fromRoman(toRoman(number))
		fmt.Printf("%d → %s → %d\n", number, toRoman(number), back)
	}
}
