/* corpus_main.c - runs a fuzzer's entry over every file of a corpus, without libFuzzer.
 *
 * So what fuzzing has found stays a plain test with any compiler. Arguments are files and folders
 * (read all the way down); without a single input the run fails, since it would prove nothing.
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* nftw gives its visitor no context, so what is counted lives here. */
static size_t n_inputs;
static size_t n_unread;

static int run_file(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)place;
    if (kind != FTW_F) {
        return 0;
    }
    struct gy_buf bytes = {0};
    struct gy_error err;
    if (gy_file_read(path, &bytes, &err) != GY_OK) {
        fprintf(stderr, "%s\n", err.message);
        n_unread++;
    } else {
        /* A block of its own, so that a read past the end is seen. */
        uint8_t *exact = malloc(bytes.len == 0 ? 1 : bytes.len);
        if (exact == NULL) {
            abort();
        }
        for (size_t i = 0; i < bytes.len; i++) {
            exact[i] = (uint8_t)bytes.ptr[i];
        }
        LLVMFuzzerTestOneInput(exact, bytes.len);
        free(exact);
        n_inputs++;
    }
    gy_buf_release(&bytes);
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0) {
            fprintf(stderr, "could not walk the corpus \"%s\"\n", argv[i]);
            return 1;
        }
    }
    printf("%zu inputs run\n", n_inputs);
    return n_inputs == 0 || n_unread > 0;
}
