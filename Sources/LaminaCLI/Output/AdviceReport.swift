import Experiments

/// `lamina advise --json`.
struct AdviceReport: Encodable {
  struct Row: Encodable {
    let scheme: String
    let flags: String?
    let receivedBytes: Double
    let networkSeconds: Double
    let codecSeconds: Double
    let exchangeSeconds: Double
    let stepSeconds: Double
    let speedUp: Double

    init(_ row: Advice.Row) {
      scheme = row.scheme.title
      flags = row.scheme.flags
      receivedBytes = row.prediction.bytes
      networkSeconds = row.prediction.network
      codecSeconds = row.prediction.codec
      exchangeSeconds = row.prediction.exchange
      stepSeconds = row.prediction.step
      speedUp = row.speedUp
    }
  }

  struct Cell: Encodable {
    let workers: Int
    let bitsPerSecond: Double
    let best: Row
  }

  let parameters: Int
  let workers: Int
  let schemes: [Row]
  let best: Row
  let advice: String
  let grid: [Cell]

  init(model: StepModel, advice: Advice, grid: AdviceGrid) {
    parameters = model.dimension
    workers = model.workers
    schemes = advice.rows.map(Row.init)
    best = Row(advice.best)
    self.advice = advice.sentence
    self.grid = zip(AdviceGrid.workers, grid.cells).flatMap { workers, row in
      zip(AdviceGrid.speeds, row).map { Cell(workers: workers, bitsPerSecond: $0, best: Row($1.best)) }
    }
  }
}
