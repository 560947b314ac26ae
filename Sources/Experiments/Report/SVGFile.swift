import Foundation

/// A drawing as a file of its own: SVG on a white ground, with its style, and the command that made it as a comment.
enum SVGFile {
  static func text(width: Double, height: Double, command: String, style: String, body: String) -> String {
    // Two hyphens would end the comment.
    let made = command.replacingOccurrences(of: "--", with: "- -")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
      width="\(Int(width))" height="\(Int(height))">
      <!-- \(HTMLPage.escaped(made)) -->
      <style>
      \(style)
      </style>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(body)
      </svg>

      """
  }

  /// A heading above a panel whose upper left corner is `place`.
  static func heading(_ title: String, at place: (x: Double, y: Double)) -> String {
    #"<text class="heading" x="\#(Int(place.x + 58))" y="\#(Int(place.y + 18))">\#(HTMLPage.escaped(title))</text>"#
  }

  /// The name of a curve behind its colour.
  static func legendEntry(_ label: String, colour: Int, at place: (x: Int, y: Int)) -> String {
    #"<rect class="dot s\#(colour)" x="\#(place.x)" y="\#(place.y - 8)" width="12" height="8" rx="2"/>"#
      + #"<text x="\#(place.x + 17)" y="\#(place.y)">\#(HTMLPage.escaped(label))</text>"#
  }
}
