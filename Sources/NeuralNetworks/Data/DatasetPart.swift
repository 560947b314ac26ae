/// The two parts in which the classical data sets come.
public enum DatasetPart: String, Hashable, Sendable, CaseIterable {
  case training
  case test
}
