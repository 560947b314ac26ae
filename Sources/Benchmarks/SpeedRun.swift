import Foundation
import LaminaNumerics

/// Times everything in one process, all variants in turn, again and again; the least time of each counts.
///
/// A machine that does other things makes runs slower, never faster, so that the least of many is the cost of the work.
/// Turns spread what changes slowly, such as the clock of the processor, over all variants.
package struct SpeedRun {
  private let options: SpeedOptions

  /// A run with these options.
  package init(_ options: SpeedOptions) { self.options = options }

  /// Does it.
  ///
  /// - Parameter progress: Is told how many of how many timings are done.
  /// - Returns: The report.
  package func report(progress: (Int, Int) -> Void = { _, _ in }) -> SpeedReport {
    let cases = cases()
    var least = [Double](repeating: .infinity, count: cases.count)
    let total = options.repetitions * cases.count
    for repetition in 0..<options.repetitions {
      for (index, timed) in cases.enumerated() {
        least[index] = min(least[index], seconds(timed))
        progress(repetition * cases.count + index + 1, total)
      }
    }
    let results = zip(cases, least).map { timed, seconds in
      SpeedResult(
        name: timed.name, coordinates: timed.coordinates, seconds: seconds, goal: timed.goal,
        quality: timed.quality?())
    }
    return SpeedReport(options: options, results: results)
  }

  /// Everything there is to time; making it touches all memory and runs every encoder once.
  private func cases() -> [SpeedCase] {
    let key = RandomKey(seed: 20)
    let memory = SpeedMemory(size: options.size, key: key)
    let threads = options.threads > 1 ? [1, options.threads] : [1]
    var cases = Yardsticks.cases(memory)
    for tier in options.tiers {
      let isActive = tier == .active
      cases += NormCases.cases(memory, tier: tier)
      cases += PackedCases.cases(memory, bits: options.bits, tier: tier, key: key)
      cases += CodingCases.cases(memory, tier: tier, key: key)
      cases += DitheredCases.cases(
        memory, bits: options.bits, tier: tier, key: key, threads: isActive ? threads : [1])
    }
    cases += CodingCases.checks(memory)
    cases += FrameCases.cases(memory, bits: options.bits.filter { $0 == 4 }, threads: threads)
    return cases
  }

  /// What a run costs: the processor time of the thread where there is one, and else the time on the clock.
  ///
  /// A thread that waits for its turn spends no processor time, so that other work on the machine disturbs less.
  private func seconds(_ timed: SpeedCase) -> Double {
    let clock = timed.name.threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC
    let start = now(clock)
    timed.run()
    return now(clock) - start
  }

  private func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
