extension ImageDataset {
  /// The images centred in larger ones.
  ///
  /// MNIST's 28 by 28 pixels become the 32 by 32 that the networks take.
  ///
  /// - Parameters:
  ///   - newHeight: Rows of the new images, at least the rows of the old.
  ///   - newWidth: Columns of the new images, at least the columns of the old.
  ///   - value: The byte around the old images.
  /// - Returns: Images of the new size; where the margins are odd, the larger one is below and to the right.
  public func padded(height newHeight: Int, width newWidth: Int, with value: UInt8 = 0) -> ImageDataset {
    precondition(newHeight >= height && newWidth >= width, "padding does not make images smaller")
    let (top, left) = ((newHeight - height) / 2, (newWidth - width) / 2)
    var padded = [UInt8](repeating: value, count: count * channels * newHeight * newWidth)
    for plane in 0..<count * channels {
      for row in 0..<height {
        let source = (plane * height + row) * width
        let target = (plane * newHeight + top + row) * newWidth + left
        padded.replaceSubrange(target..<target + width, with: pixels[source..<source + width])
      }
    }
    return ImageDataset(
      name: name, channels: channels, height: newHeight, width: newWidth, pixels: padded, labels: labels)
  }
}
