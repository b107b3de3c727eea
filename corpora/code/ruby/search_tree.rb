# frozen_string_literal: true

# A binary search tree of fruit names, ordered by byte.
class SearchTree
  include Enumerable

  Node = Struct.new(:key, :left, :right)

  def insert(key, node = @root)
    return @root = Node.new(key) if @root.nil?

    side = { -1 => :left, 1 => :right }[key <=> node.key]
    return self if side.nil? # a key that is already there changes nothing

    node[side] ? insert(key, node[side]) : node[side] = Node.new(key)
    self
  end

  def each(node = @root, &block)
    return unless node

    each(node.left, &block)
    yield node.key
    each(node.right, &block)
  end

  def height(node = @root)
    node ? 1 + [height(node.left), height(node.right)].max : 0
  end
end

tree = SearchTree.new
%w[elma armut kiraz üzüm incir çilek elma].each { |fruit| tree.insert(fruit) }
puts tree.to_a.join(' ')
puts "height #{tree.height}"
