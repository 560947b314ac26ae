#pragma once

#include <stddef.h>
#include <stdint.h>

// PNG images through libpng's simplified interface. Built without LAMINA_PNG every function that can fail returns
// LAMINAP_UNAVAILABLE, so that the package builds where libpng is absent.

enum {
  LAMINAP_OK = 0,
  LAMINAP_UNAVAILABLE = 1,  // built without libpng
  LAMINAP_FAILED = 2,       // libpng refused; the message says why
};

/// Bytes that every `message` argument must hold, the terminating zero included.
#define LAMINAP_MESSAGE_SIZE 64

/// 1 when the library was built with libpng, 0 otherwise.
int laminap_available(void);

/// Reads the size of an image from its header, without decoding it.
int laminap_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message);

/// Decodes an image to 8-bit rows of interleaved channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
///
/// `capacity` must be width * height * channels of the size that the header states; anything else is refused.
/// With 1 or 3 channels a transparent image is composed on white.
int laminap_decode(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message);

/// An upper bound on the bytes of an encoded image, or 0 when the size cannot be encoded.
size_t laminap_encode_bound(uint32_t width, uint32_t height, int channels);

/// Encodes 8-bit rows of interleaved channels; `written` receives the length.
int laminap_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, uint8_t *bytes, size_t capacity,
    size_t *written, char *message);
