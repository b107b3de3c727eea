-- | Count the words of a text and print the most frequent ones.
module WordCount (main) where

import Data.Char (isAlpha, toLower)
import Data.List (sortOn)
import qualified Data.Map.Strict as Map
import Data.Ord (Down (..))
import Text.Printf (printf)

sampleText :: String
sampleText = "The cat saw the dog; the dog didn't see the naïve cat."

-- | Words are runs of letters; an apostrophe inside a word does not end it ("didn't").
tokenize :: String -> [String]
tokenize = words . map separate
  where
    separate char
      | isAlpha char || char == '\'' = toLower char
      | otherwise = ' '

-- | The most frequent words; equal counts come in alphabetical order.
mostFrequent :: Int -> String -> [(String, Int)]
mostFrequent limit = take limit . sortOn rank . Map.toList . count
  where
    count = Map.fromListWith (+) . map (\word -> (word, 1)) . tokenize
    rank (word, n) = (Down n, word)

main :: IO ()
main = mapM_ (uncurry (printf "%-8s%3d\n")) (mostFrequent 3 sampleText)
