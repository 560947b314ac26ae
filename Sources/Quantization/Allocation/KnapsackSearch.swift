/// Least Σ lost with Σ spent ≤ limit, one item per group: states forward, group by group, with the bound of the relaxed
/// problem on what remains.
struct KnapsackSearch {
  typealias Item = (spent: Double, lost: Double)

  private struct State {
    var spent: Double
    var lost: Double
    var parent: Int32
    var item: Int32
  }

  /// Sums are compared with this much room, for the bounds add the same numbers in another order.
  private static let slack = 1 + 1e-9
  private static let stateLimit = 1 << 16

  private let groups: [[Item]]
  private let limit: Double
  private let known: [[Int]]
  /// The relaxed problem on the groups from each index on.
  private let rests: [RelaxedKnapsack]

  init(_ groups: [[Item]], limit: Double, known: [[Int]]) {
    self.groups = groups
    self.limit = limit
    self.known = known
    var rests = [RelaxedKnapsack()]
    for group in groups.reversed() { rests.append(rests[rests.count - 1].adding(group)) }
    self.rests = rests.reversed()
  }

  func solve() -> [Int]? {
    var best = bestKnown()
    var incumbent = best.map { total($0).lost } ?? .infinity
    var layers: [[State]] = []
    var states = [State(spent: 0, lost: 0, parent: -1, item: -1)]
    for index in groups.indices {
      states = thinned(undominated(extended(states, by: index, incumbent: incumbent)))
      layers.append(states)
    }
    // Sorted by what is spent, undominated states lose less and less.
    if let last = states.indices.last(where: { states[$0].spent <= limit }), states[last].lost < incumbent {
      best = path(to: last, layers)
      incumbent = states[last].lost
    }
    return best
  }

  private func extended(_ states: [State], by index: Int, incumbent: Double) -> [State] {
    let rest = rests[index + 1]
    let room = limit * KnapsackSearch.slack
    var next: [State] = []
    next.reserveCapacity(states.count * groups[index].count)
    for (parent, state) in states.enumerated() {
      for (item, values) in groups[index].enumerated() {
        let (spent, lost) = (state.spent + values.spent, state.lost + values.lost)
        guard spent + rest.leastSpent <= room else { continue }
        let bound = rest.leastLost(within: room - spent)
        guard lost + bound <= incumbent * KnapsackSearch.slack else { continue }
        next.append(State(spent: spent, lost: lost, parent: Int32(parent), item: Int32(item)))
      }
    }
    return next
  }

  private func undominated(_ states: [State]) -> [State] {
    var best = Double.infinity
    return states.sorted { ($0.spent, $0.lost) < ($1.spent, $1.lost) }.filter { state in
      defer { best = min(best, state.lost) }
      return state.lost < best
    }
  }

  /// At most ``stateLimit`` states: the best of each of as many equal intervals of what is spent.
  private func thinned(_ states: [State]) -> [State] {
    guard states.count > KnapsackSearch.stateLimit, let first = states.first, let last = states.last else {
      return states
    }
    let width = (last.spent - first.spent) / Double(KnapsackSearch.stateLimit - 1)
    var kept: [State] = []
    var interval = -1.0
    for state in states {
      // Later states of an interval lose less; the first state of all is kept as the cheapest way on.
      let own = ((state.spent - first.spent) / width).rounded(.up)
      if own == interval { kept[kept.count - 1] = state } else { kept.append(state) }
      interval = own
    }
    return kept
  }

  private func path(to last: Int, _ layers: [[State]]) -> [Int] {
    var (choice, index) = ([Int](), last)
    for layer in layers.reversed() {
      choice.append(Int(layer[index].item))
      index = Int(layer[index].parent)
    }
    return choice.reversed()
  }

  private func total(_ choice: [Int]) -> Item {
    zip(groups, choice).reduce((spent: 0, lost: 0)) { ($0.spent + $1.0[$1.1].spent, $0.lost + $1.0[$1.1].lost) }
  }

  /// The best of the known choices, the cheapest one, and the relaxed one rounded down, as far as they fit.
  private func bestKnown() -> [Int]? {
    let cheapest = groups.map { group in
      group.indices.min { (group[$0].spent, group[$0].lost) < (group[$1].spent, group[$1].lost) } ?? 0
    }
    let candidates = (known + [cheapest, greedy(from: cheapest)]).filter { total($0).spent <= limit }
    return candidates.min { total($0).lost < total($1).lost }
  }

  /// Exchanges items for those that save most per unit spent, as long as they fit.
  private func greedy(from cheapest: [Int]) -> [Int] {
    var choice = cheapest
    var spent = total(cheapest).spent
    for step in rests[0].steps {
      let group = groups[step.group]
      let (from, to) = (group[choice[step.group]], group[step.item])
      guard to.lost < from.lost, spent - from.spent + to.spent <= limit else { continue }
      spent += to.spent - from.spent
      choice[step.group] = step.item
    }
    return choice
  }
}
