/// How a ``QuantizedExchange`` works, apart from what it sends.
public struct ExchangeOptions: Hashable, Sendable {
  /// How vectors become their mean; the same on every rank.
  public var reduction: Reduction
  /// What to do with coordinates that are NaN or infinite.
  public var nonFinite: NonFinitePolicy
  /// How many coordinates a scatter-reduce aims to have in a piece, see ``Reduction/scatterReduce``; the same on every
  /// rank.
  public var pieceSize: Int
  /// How many threads one rank may use to encode and decode; results do not depend on it.
  public var threads: Int
  /// How often a message that arrives damaged is sent again, see ``ReliableCollective``; the same on every rank. With 0
  /// nothing is added to messages, and damage ends the exchange.
  public var retries: Int

  /// Options.
  ///
  /// - Parameters:
  ///   - reduction: How vectors become their mean.
  ///   - nonFinite: What to do with coordinates that are NaN or infinite.
  ///   - pieceSize: The coordinates that a piece of a scatter-reduce aims to have, at least 1. The default is large enough
  ///     that headers and tables cost little, and small enough that several pieces are under way while others are coded.
  ///   - threads: At least 1.
  ///   - retries: How often a message that arrives damaged is sent again, from 0 to 1000.
  public init(
    reduction: Reduction = .allGather, nonFinite: NonFinitePolicy = .send, pieceSize: Int = 1 << 18,
    threads: Int = 1, retries: Int = 0
  ) {
    precondition((0...1000).contains(retries), "Messages are sent again 0 to 1000 times, not \(retries)")
    precondition(pieceSize >= 1 && threads >= 1, "Pieces have at least one coordinate, and ranks one thread")
    self.reduction = reduction
    self.nonFinite = nonFinite
    self.pieceSize = pieceSize
    self.threads = threads
    self.retries = retries
  }
}
