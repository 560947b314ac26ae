import LaminaNumerics
import Quantization
import RealModule
import Testing

@Suite("Allocation program")
struct AllocationProgramTests {
  private typealias Option = AllocationProgram.Option

  /// Every choice, one option per group.
  private func choices(_ groups: [[Option]]) -> [[Int]] {
    groups.reduce([[]]) { known, group in known.flatMap { start in group.indices.map { start + [$0] } } }
  }

  private func randomGroups(_ stream: inout RandomStream, count: Int, options: Int) -> [[Option]] {
    (0..<count).map { _ in
      (0..<1 + Int(stream.next() % UInt64(options))).map { _ in
        // Few distinct numbers, so that ties and dominated options occur.
        Option(bits: Double(stream.next() % 24), error: Double(stream.next() % 32) / 4)
      }
    }
  }

  @Test("Fact 18: the program equals brute force in both forms, for random options and every budget")
  func bruteForce() {
    var stream = RandomStream(key: RandomKey(seed: 41))
    for _ in 0..<150 {
      let program = AllocationProgram(randomGroups(&stream, count: 1 + Int(stream.next() % 5), options: 4))
      let totals = choices(program.groups).map { program.total(of: $0) }
      for budget in 0..<40 {
        let bits = Double(budget) * 3
        let least = totals.filter { $0.bits <= bits }.map(\.error).min()
        let found = program.leastError(bits: bits).map { program.total(of: $0) }
        #expect(found?.error == least && found.map { $0.bits <= bits } ?? true)
        let error = Double(budget) / 2
        let fewest = totals.filter { $0.error <= error }.map(\.bits).min()
        let dual = program.fewestBits(error: error).map { program.total(of: $0) }
        #expect(dual?.bits == fewest && dual.map { $0.error <= error } ?? true)
      }
    }
  }

  @Test("Budgets that a choice meets to the last bit are met")
  func exactBudgets() {
    var stream = RandomStream(key: RandomKey(seed: 43))
    let groups = (0..<6).map { _ in
      (1...3).map { Option(bits: Double($0) * Double(stream.next() % 1000), error: stream.nextUnit()) }
    }
    let program = AllocationProgram(groups)
    for choice in choices(groups) {
      let total = program.total(of: choice)
      let (least, fewest) = (program.leastError(bits: total.bits), program.fewestBits(error: total.error))
      #expect(least.map { program.total(of: $0).error <= total.error } ?? false)
      #expect(
        fewest.map { program.total(of: $0).bits <= total.bits && program.total(of: $0).error <= total.error } ?? false)
    }
  }

  @Test("A known choice is never made worse; without one that fits there is none")
  func knownChoices() {
    let program = AllocationProgram([
      [Option(bits: 5, error: 1)], [Option(bits: 7, error: 2), Option(bits: 9, error: 0)],
    ])
    #expect(program.leastError(bits: 11.9) == nil && program.fewestBits(error: 0.5) == nil)
    #expect(program.leastError(bits: 13, known: [[0, 1], [0, 0]]) == [0, 0])
    #expect(program.leastError(bits: 14, known: [[0, 0]]) == [0, 1])
    #expect(program.fewestBits(error: 3, known: [[0, 1]]) == [0, 0])
  }

  @Test("160 layers with 7 widths are within the bound of the relaxed problem, and beat every uniform width")
  func manyLayers() throws {
    var stream = RandomStream(key: RandomKey(seed: 47))
    let groups = (0..<160).map { _ in
      let coordinates = Double(1 + stream.next() % 1_000_000)
      let scale = coordinates * Double.exp(3 * stream.nextNormal())
      return (2...8).map {
        Option(bits: coordinates * Double($0), error: scale * Double.exp(-2 * Double.log(2) * Double($0)))
      }
    }
    let program = AllocationProgram(groups)
    for index in 1...5 {
      let uniform = groups.map { _ in index }
      let total = program.total(of: uniform)
      let choice = try #require(program.leastError(bits: total.bits, known: [uniform]))
      let found = program.total(of: choice)
      #expect(found.bits <= total.bits && found.error < 0.5 * total.error)
      // No price per bit can do better: Lagrange's bound, at the best of many prices.
      let bound = (-400...400).map { exponent -> Double in
        let price = Double.exp(Double(exponent) / 20)
        return groups.reduce(-price * total.bits) { sum, group in
          sum + (group.map { $0.error + price * $0.bits }.min() ?? 0)
        }
      }.max()
      #expect(found.error <= 1.02 * (try #require(bound)))
    }
  }
}
