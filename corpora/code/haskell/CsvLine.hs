-- | Split one line of a CSV file into its fields, quoted fields included.
module CsvLine (main) where

data ParseError = UnclosedQuote
  deriving (Eq, Show)

parseLine :: Char -> String -> Either ParseError [String]
parseLine separator = plain ""
  where
    -- The accumulators hold the current field, its last character first.
    plain field [] = Right [reverse field]
    plain field (char : rest)
      | char == '"' = quoted field rest
      | char == separator = (reverse field :) <$> plain "" rest
      | otherwise = plain (char : field) rest

    quoted _ [] = Left UnclosedQuote
    quoted field ('"' : '"' : rest) = quoted ('"' : field) rest -- two quotes stand for one
    quoted field ('"' : rest) = plain field rest
    quoted field (char : rest) = quoted (char : field) rest

main :: IO ()
main =
  case parseLine ',' line of
    Left UnclosedQuote -> putStrLn "the last quoted field is never closed"
    Right fields -> mapM_ putStrLn (zipWith describe [1 :: Int ..] fields)
  where
    line = "7,\"Crème brûlée, large\",\"She said \"\"oui\"\"\",,4.50"
    describe number field = show number ++ ": [" ++ field ++ "]"
