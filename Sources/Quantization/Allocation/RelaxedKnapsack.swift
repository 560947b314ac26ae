/// The knapsack over some groups in which items of a group may be mixed: its optimum is a convex function of the room,
/// made of the steps of the groups' lower convex hulls in the order of their efficiency. It bounds the real one.
struct RelaxedKnapsack {
  /// From one item of a hull to the next: so much more spent, so much less lost.
  struct Step {
    var group: Int
    var item: Int
    var spent: Double
    var saved: Double
  }

  /// Counted from the last group backwards, as the groups are added.
  private var groupsFromEnd = 0
  private(set) var leastSpent = 0.0
  private var mostLost = 0.0
  /// The most efficient first; group indices count from the end until ``steps`` turns them round.
  private var sorted: [Step] = []
  /// What all steps before each index spend and save.
  private var sums: [(spent: Double, saved: Double)] = [(0, 0)]

  /// The steps with group indices in the order of the groups.
  var steps: [Step] {
    sorted.map { step in
      var step = step
      step.group = groupsFromEnd - 1 - step.group
      return step
    }
  }

  /// The problem with one group more, before the others.
  func adding(_ group: [KnapsackSearch.Item]) -> RelaxedKnapsack {
    let hull = RelaxedKnapsack.hull(of: group)
    var result = self
    result.groupsFromEnd += 1
    result.leastSpent += group[hull[0]].spent
    result.mostLost += group[hull[0]].lost
    for (from, to) in zip(hull, hull.dropFirst()) {
      result.sorted.append(
        Step(
          group: groupsFromEnd, item: to, spent: group[to].spent - group[from].spent,
          saved: group[from].lost - group[to].lost))
    }
    result.sorted.sort { $0.saved * $1.spent > $1.saved * $0.spent }
    result.sums = [(0, 0)]
    for step in result.sorted {
      let last = result.sums[result.sums.count - 1]
      result.sums.append((last.spent + step.spent, last.saved + step.saved))
    }
    return result
  }

  /// The least that these groups lose within `room`, items mixed freely.
  func leastLost(within room: Double) -> Double {
    let left = room - leastSpent
    let whole = max(sums.firstIndex(ofSorted: { $0.spent > left }) - 1, 0)
    let part = whole < sorted.count ? min(max((left - sums[whole].spent) / sorted[whole].spent, 0), 1) : 0
    let saved = sums[whole].saved + (whole < sorted.count ? part * sorted[whole].saved : 0)
    return max(0, mostLost - saved)
  }

  /// The items on the lower convex hull, the cheapest first; each spends more and loses less than the one before.
  private static func hull(of group: [KnapsackSearch.Item]) -> [Int] {
    let order = group.indices.sorted { (group[$0].spent, group[$0].lost) < (group[$1].spent, group[$1].lost) }
    var hull: [Int] = []
    for item in order {
      // Equally cheap items come in the order of what they lose, so that only the first of them can pass.
      if let top = hull.last, group[item].lost >= group[top].lost { continue }
      while hull.count > 1, isAbove(group[hull[hull.count - 1]], group[hull[hull.count - 2]], group[item]) {
        hull.removeLast()
      }
      hull.append(item)
    }
    return hull
  }

  /// Whether `middle` does not lie below the line from `left` to `right`.
  private static func isAbove(
    _ middle: KnapsackSearch.Item, _ left: KnapsackSearch.Item, _ right: KnapsackSearch.Item
  ) -> Bool {
    (middle.lost - left.lost) * (right.spent - left.spent) >= (right.lost - left.lost) * (middle.spent - left.spent)
  }
}
