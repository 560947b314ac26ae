// A target of C needs a source file; the header is all that is here.
#include "lamina.h"
