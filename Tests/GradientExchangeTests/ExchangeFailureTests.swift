import Collectives
import GradientExchange
import Quantization
import Testing
import WireFormat

/// Every failure is a typed error on every rank, and nobody hangs: each test ends only if all ranks do.
@Suite("Failures of an exchange", .timeLimit(.minutes(10)))
struct ExchangeFailureTests {
  typealias Tamper = @Sendable (_ call: CollectiveCall, _ index: Int, _ message: [UInt8]) -> [UInt8]

  /// What each rank met in `steps` exchanges, nil for success; `offender` sends through `tamper`.
  private func errors(
    workers: Int = 3, steps: Range<UInt64> = 0..<1, scenario: ExchangeScenario = ExchangeScenario(), offender: Int = 1,
    tamper: @escaping Tamper = { $2 },
    vector: @escaping @Sendable (Int, UInt64) -> [Float] = ExchangeScenario.vector(rank:step:),
    prepare:
      @escaping @Sendable (inout QuantizedExchange<TamperingCollective<InProcessCollective>>, Int) throws -> Void =
      { _, _ in }
  ) throws -> [ExchangeError?] {
    try InProcessCollective.run(worldSize: workers) { group in
      let group = TamperingCollective(group) { group.rank == offender ? tamper($0, $1, $2) : $2 }
      var exchange = try scenario.exchange(group)
      do {
        try prepare(&exchange, group.rank)
        for step in steps { _ = try exchange.average(vector(group.rank, step), step: step) }
        return nil
      } catch let error as ExchangeError {
        return error
      }
    }
  }

  @Test("any changed byte of a frame is found by every rank, which names the sender")
  func corruptedFrame() throws {
    var codec = ExchangeCodec(plan: try ExchangeScenario().plan, rank: 1)
    let length = try codec.encode(ExchangeScenario.vector(rank: 1, step: 0), step: 0).bytes.count
    let places = Array(0..<64) + stride(from: 64, to: length, by: 23) + [length - 4, length - 1]
    for place in places {
      let met = try errors { call, index, message in
        var message = message
        message[place] ^= 0x10
        return message
      }
      for error in met {
        guard case .frame(rank: 1, _)? = error else {
          Issue.record("byte \(place): \(String(describing: error))")
          continue
        }
      }
      #expect(Set(met).count == 1, "byte \(place): all ranks say the same")
    }
  }

  @Test("a frame that was cut, emptied or prolonged is refused", arguments: [0, 1, 47, 48, 200, -1])
  func wrongLength(length: Int) throws {
    let met = try errors { _, _, message in length < 0 ? message + [0] : Array(message.prefix(length)) }
    for error in met {
      guard case .frame(rank: 1, _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test("a frame of another plan, epoch, step or rank is refused by name")
  func foreign() throws {
    let scenario = ExchangeScenario()
    let plan = try scenario.plan
    var other = scenario
    other.scope = .bucket(64)
    let otherPlan = try other.plan
    var later = plan
    try later.adopt([:])
    let vector = ExchangeScenario.vector(rank: 1, step: 0)
    let cases: [(ExchangeCodec, UInt64, WireFormatError)] = [
      (ExchangeCodec(plan: otherPlan, rank: 1), 0, .planMismatch(expected: plan.digest, found: otherPlan.digest)),
      (ExchangeCodec(plan: later, rank: 1), 0, .staleLevels(expected: 0, found: 1)),
      (ExchangeCodec(plan: plan, rank: 1), 4, .stepMismatch(expected: 0, found: 4)),
      (ExchangeCodec(plan: plan, rank: 2), 0, .rankMismatch(expected: 1, found: 2)),
    ]
    for (codec, step, expected) in cases {
      var codec = codec
      let frame = try codec.encode(vector, step: step).bytes
      let met = try errors { _, _, _ in frame }
      #expect(met == [ExchangeError?](repeating: .frame(rank: 1, expected), count: 3))
    }
  }

  @Test("a worker at another step stops all")
  func anotherStep() throws {
    let met = try InProcessCollective.run(worldSize: 3) { group -> ExchangeError? in
      var exchange = try ExchangeScenario().exchange(group)
      let step: UInt64 = group.rank == 1 ? 2 : 0
      do {
        _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        return nil
      } catch let error as ExchangeError {
        return error
      }
    }
    #expect(met[0] == .frame(rank: 1, .stepMismatch(expected: 0, found: 2)))
    #expect(met[1] == .frame(rank: 0, .stepMismatch(expected: 2, found: 0)))
    #expect(met[2] == .frame(rank: 1, .stepMismatch(expected: 0, found: 2)))
  }

  @Test("statistics that cannot be read are named by the root, whose peers lose it")
  func badStatistics() throws {
    // Call 0 gathers the frames of exchange 0, call 1 the statistics of the agreement before exchange 1.
    let damages: [@Sendable ([UInt8]) -> [UInt8]] = [
      { _ in [] }, { Array($0.dropLast()) }, { $0 + [0] }, { [0xFF, 0xFF, 0xFF, 0xFF] + $0.dropFirst(4) },
      { message in
        var message = message
        message[4] = 0xEE
        return message
      },
    ]
    for damage in damages {
      let met = try errors(steps: 0..<2) { call, index, message in index == 1 ? damage(message) : message }
      guard case .statistics(rank: 1, _)? = met[0] else {
        Issue.record("\(String(describing: met[0]))")
        continue
      }
      #expect(met[1] == .collective(.peerLost(rank: 0)) && met[2] == .collective(.peerLost(rank: 0)))
    }
  }

  @Test("statistics with any changed byte give the same plan everywhere, or errors everywhere")
  func mutatedStatistics() throws {
    for place in stride(from: 0, to: 400, by: 7) {
      let met = try errors(steps: 0..<2) { call, index, message in
        guard index == 1, place < message.count else { return message }
        var message = message
        message[place] ^= 0x41
        return message
      }
      #expect(met.allSatisfy { $0 == nil } || met.allSatisfy { $0 != nil }, "byte \(place): \(met)")
    }
  }

  @Test("statistics of another model are refused")
  func foreignStatistics() throws {
    let met = try InProcessCollective.run(worldSize: 3) { group -> ExchangeError? in
      let scenario = ExchangeScenario(model: group.rank == 2 ? .pooledNormal : .histogram)
      var exchange = try scenario.exchange(group)
      do {
        for step in UInt64(0)..<2 {
          _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        }
      } catch let error as ExchangeError {
        return error
      }
      return nil
    }
    guard case .statistics(rank: 2, _)? = met[0] else {
      Issue.record("\(String(describing: met[0]))")
      return
    }
    #expect(met[1] != nil && met[2] != nil)
  }

  @Test("an announcement that is damaged, of other layers or of another seed is refused by every rank")
  func badAnnouncement() throws {
    var other = ExchangeScenario()
    other.coding = .alternating
    let map = try LayerMap(parameters: [("conv.weight", 7)])
    let foreign = try QuantizationPlan(
      map: map, quantizer: LevelQuantizer(levels: .ternary), code: .fixedWidth, seed: 11)
    let seeded = try QuantizationPlan(map: ExchangeScenario().plan.map, plans: ExchangeScenario().plan.plans, seed: 12)
    let damages: [@Sendable ([UInt8]) -> [UInt8]] = [
      { _ in [] }, { Array($0.dropLast()) }, { $0 + [0] }, { _ in foreign.encoded() }, { _ in seeded.encoded() },
    ]
    for damage in damages {
      let met = try errors(steps: 0..<2, offender: 0) { call, _, message in
        if case .broadcast = call { damage(message) } else { message }
      }
      for error in met {
        guard case .agreement? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
      #expect(Set(met).count == 1)
    }
  }

  @Test("a worker without an agreement stops those that have one")
  func missingAgreement() throws {
    let met = try InProcessCollective.run(worldSize: 3) { group -> ExchangeError? in
      let scenario = ExchangeScenario()
      var exchange = QuantizedExchange(
        plan: try scenario.plan, group: group, agreement: group.rank == 1 ? nil : scenario.agreement)
      do {
        for step in UInt64(0)..<2 {
          _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        }
      } catch let error as ExchangeError {
        return error
      }
      return nil
    }
    #expect(met.allSatisfy { $0 != nil })
  }

  @Test("a vector of another dimension is refused, and the peers lose its worker", arguments: [0, 1, 1105, 1107])
  func dimension(count: Int) throws {
    let met = try errors(vector: { rank, step in
      rank == 1 ? [Float](repeating: 1, count: count) : ExchangeScenario.vector(rank: rank, step: step)
    })
    let lost = ExchangeError.collective(.peerLost(rank: 1))
    #expect(met == [lost, .dimension(expected: 1106, found: count), lost])
  }

  @Test("a peer that throws between exchanges is a lost peer, and its error is the one that is thrown")
  func throwingPeer() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try InProcessCollective.run(worldSize: 4) { group in
        var exchange = try ExchangeScenario().exchange(group)
        for step in UInt64(0)..<5 {
          if step == 2 && group.rank == 3 { throw Stop() }
          _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        }
      }
    }
  }

  @Test("restoring a state of other layers or of another length is refused")
  func foreignState() throws {
    var exchange = try ExchangeScenario().exchange(SoloCollective())
    var state = exchange.state
    state.own.removeLast()
    #expect(throws: ExchangeError.dimension(expected: 1106, found: 1105)) { try exchange.restore(state) }
    state = exchange.state
    state.plan.removeLast()
    #expect(throws: ExchangeError.self) { try exchange.restore(state) }
    var seeded = ExchangeScenario()
    seeded.isExact = true
    state.plan = try QuantizationPlan(map: seeded.plan.map, plans: seeded.plan.plans, seed: 99).encoded()
    #expect(throws: ExchangeError.self) { try exchange.restore(state) }
    #expect(exchange.plan == (try ExchangeScenario().plan))
  }
}
