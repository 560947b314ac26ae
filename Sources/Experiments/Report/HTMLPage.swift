/// A page that needs nothing but itself.
struct HTMLPage {
  let title: String
  /// The command that made the page, on its first lines for those who read the source.
  let command: String
  /// Sections in order.
  var sections: [String] = []

  /// Adds a section with a heading.
  mutating func section(_ heading: String, _ lead: String? = nil, _ content: String) {
    let paragraph = lead.map { "<p class=\"lead\">\(Self.escaped($0))</p>\n" } ?? ""
    sections.append("<section>\n<h2>\(Self.escaped(heading))</h2>\n\(paragraph)\(content)\n</section>\n")
  }

  /// The whole page.
  func html() -> String {
    """
    <!doctype html>
    <!-- made by: \(Self.commentSafe(command)) -->
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(Self.escaped(title))</title>
    <style>
    \(HTMLStyle.sheet)
    </style>
    </head>
    <body>
    <main>
    \(sections.joined())</main>
    </body>
    </html>

    """
  }

  /// Text as it can stand anywhere in a page, also inside a quoted attribute.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Text that cannot end the comment it stands in.
  private static func commentSafe(_ text: String) -> String {
    String(text.map { $0 == ">" ? "›" : $0.isNewline ? " " : $0 })
  }
}
