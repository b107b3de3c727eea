{-# LANGUAGE DeriveFoldable #-}

-- | A binary search tree of fruit names, ordered by code point.
module SearchTree (main) where

import Data.Foldable (foldl', toList)

data Tree a
  = Leaf
  | Node (Tree a) a (Tree a)
  deriving (Foldable)

insert :: Ord a => Tree a -> a -> Tree a
insert Leaf key = Node Leaf key Leaf
insert tree@(Node left root right) key =
  case compare key root of
    LT -> Node (insert left key) root right
    GT -> Node left root (insert right key)
    EQ -> tree -- a key that is already there changes nothing

height :: Tree a -> Int
height Leaf = 0
height (Node left _ right) = 1 + max (height left) (height right)

main :: IO ()
main = do
  let tree = foldl' insert Leaf (words "elma armut kiraz üzüm incir çilek elma")
  putStrLn (unwords (toList tree))
  putStrLn ("height " ++ show (height tree))
