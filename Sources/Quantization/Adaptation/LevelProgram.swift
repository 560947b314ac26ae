/// The dynamic program over sorted atoms: D₁(b) = C(0, b), Dⱼ₊₁(b) = min over a < b of Dⱼ(a) + C(a, b).
struct LevelProgram {
  private let form: LevelForm
  /// The places where a level may stand: the lower end, the distinct interior atoms, and 1.
  private var places: [Double] = []
  /// Σw, Σwx and Σwx² of the atoms up to each place.
  private var sums: [SIMD4<Double>] = []

  /// Atoms in increasing order.
  init(form: LevelForm, atoms: [(place: Double, weight: Double)]) {
    self.form = form
    let lower = form == .signed ? -1.0 : 0
    places = [lower]
    sums = [.zero]
    for atom in atoms {
      let place = min(max(atom.place, lower), 1)
      if place > places[places.count - 1] {
        places.append(place)
        sums.append(sums[sums.count - 1])
      }
      sums[sums.count - 1] += atom.weight * SIMD4(1, place, place * place, 0)
    }
    if places[places.count - 1] < 1 {
      places.append(1)
      sums.append(sums[sums.count - 1])
    }
  }

  /// The points of an optimum with `interiorCount` free points.
  mutating func solve(interiorCount: Int) -> [Double] {
    widen(to: interiorCount)
    let last = places.count - 1
    var best: [Double] = []
    // Where the lowest free point stands, given the place of the next one.
    var lowest = places
    var predecessors: [[Int32]] = []
    if form == .withoutZero {
      (best, lowest) = lowestBins()
    } else {
      best = [.infinity] + (1...last).map { cost(0, $0) }
    }
    for layer in (form == .withoutZero ? 2 : 1)..<interiorCount + 1 {
      var next = [Double](repeating: .infinity, count: last + 1)
      var from = [Int32](repeating: 0, count: last + 1)
      extend(best, into: &next, from: &from, layer: layer)
      best = next
      predecessors.append(from)
    }
    var indices = [last]
    for from in predecessors.reversed() { indices.append(Int(from[indices[indices.count - 1]])) }
    let free = indices.reversed().map { places[$0] }
    guard form == .withoutZero else { return [places[0]] + free }
    let first = lowest[indices[indices.count - 1]]
    return [-first, first] + free
  }

  /// The least cost of the centre bin [−ℓ₁, ℓ₁] and the bin above it, for each end ℓ₂, and the ℓ₁ that attains it.
  ///
  /// The centre bin costs ℓ₁²F(ℓ₁) − ∫ r² dF, so ℓ₁, unlike all other levels, need not be at a sample point: between two
  /// points the cost is a parabola, and it is convex over all of them.
  private func lowestBins() -> (costs: [Double], places: [Double]) {
    var costs = [Double](repeating: .infinity, count: places.count)
    var lowest = [Double](repeating: 0, count: places.count)
    for end in 2..<places.count {
      let top = places[end]
      func pull(_ index: Int) -> Double { top * (sums[end].x - sums[index].x) - (sums[end].y - sums[index].y) }
      // The last place at which the cost still falls to the right; there is one below ℓ₁, except when nothing costs.
      var (low, high) = (0, end - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if 2 * places[middle] * sums[middle].x < pull(middle) { low = middle } else { high = middle - 1 }
      }
      let next = places[low + 1]
      let vertex = sums[low].x > 0 ? pull(low) / (2 * sums[low].x) : next
      // A vertex at 0 or at the next level is no level of its own; half of the way is as good there.
      let first = min(vertex, next) > 0 && min(vertex, next) < top ? min(vertex, next) : next / 2
      let outer = sums[end] - (first < next ? sums[low] : sums[low + 1])
      let inner = sums[end] - outer
      lowest[end] = first
      costs[end] = max(0, first * first * inner.x - inner.z + (first + top) * outer.y - outer.z - first * top * outer.x)
    }
    return (costs, lowest)
  }

  /// One more bin, by divide and conquer over the ends b = layer + 1 ... last.
  private func extend(_ best: [Double], into next: inout [Double], from: inout [Int32], layer: Int) {
    var open = [(low: layer + 1, high: places.count - 1, first: layer, last: places.count - 2)]
    while let range = open.popLast() {
      guard range.low <= range.high else { continue }
      let end = (range.low + range.high) / 2
      var (winner, least) = (range.first, Double.infinity)
      for start in range.first...max(range.first, min(range.last, end - 1)) {
        let cost = best[start] + self.cost(start, end)
        if cost < least { (winner, least) = (start, cost) }
      }
      next[end] = least
      from[end] = Int32(winner)
      open.append((range.low, end - 1, range.first, winner))
      open.append((end + 1, range.high, winner, range.last))
    }
  }

  /// Σ w (b − x)(x − a) over the atoms between two places.
  @inline(__always)
  private func cost(_ start: Int, _ end: Int) -> Double {
    let (a, b) = (places[start], places[end])
    let part = sums[end] - sums[start]
    return max(0, (a + b) * part.y - part.z - a * b * part.x)
  }

  /// Adds places in the middle of the widest gaps until there are enough for distinct levels.
  private mutating func widen(to interiorCount: Int) {
    while places.count - 2 < interiorCount {
      var widest = 1
      for index in 1..<places.count where gap(index) > gap(widest) { widest = index }
      places.insert((places[widest - 1] + places[widest]) / 2, at: widest)
      sums.insert(sums[widest - 1], at: widest)
    }
  }

  private func gap(_ index: Int) -> Double { places[index] - places[index - 1] }
}
