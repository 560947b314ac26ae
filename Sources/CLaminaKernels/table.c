#include "dither.h"
#include "portable.h"

static const laminak_table portable = {
  .round = laminak_portable_round,
  .accumulate = laminak_portable_accumulate,
  .pack = laminak_portable_pack,
  .unpack = laminak_portable_unpack,
  .tally = laminak_portable_tally,
  .add = laminak_portable_add,
  .scale = laminak_portable_scale,
  .dither = laminak_portable_dither,
  .undither = laminak_portable_undither,
};

const laminak_table *laminak_table_of(laminak_tier tier) {
  switch (tier) {
    case LAMINAK_PORTABLE: return &portable;
    default: return 0;
  }
}
