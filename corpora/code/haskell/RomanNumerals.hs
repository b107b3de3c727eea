-- | Convert numbers between 1 and 3999 to Roman numerals and back.
module RomanNumerals (main) where

import Data.List (intercalate, stripPrefix)

symbols :: [(Int, String)]
symbols =
  zip
    [1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1]
    ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"]

toRoman :: Int -> Maybe String
toRoman number
  | number < 1 || number > 3999 = Nothing
  | otherwise = Just (go number symbols)
  where
    go rest pairs@((value, symbol) : others)
      | rest >= value = symbol ++ go (rest - value) pairs
      | otherwise = go rest others
    go _ [] = ""

-- | 'Nothing' when letters are left over.
fromRoman :: String -> Maybe Int
fromRoman = go symbols
  where
    go _ "" = Just 0
    go [] _ = Nothing
    go pairs@((value, symbol) : others) numeral =
      maybe (go others numeral) (fmap (value +) . go pairs) (stripPrefix symbol numeral)

main :: IO ()
main = mapM_ (putStrLn . report) [4, 9, 1994, 2024]
  where
    report number = case toRoman number of
      Just numeral -> intercalate " → " [show number, numeral, maybe "?" show (fromRoman numeral)]
      Nothing -> show number ++ " has no Roman numeral"
