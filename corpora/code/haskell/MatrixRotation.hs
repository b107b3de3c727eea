-- | Turn a matrix by 90 degrees, clockwise or the other way round.
module MatrixRotation (main) where

import Data.List (transpose)
import Text.Printf (printf)

type Matrix a = [[a]]

-- | The first column, read from the bottom up, becomes the first row.
rotateClockwise :: Matrix a -> Matrix a
rotateClockwise = transpose . reverse

rotateCounterclockwise :: Matrix a -> Matrix a
rotateCounterclockwise = reverse . transpose

printMatrix :: String -> Matrix Int -> IO ()
printMatrix title matrix = do
  putStrLn title
  mapM_ (putStrLn . unwords . map (printf "%3d")) matrix

main :: IO ()
main = do
  let original = [[1, 2, 3], [4, 5, 6]]
      turned = rotateClockwise original
  printMatrix "original" original
  printMatrix "turned by 90°" turned
  -- The turn back must undo the turn.
  let same = rotateCounterclockwise turned == original
  putStrLn ("same again: " ++ if same then "yes" else "no")
