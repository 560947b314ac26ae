// Writes the file that `lamina encode --bits 4 --bucket 128` makes of python/tests/golden/layers.f32, for a comparison.
// usage: uniform_file layers.f32 >uniform.lamina
#include <stdio.h>
#include <stdlib.h>

#include <lamina.h>

enum { COUNT = 1216, LEVELS = 8 };

static void check(lamina_status status, const lamina_error *error) {
  if (status == LAMINA_OK) return;
  fprintf(stderr, "status %d: %s\n", status, error->message);
  exit(EXIT_FAILURE);
}

static void require(int holds) {
  if (!holds) exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
  float values[COUNT], levels[LEVELS];
  FILE *input = argc == 2 ? fopen(argv[1], "rb") : NULL;
  require(input != NULL && fread(values, sizeof *values, COUNT, input) == COUNT);
  for (int i = 0; i < LEVELS; ++i) levels[i] = (float)i / (LEVELS - 1);

  lamina_error error;
  lamina_layer layers[] = {{"conv1.weight", NULL, 864}, {"conv1.bias", NULL, 32}, {"head.weight", "linear", 320}};
  lamina_quantizer uniform = {
      .kind = LAMINA_LEVELS, .scope = LAMINA_BUCKET, .bucket_size = 128, .levels = levels, .level_count = LEVELS};
  lamina_plan *plan;
  check(lamina_plan_create(layers, 3, &uniform, 1, 7, &plan, &error), &error);
  lamina_codec *codec;
  lamina_codec_options options = {.rank = 2, .threads = 1};
  check(lamina_codec_create(plan, &options, &codec, &error), &error);

  uint8_t bytes[1024];
  const uint8_t *frame;
  size_t plan_size, size;
  check(lamina_plan_encode(plan, bytes, sizeof bytes, &plan_size, &error), &error);
  check(lamina_codec_encode(codec, values, COUNT, 5, &frame, &size, NULL, &error), &error);
  const uint8_t header[] = {'L', 'A', 'M', 'F', 1, 0, 0, 0, (uint8_t)plan_size, (uint8_t)(plan_size >> 8), 0, 0};
  require(fwrite(header, 1, sizeof header, stdout) == sizeof header);
  require(fwrite(bytes, 1, plan_size, stdout) == plan_size && fwrite(frame, 1, size, stdout) == size);
  lamina_codec_destroy(codec);
  lamina_plan_destroy(plan);
  return fclose(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
