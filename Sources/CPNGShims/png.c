#include "CPNGShims.h"

#include <string.h>

#ifdef LAMINA_PNG

#include <png.h>

static int failed(png_image *image, char *message) {
  strncpy(message, image->message, LAMINAP_MESSAGE_SIZE - 1);
  message[LAMINAP_MESSAGE_SIZE - 1] = 0;
  png_image_free(image);
  return LAMINAP_FAILED;
}

static int refused(png_image *image, const char *reason, char *message) {
  strncpy(image->message, reason, sizeof image->message - 1);
  return failed(image, message);
}

static png_image empty_image(void) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  return image;
}

static png_uint_32 format_of(int channels) {
  switch (channels) {
    case 1: return PNG_FORMAT_GRAY;
    case 2: return PNG_FORMAT_GA;
    case 3: return PNG_FORMAT_RGB;
    default: return PNG_FORMAT_RGBA;
  }
}

int laminap_available(void) { return 1; }

int laminap_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message) {
  png_image image = empty_image();
  if (!png_image_begin_read_from_memory(&image, bytes, count)) return failed(&image, message);
  *width = image.width;
  *height = image.height;
  png_image_free(&image);
  return LAMINAP_OK;
}

int laminap_decode(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message) {
  png_image image = empty_image();
  if (!png_image_begin_read_from_memory(&image, bytes, count)) return failed(&image, message);
  if ((uint64_t)image.width * image.height * (uint64_t)channels != capacity) {
    return refused(&image, "the size differs from the header's", message);
  }
  image.format = format_of(channels);
  const png_color white = {255, 255, 255};
  if (!png_image_finish_read(&image, &white, pixels, 0, NULL)) return failed(&image, message);
  png_image_free(&image);
  return LAMINAP_OK;
}

static png_image sized_image(uint32_t width, uint32_t height, int channels) {
  png_image image = empty_image();
  image.width = width;
  image.height = height;
  image.format = format_of(channels);
  return image;
}

size_t laminap_encode_bound(uint32_t width, uint32_t height, int channels) {
  // libpng's bound counts in 32 bits, so larger images are refused before it can wrap.
  if ((uint64_t)width * height * (uint64_t)channels > (1u << 30)) return 0;
  png_image image = sized_image(width, height, channels);
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

int laminap_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, uint8_t *bytes, size_t capacity,
    size_t *written, char *message) {
  png_image image = sized_image(width, height, channels);
  png_alloc_size_t length = capacity;
  if (!png_image_write_to_memory(&image, bytes, &length, 0, pixels, 0, NULL)) return failed(&image, message);
  if (length > capacity) return refused(&image, "the buffer is too small", message);
  *written = length;
  png_image_free(&image);
  return LAMINAP_OK;
}

#else

int laminap_available(void) { return 0; }

int laminap_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message) {
  (void)bytes, (void)count, (void)width, (void)height;
  message[0] = 0;
  return LAMINAP_UNAVAILABLE;
}

int laminap_decode(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message) {
  (void)bytes, (void)count, (void)channels, (void)pixels, (void)capacity;
  message[0] = 0;
  return LAMINAP_UNAVAILABLE;
}

size_t laminap_encode_bound(uint32_t width, uint32_t height, int channels) {
  (void)width, (void)height, (void)channels;
  return 0;
}

int laminap_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, uint8_t *bytes, size_t capacity,
    size_t *written, char *message) {
  (void)pixels, (void)width, (void)height, (void)channels, (void)bytes, (void)capacity, (void)written;
  message[0] = 0;
  return LAMINAP_UNAVAILABLE;
}

#endif
