/// The look of reports, in light and in dark.
enum HTMLStyle {
  /// Colours for arms; the last one is kept for full precision.
  static let colours = 8
  /// The colour of the full-precision arm.
  static let neutral = 0

  static let sheet = """
    :root {
      --paper: #fbfaf8; --card: #ffffff; --ink: #23262b; --soft: #6a6f78; --line: #e4e2dd; --grid: #efede9;
      --accent: #2f6db3; --note: #f4efe2; --note-ink: #7a5b16;
      --s0: #7d828b; --s1: #2f6db3; --s2: #cf6a2c; --s3: #2e8b68; --s4: #9a53a8; --s5: #b08a1e; --s6: #c04a63; --s7: #3e8f9e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #16181c; --card: #1d2025; --ink: #e3e4e6; --soft: #9aa0a9; --line: #30343b; --grid: #282c32;
        --accent: #7fb0e6; --note: #332c1a; --note-ink: #dcc07a;
        --s0: #9fa5ae; --s1: #74a9e4; --s2: #eb9a63; --s3: #62bf98; --s4: #c98ad6; --s5: #d8b550; --s6: #e8839a; --s7: #76c2d0;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
    main { max-width: 1160px; margin: 0 auto; padding: 44px 28px 72px; }
    h1 { font-size: 27px; font-weight: 650; letter-spacing: -.015em; margin: 0 0 4px; }
    h2 { font-size: 19px; font-weight: 640; letter-spacing: -.01em; margin: 52px 0 4px; }
    h3 { font-size: 15px; font-weight: 620; margin: 26px 0 8px; }
    p { margin: 0 0 12px; } .lead, footer, figcaption small { color: var(--soft); }
    .lead { max-width: 78ch; margin-bottom: 16px; }
    pre { margin: 16px 0 0; padding: 12px 16px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line);
      border-radius: 8px; font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    .table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
      margin: 12px 0 18px; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: 9px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
    th:first-child, td:first-child { text-align: left; }
    thead th { font-weight: 600; font-size: 13px; vertical-align: top; border-bottom: 1px solid var(--line); }
    thead th small { display: block; font-weight: 400; color: var(--soft); font-size: 12px; }
    tbody tr:last-child td { border-bottom: 0; }
    tr.reference td { color: var(--soft); font-style: italic; border-top: 1px solid var(--line); }
    .modelled { background: var(--note); } th.modelled em { color: var(--note-ink); font-style: normal; }
    .chip { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px;
      vertical-align: baseline; }
    .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 18px; }
    .cards.small { grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 12px; }
    figure { margin: 0; padding: 14px 16px 10px; background: var(--card); border: 1px solid var(--line);
      border-radius: 10px; min-width: 0; }
    figcaption { font-weight: 600; margin-bottom: 4px; } figcaption small { font-weight: 400; margin-left: 8px; }
    .small figcaption { overflow-wrap: anywhere; }
    .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; color: var(--soft); font-size: 13px; margin: 6px 0 14px; }
    .legend .chip { margin-right: 6px; }
    figure .legend { margin: 0 0 4px; font-size: 12px; gap: 0 14px; }
    svg { display: block; width: 100%; height: auto; }
    svg text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg text.name { font-size: 11.5px; } svg text.rule { font-size: 10.5px; font-style: italic; }
    .grid { stroke: var(--grid); } .tick, .axis { stroke: var(--soft); stroke-opacity: .55; }
    line.rule { stroke: var(--soft); stroke-dasharray: 5 4; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .faint { stroke-width: 1.1; stroke-opacity: .38; } .hair { stroke-width: 1.1; stroke-opacity: .8; }
    .band { fill-opacity: .12; stroke: none; }
    \(rules)
    .samples img { display: block; width: 100%; image-rendering: pixelated; border-radius: 6px; background: #fff; }
    .strip { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px; margin-top: 10px; }
    .strip div { color: var(--soft); font-size: 12.5px; }
    details summary { cursor: pointer; color: var(--accent); font-size: 13px; margin-top: 10px; }
    .bar { display: flex; height: 12px; border-radius: 4px; overflow: hidden; background: var(--grid); min-width: 220px; }
    .bar i { display: block; height: 100%; }
    .notes { margin: 8px 0 0; padding-left: 18px; color: var(--soft); font-size: 13.5px; max-width: 92ch; }
    .notes li { margin: 3px 0; }
    footer .notes { max-width: none; } footer { margin-top: 56px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 13px; }
    @media (max-width: 640px) { main { padding: 24px 14px 48px; } .cards { grid-template-columns: 1fr; } }
    """

  /// One rule per colour for strokes, fills, dots and chips.
  private static let rules = (0..<colours).map { index in
    let colour = "var(--s\(index))"
    return """
      .line.s\(index) { stroke: \(colour); } .band.s\(index), .dot.s\(index) { fill: \(colour); } \
      .chip.s\(index), .bar .s\(index) { background: \(colour); }
      """
  }.joined(separator: "\n")
}
