import Experiments
import Testing

@Suite("Axes and numbers")
struct PlotScaleTests {
  @Test("a linear axis has round ticks inside its domain")
  func linear() {
    let scale = PlotScale(.linear, showing: [0, 1000], range: (0, 100), room: 0)
    #expect(scale.ticks(5) == [0, 200, 400, 600, 800, 1000])
    #expect(scale.place(250) == 25)
    #expect(scale.place(.nan) == nil)
  }

  @Test("a logarithmic axis has decades, or 1, 2 and 5 in between, and no place for zero")
  func logarithmic() {
    let wide = PlotScale(.logarithmic, showing: [1e-4, 1, 0, -3], range: (100, 0), room: 0)
    #expect(wide.ticks().count == 5)
    #expect(wide.place(0) == nil && wide.place(-1) == nil)
    #expect(abs((wide.place(0.01) ?? 0) - 50) < 1e-9)
    let narrow = PlotScale(.logarithmic, showing: [3, 60], range: (0, 1), room: 0)
    #expect(narrow.ticks() == [5, 10, 20, 50])
  }

  @Test(
    "any values make an axis",
    arguments: [[], [5], [0, 0], [1e99, -1e99], [.nan, .infinity], [1, 1 + 1e-16], [.leastNonzeroMagnitude]])
  func odd(values: [Double]) {
    for kind in [PlotScale.Kind.linear, .logarithmic] {
      let scale = PlotScale(kind, showing: values, range: (0, 100))
      #expect(scale.ticks().count < 100)
      for value in values { #expect(scale.place(value).map { $0.isFinite } ?? true) }
    }
  }

  @Test("numbers have three significant digits, spreads two")
  func numbers() throws {
    #expect(FigureFormat.plain(0.0061234) == "0.00612")
    #expect(FigureFormat.plain(163.4) == "163")
    #expect(FigureFormat.plain(1.5e9) == "1.50e+09")
    #expect(FigureFormat.plain(-.infinity) == "−inf")
    #expect(FigureFormat.count(464_548) == "464,548" && FigureFormat.count(-7) == "−7")
    #expect(FigureFormat.plain(-0.5) == "−0.500" && FigureFormat.fixed(1)(-2, 3) == "−2.0")
    #expect(FigureFormat.bytes(1_860_000) == "1.86 MB")
    #expect(FigureFormat.memory(412 * 1024 * 1024) == "412 MiB")
    #expect(FigureFormat.bitRate(1e9) == "1 Gbit/s")
    let spread = try #require(Spread([5, 6, 7]))
    #expect(spread.mean == 6 && spread.deviation == 1)
    #expect(FigureFormat.spread(spread) { FigureFormat.plain($0, $1) } == "6.00 ± 1.0")
    #expect(FigureFormat.spread(try #require(Spread([6, 6]))) { FigureFormat.plain($0, $1) } == "6.00")
    #expect(Spread([]) == nil)
  }

  @Test("commands are quoted for a shell")
  func quoting() {
    #expect(ShellQuoting.line(["lamina", "a b", "", "x=1", "it's"]) == #"lamina 'a b' '' x=1 'it'\''s'"#)
  }
}
