-- | A cache with room for a few entries: the one unused for longest has to go first.
module LruCache (main) where

import Data.List (mapAccumL)
import Data.Maybe (fromMaybe)

data Cache = Cache
  { capacity, hits, misses :: Int
  , entries :: [(String, String)] -- the most recently used first
  }

put :: String -> String -> Cache -> Cache
put key value cache = cache {entries = take (capacity cache) ((key, value) : others)}
  where
    others = filter ((/= key) . fst) (entries cache)

-- | Looking up changes the cache, so the new one comes back with the answer.
get :: Cache -> String -> (Cache, Maybe String)
get cache key = case lookup key (entries cache) of
  Nothing -> (cache {misses = misses cache + 1}, Nothing)
  Just value -> ((put key value cache) {hits = hits cache + 1}, Just value)

main :: IO ()
main = do
  let empty = Cache {capacity = 2, hits = 0, misses = 0, entries = []}
      (used, _) = get (put "Brazil" "Brasília" (put "Peru" "Lima" empty)) "Peru"
      countries = ["Peru", "Brazil", "Colombia"]
      -- Bogotá pushes Brasília out.
      (final, capitals) = mapAccumL get (put "Colombia" "Bogotá" used) countries
      report country capital = country ++ " = " ++ fromMaybe "(not cached)" capital
  mapM_ putStrLn (zipWith report countries capitals)
  putStrLn (show (hits final) ++ " hits, " ++ show (misses final) ++ " misses")
