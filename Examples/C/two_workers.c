// Two workers average their gradients in few bits: what one process of each would do, in one program.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <lamina.h>

enum { WORKERS = 2, COUNT = 200000 };

static void check(lamina_status status, const lamina_error *error) {
  if (status == LAMINA_OK) return;
  fprintf(stderr, "lamina: status %d: %s\n", status, error->message);
  exit(EXIT_FAILURE);
}

// A sum of a few uniform draws: nearly normal, the same on every machine.
static float draw(uint64_t *state) {
  float sum = 0;
  for (int i = 0; i < 4; ++i) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    sum += (float)(*state >> 40) / (1 << 24) - 0.5f;
  }
  return sum;
}

int main(void) {
  if (lamina_abi_version() != LAMINA_ABI_VERSION) {
    fprintf(stderr, "the library has another version than the header\n");
    return EXIT_FAILURE;
  }
  lamina_error error;

  // The layers of a model by name; the standard rules know their types. Biases travel exactly.
  lamina_layer layers[] = {
      {"embedding.weight", NULL, 120000}, {"encoder.linear.weight", NULL, 79000}, {"encoder.linear.bias", NULL, 1000}};
  lamina_quantizer dithered = {.kind = LAMINA_DITHERED, .scope = LAMINA_LAYER, .step = lamina_dithered_step(3)};
  lamina_plan *plan;
  check(lamina_plan_create(layers, 3, &dithered, 1, 7, &plan, &error), &error);

  float *gradients[WORKERS], *mean = calloc(COUNT, sizeof *mean);
  uint64_t seed = 1;
  for (int worker = 0; worker < WORKERS; ++worker) {
    gradients[worker] = malloc(COUNT * sizeof *gradients[worker]);
    for (int i = 0; i < COUNT; ++i) gradients[worker][i] = draw(&seed);
  }

  // Every worker makes its frame, sends it to all, and adds up all frames in rank order.
  size_t sent = 0;
  for (uint32_t worker = 0; worker < WORKERS; ++worker) {
    lamina_codec_options options = {.rank = worker, .threads = 1};
    lamina_codec *codec;
    check(lamina_codec_create(plan, &options, &codec, &error), &error);
    const uint8_t *frame;
    size_t size;
    lamina_outcome outcome;
    check(lamina_codec_encode(codec, gradients[worker], COUNT, 0, &frame, &size, &outcome, &error), &error);
    check(lamina_codec_accumulate(codec, frame, size, 0, worker, mean, COUNT, &error), &error);
    printf("worker %u: %.2f bits a coordinate, error %.4f of the norm squared\n", worker, 8.0 * (double)size / COUNT,
           outcome.squared_error / outcome.squared_norm);
    sent += size;

    // A frame of another step is refused.
    lamina_status status = lamina_codec_accumulate(codec, frame, size, 1, worker, mean, COUNT, &error);
    if (status != LAMINA_MISMATCH) return EXIT_FAILURE;
    if (worker == 0) printf("refused: %s\n", error.message);
    lamina_codec_destroy(codec);
  }

  double wrong = 0, norm = 0;
  for (int i = 0; i < COUNT; ++i) {
    double exact = ((double)gradients[0][i] + gradients[1][i]) / WORKERS;
    wrong += pow(mean[i] / WORKERS - exact, 2);
    norm += exact * exact;
  }
  printf("the mean: %.1f times fewer bytes than binary32, error %.4f of the norm squared\n",
         4.0 * COUNT * WORKERS / (double)sent, wrong / norm);
  lamina_plan_destroy(plan);
  for (int worker = 0; worker < WORKERS; ++worker) free(gradients[worker]);
  free(mean);
  return wrong / norm < 0.05 ? EXIT_SUCCESS : EXIT_FAILURE;
}
