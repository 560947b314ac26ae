/// The codeword lengths of an optimal prefix code under a length limit.
///
/// Level by level, the symbols and the pairs ("packages") of the previous level's items are merged by weight. The
/// 2n − 2 lightest items of the last level make the code: a symbol's length is the number of levels at which it is
/// among the items chosen, and the packages chosen at one level decide how many items are chosen at the one before.
/// Symbols are taken in order of weight, so the number chosen suffices to know which.
///
/// L. L. Larmore and D. S. Hirschberg, A fast algorithm for optimal length-limited Huffman codes, J. ACM 37, 1990.
///
/// - Parameters:
///   - weights: Of 1…2^limit symbols.
///   - limit: The longest length.
/// - Returns: The length of each symbol; 1 for a single symbol.
package func packageMergeLengths(_ weights: [UInt16], limit: Int) -> [UInt8] {
  guard weights.count > 1 else { return weights.map { _ in 1 } }
  precondition(weights.count <= 1 << limit, "Too many symbols for the length limit")
  // Ties go to the later symbol first, so that the earlier one gets the shorter codeword.
  let order = weights.indices.sorted { (Int(weights[$0]), -$0) < (Int(weights[$1]), -$1) }
  let leaves = order.map { Int(weights[$0]) }
  var isLeaf: [[Bool]] = []
  var items: [Int] = []
  for _ in 0..<limit {
    let packages = stride(from: 0, to: items.count - 1, by: 2).map { items[$0] + items[$0 + 1] }
    let merged = merge(leaves, packages)
    items = merged.items
    isLeaf.append(merged.isLeaf)
  }
  var lengths = [UInt8](repeating: 0, count: weights.count)
  var chosen = 2 * weights.count - 2
  for level in isLeaf.reversed() {
    let leafCount = level.prefix(chosen).count { $0 }
    for symbol in order.prefix(leafCount) { lengths[symbol] += 1 }
    chosen = 2 * (chosen - leafCount)
  }
  return lengths
}

/// Merges two ascending lists, leaves first among equals.
private func merge(_ leaves: [Int], _ packages: [Int]) -> (items: [Int], isLeaf: [Bool]) {
  var items: [Int] = []
  var isLeaf: [Bool] = []
  items.reserveCapacity(leaves.count + packages.count)
  isLeaf.reserveCapacity(leaves.count + packages.count)
  var leaf = 0
  var package = 0
  while leaf < leaves.count || package < packages.count {
    let takesLeaf = package == packages.count || leaf < leaves.count && leaves[leaf] <= packages[package]
    items.append(takesLeaf ? leaves[leaf] : packages[package])
    isLeaf.append(takesLeaf)
    leaf += takesLeaf ? 1 : 0
    package += takesLeaf ? 0 : 1
  }
  return (items, isLeaf)
}
