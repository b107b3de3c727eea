// Turn a matrix by 90 degrees, clockwise.
package main

import (
	"fmt"
	"reflect"
)

type Matrix [][]int

// Rotated returns a new matrix: its first row is the first column, read from the bottom up.
func (m Matrix) Rotated() Matrix {
	turned := make(Matrix, len(m[0]))
	for j := range turned {
		for i := len(m) - 1; i >= 0; i-- {
			turned[j] = append(turned[j], m[i][j])
		}
	}
	return turned
}

func (m Matrix) Show(title string) {
	fmt.Println(title)
	for _, row := range m {
		fmt.Printf("%3d", row[0])
		for _, cell := range row[1:] {
			fmt.Printf(" %3d", cell)
		}
		fmt.Println()
	}
}

func main() {
	original := Matrix{{1, 2, 3}, {4, 5, 6}}
	original.Show("original")
	original.Rotated().Show("turned by 90°")
	// Four quarter turns bring back the matrix we started from.
	restored := original.Rotated().Rotated().Rotated().Rotated()
	fmt.Println("same again:", map[bool]string{true: "yes", false: "no"}[reflect.DeepEqual(original, restored)])
}
