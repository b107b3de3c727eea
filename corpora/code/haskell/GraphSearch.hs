-- | Find the way with the fewest stops through a metro map (breadth-first search).
module GraphSearch (main) where

import Data.List (intercalate)
import qualified Data.Map as Map
import qualified Data.Set as Set

type Station = String
type Graph = Map.Map Station [Station]

metro :: Graph
metro = Map.fromList
  [ ("Kadıköy", ["Üsküdar", "Bostancı"])
  , ("Üsküdar", ["Kadıköy", "Yenikapı"])
  , ("Bostancı", ["Kadıköy"])
  , ("Yenikapı", ["Üsküdar", "Taksim"])
  , ("Taksim", ["Yenikapı", "Levent"])
  , ("Levent", ["Taksim"])
  ]

-- | The queue holds whole paths, each with its last station in front.
shortestPath :: Graph -> Station -> Station -> Maybe [Station]
shortestPath graph origin goal = search [[origin]] (Set.singleton origin)
  where
    search [] _ = Nothing
    search ([] : queue) seen = search queue seen
    search (path@(station : _) : queue) seen
      | station == goal = Just (reverse path)
      | otherwise = search (queue ++ map (: path) unseen) (foldr Set.insert seen unseen)
      where
        unseen = filter (`Set.notMember` seen) (Map.findWithDefault [] station graph)

main :: IO ()
main = putStrLn (maybe "no connection" (intercalate " → ") (shortestPath metro "Kadıköy" "Levent"))
