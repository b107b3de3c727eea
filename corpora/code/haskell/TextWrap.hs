-- | Break a paragraph into lines of limited width, without cutting words.
module TextWrap (main) where

width :: Int
width = 28

paragraph :: String
paragraph =
  "The old ferry crosses the fjord twice a day, even when the wind \
  \from Ålesund is strong and the passengers stay in the café."

-- | Lines of at most the given number of characters; a longer word gets a line of its own.
wrap :: Int -> String -> [String]
wrap limit = fill . words
  where
    fill [] = []
    fill (word : rest) = go word rest

    go line (word : rest)
      | length line + 1 + length word <= limit = go (line ++ " " ++ word) rest
    go line rest = line : fill rest

main :: IO ()
main = do
  putStrLn (replicate width '-')
  mapM_ putStrLn (wrap width paragraph)
