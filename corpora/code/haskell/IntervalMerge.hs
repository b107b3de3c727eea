-- | Merge overlapping time intervals, such as the bookings of a meeting room.
module IntervalMerge (main) where

import Data.List (intercalate, sort)

data Interval = Interval
  { start :: Int
  , end :: Int
  }
  deriving (Eq, Ord)

instance Show Interval where
  show (Interval from to) = show from ++ "–" ++ show to

-- | Disjoint intervals in order; those that only touch are joined too.
merge :: [Interval] -> [Interval]
merge = foldr join [] . sort
  where
    join interval (next : rest)
      | start next <= end interval = join interval {end = max (end interval) (end next)} rest
    join interval merged = interval : merged

main :: IO ()
main = do
  let bookings = zipWith Interval [13, 8, 9, 14, 20] [15, 9, 11, 18, 21]
      merged = merge bookings
  putStrLn (intercalate ", " (map show merged))
  putStrLn ("hours in use: " ++ show (sum [end i - start i | i <- merged]))
