#include "CTorchShims.h"
