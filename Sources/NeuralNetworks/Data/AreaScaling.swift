/// Scales an image into a square by averaging areas.
///
/// The image is centred in a square of its longer side, so its aspect is kept; each target pixel is the mean of the
/// area that it covers, partly covered pixels by their share. All arithmetic is in integers, so that every machine makes
/// the same bytes.
struct AreaScaling {
  /// Rows and columns of the result.
  let side: Int
  /// The byte outside the image.
  let background: UInt8

  /// The red, green and blue planes of an image on the background.
  ///
  /// - Parameter image: An RGBA image; its colours are mixed with the background by its alpha.
  /// - Returns: `3 * side * side` bytes, plane by plane.
  func planes(of image: PNGImage) -> [UInt8] {
    precondition(image.channels == .rgba, "the image to scale must be RGBA")
    let columns = Self.shares(of: image.width, in: max(image.width, image.height), side: side)
    let rows = Self.shares(of: image.height, in: max(image.width, image.height), side: side)
    // A row and a column of the result each cover 2 * longer units, which the shares and the background add up to.
    let whole = 2 * max(image.width, image.height)
    let area = whole * whole
    var result = [UInt8](repeating: 0, count: 3 * side * side)
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<side {
        for column in 0..<side {
          var sums = (red: 0, green: 0, blue: 0)
          var covered = 0
          for y in rows[row] {
            for x in columns[column] {
              let weight = y.share * x.share
              let pixel = 4 * (y.index * image.width + x.index)
              let alpha = Int(pixels[pixel + 3])
              covered += weight * alpha
              sums.red += weight * alpha * Int(pixels[pixel])
              sums.green += weight * alpha * Int(pixels[pixel + 1])
              sums.blue += weight * alpha * Int(pixels[pixel + 2])
            }
          }
          let rest = (255 * area - covered) * Int(background)
          let position = row * side + column
          result[position] = Self.rounded(sums.red + rest, over: 255 * area)
          result[side * side + position] = Self.rounded(sums.green + rest, over: 255 * area)
          result[2 * side * side + position] = Self.rounded(sums.blue + rest, over: 255 * area)
        }
      }
    }
    return result
  }

  private static func rounded(_ numerator: Int, over denominator: Int) -> UInt8 {
    UInt8((2 * numerator + denominator) / (2 * denominator))
  }

  private struct Share {
    let index: Int
    let share: Int
  }

  /// Which source pixels each target pixel covers, and how much of them.
  ///
  /// Lengths are in units of 1 / (2 side) of a source pixel, in which all borders are whole numbers.
  private static func shares(of length: Int, in longer: Int, side: Int) -> [[Share]] {
    let margin = (longer - length) * side
    return (0..<side).map { target in
      let start = 2 * longer * target - margin
      let stop = start + 2 * longer
      let first = max(0, start / (2 * side))
      let last = min(length, (stop + 2 * side - 1) / (2 * side))
      return (first..<max(first, last)).compactMap { index in
        let share = min(stop, 2 * side * (index + 1)) - max(start, 2 * side * index)
        return share > 0 ? Share(index: index, share: share) : nil
      }
    }
  }
}
